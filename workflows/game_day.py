"""A game day: its drills one after the other, and the people who confirm, approve and answer.

    open -> confirm -> for each drill: [approve ->] [page ->] drill -> keep      -> close

Each drill is a workflow of its own, with its own guardian: whatever becomes of the day, what a
drill has broken is put back as in any other run. A day that is cancelled or terminated cancels its
drill. What the day knows is written after each step, for whoever looks when it is gone.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.game_day import (
        DayOpened,
        GameDayActivities,
        KeepDay,
        OpenDay,
        TellDay,
        TellKind,
    )
    from gameday.domain.game_day import (
        DayApproval,
        DayProgress,
        DrillOutcome,
        GameDayRequest,
        GameDayResult,
        Gate,
        Mark,
        PeopleTimes,
        PersonsMoment,
        day_id_of,
        day_verdict,
        opened_day,
    )
    from gameday.domain.record import RunRequest, memo_of
    from gameday.domain.result import Result
    from gameday.domain.schedule import Asked
    from gameday.domain.verdict import Verdict
    from gameday.supervisor.queues import QUEUE_DRILL
    from workflows.drill import DrillWorkflow
    from workflows.patience import CALM_BEAT_WITHIN, DECIDED_WITHIN, FINISHING, TWICE, drill_within

_SCHEDULED_AT = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
_KEPT_WITHIN = timedelta(seconds=60)
_CALM: dict[str, Any] = {
    "start_to_close_timeout": _KEPT_WITHIN,
    "heartbeat_timeout": CALM_BEAT_WITHIN,
    "retry_policy": FINISHING,
}


class _EndedError(Exception):
    """The day goes no further; why is in `_stopped`."""


@workflow.defn(name="game_day", failure_exception_types=[Exception])
class GameDayWorkflow:
    """One game day."""

    @workflow.init
    def __init__(self, request: GameDayRequest) -> None:
        self._request = request
        self._id = day_id_of(workflow.info().workflow_id)
        self._day = opened_day(request, self._id, workflow.now())
        self._gate: Gate | None = None
        self._said: DayApproval | None = None
        self._position: int | None = None  # of the drill that began last
        self._moments: tuple[PersonsMoment, ...] = ()  # of that drill
        self._drill: workflow.ChildWorkflowHandle[DrillWorkflow, Result] | None = None
        self._stopped = ""
        self._aborted = self._cancelled = False
        self._keeping = asyncio.Lock()  # so that what was kept last is the newest

    # What people may ask and say

    @workflow.query
    def progress(self) -> DayProgress:
        return DayProgress(day=self._day, waits_for=self._gate, injector=self._request.injector)

    @workflow.update
    def approve(self, approval: DayApproval) -> str:
        self._said = approval
        return f"{approval.by} said yes to: {self._gate.about if self._gate else ''}"

    @approve.validator
    def _approval_fits(self, approval: DayApproval) -> None:
        if self._gate is None or self._said is not None:
            raise ApplicationError("the game day waits for nobody's yes")
        if approval.digest != self._day.digest:
            raise ApplicationError("the approval is for another game day")
        if approval.by not in self._gate.by:
            raise ApplicationError(f"{approval.by} is none of {', '.join(self._gate.by)}")

    @workflow.update
    async def mark(self, mark: Mark) -> str:
        """A person's moment, of the drill that began last."""
        assert self._position is not None
        drill = self._day.drills[self._position].drill
        self._remember(PersonsMoment(at=workflow.now(), **dict(mark)))
        await self._keep()
        return f"{mark.by} {mark.what} at {workflow.now():%H:%M:%S} UTC, in {drill}"

    @mark.validator
    def _mark_fits(self, mark: Mark) -> None:  # noqa: ARG002 - the SDK's contract
        if self._position is None:
            raise ApplicationError("no drill of this game day has begun")
        if self._day.verdict is not None:
            raise ApplicationError("this game day has ended")

    @workflow.signal
    async def abort(self, by: str) -> None:
        """Begin no more drills, and abort the one that goes on."""
        self._aborted = True
        self._stop(f"{by} aborted the game day")
        if self._drill is not None:
            await self._drill.signal(DrillWorkflow.abort, by)

    # The way through the day

    @workflow.run
    async def run(self, request: GameDayRequest) -> GameDayResult:  # noqa: ARG002 - `init` has it
        opened = await self._open()
        if opened.refused:
            return self._closed(opened.refused)
        try:
            await self._confirm()
            for position in range(len(self._request.drills)):
                await self._run_drill(position)
        except _EndedError:
            pass
        except (asyncio.CancelledError, ActivityError) as error:
            self._lost_or_cancelled(error)
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._day = self._closed(self._stopped)
        await self._keep()
        return self._ended()

    async def _open(self) -> DayOpened:
        info = workflow.info()
        asked = Asked(
            day_id=self._id,
            scheduled_at=info.typed_search_attributes.get(_SCHEDULED_AT),
            started_at=info.start_time,
            at=workflow.now(),
        )
        opened: DayOpened = await workflow.execute_activity_method(
            GameDayActivities.open_day, OpenDay(request=self._request, asked=asked), **_CALM
        )
        self._update(slot_at=opened.slot_at, notes=opened.notes)
        if not opened.refused:
            await self._keep()
        return opened

    async def _confirm(self) -> None:
        day = self._request.game_day
        if not day.preconditions:
            return
        by = await self._wait_for(Gate(about="the preconditions hold", by=(day.people.leads,)))
        self._update(confirmed_by=by)

    async def _run_drill(self, position: int) -> None:
        day, begun_by = self._request.game_day, self._day.confirmed_by
        run = self._request.run_request(self._id, position, begun_by)
        entry = day.drills[position]
        if entry.approval:
            about = f"the drill {run.drill.drill} begins"
            by = await self._wait_for(Gate(about=about, by=day.people.approves, position=position))
            self._outcome(position, approved_by=by)
        self._leave_if_stopped()
        self._position, self._moments = position, ()
        self._outcome(position, run_id=run.run_id, started_at=workflow.now())
        await self._keep()
        if entry.pages:
            await self._page(position)
        outcome = await self._drilled(position, run)
        self._set(position, outcome.model_copy(update={"people": PeopleTimes.of(self._moments)}))
        await self._keep()
        if outcome.verdict is not None and day.stops_on(outcome.verdict):
            self._stop(f"{run.drill.drill} {outcome.verdict}, and the day stops on that")
        self._leave_if_stopped(last=position == len(self._request.drills) - 1)

    async def _drilled(self, position: int, run: RunRequest) -> DrillOutcome:
        """Run it to its end, whatever ends it."""
        outcome = self._day.drills[position]
        refused = await workflow.execute_activity_method(
            GameDayActivities.begin_drill, run, **_CALM
        )
        if refused:
            return outcome.model_copy(update={"verdict": Verdict.REFUSED, "sentence": refused})
        try:
            return outcome.ended(await self._child(run))
        except WorkflowAlreadyStartedError:
            sentence = f"there is, or was, a run {run.run_id}"
            return outcome.model_copy(update={"verdict": Verdict.REFUSED, "sentence": sentence})
        except (ChildWorkflowError, asyncio.CancelledError) as error:
            self._lost_or_cancelled(error)
        finally:
            self._drill = None
        return await self._left_by(outcome, run)

    async def _child(self, run: RunRequest) -> Result:
        self._drill = await workflow.start_child_workflow(
            DrillWorkflow.run,
            run,
            id=f"drill-{run.run_id}",
            task_queue=QUEUE_DRILL,
            memo=memo_of(run),
            task_timeout=DECIDED_WITHIN,
            execution_timeout=drill_within(run.plan),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
        if self._stopped:  # the abort came before there was anything to abort
            await self._drill.signal(DrillWorkflow.abort, self._stopped)
        return await self._drill

    async def _left_by(self, outcome: DrillOutcome, run: RunRequest) -> DrillOutcome:
        """What its guardian closed it with. Where there is nothing, nobody knows what is left."""
        try:
            result = await workflow.execute_activity_method(
                GameDayActivities.find_result, run, **_CALM
            )
        except ActivityError as error:
            sentence = f"its workflow is gone and nobody closed it: {error.cause}"
            return outcome.model_copy(
                update={
                    "verdict": Verdict.DIRTY, "sentence": sentence, "ended_at": workflow.now(),
                }
            )  # fmt: skip
        return outcome.ended(result)

    async def _page(self, position: int) -> None:
        at, people = workflow.now(), self._request.game_day.people.paged
        drill, target = self._day.drills[position].drill, self._day.target
        where = f"{target}/{self._day.environment}"
        why = await self._tell(
            "page",
            f"page {position + 1}",
            people,
            f"{', '.join(people)}: the drill {drill} begins on {where}. This is a rehearsal",
            f"gameday game-day mark {self._id} acknowledged --as {people[0]}",
        )
        if why:
            self._update(notes=(*self._day.notes, f"nobody was paged for {drill}: {why}"))
            return
        for person in people:
            self._remember(PersonsMoment(what="paged", at=at, by=person))

    async def _tell(
        self, kind: TellKind, about: str, people: tuple[str, ...], sentence: str, next_step: str
    ) -> str:
        """Why nobody was told; '' where somebody was. Whether they hear it changes no verdict."""
        if not self._request.target.channels:
            return f"{self._day.target} has no `notify:` to tell anybody by"
        try:
            why: str = await workflow.execute_activity_method(
                GameDayActivities.tell_day,
                TellDay(
                    request=self._request,
                    day_id=self._id,
                    kind=kind,
                    about=about,
                    people=people,
                    sentence=sentence,
                    next_step=next_step,
                ),
                start_to_close_timeout=_KEPT_WITHIN,
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=TWICE,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return "telling them was lost"
        return why

    async def _wait_for(self, gate: Gate) -> str:
        """Who said yes. Raises _EndedError when nobody does in time, or the day is stopped."""
        self._ask(gate)
        await self._tell(
            "waits",
            f"gate {gate.about}",
            gate.by,
            f"{' or '.join(gate.by)}: game day {self._id} waits for your word that {gate.about}",
            f"gameday game-day approve {self._id} --as {gate.by[0]}",
        )
        within = self._request.game_day.approval_within
        try:
            await workflow.wait_condition(
                lambda: self._said is not None or self._is_to_stop(),
                timeout=timedelta(seconds=within),
            )
        except TimeoutError:
            self._stop(f"none of {', '.join(gate.by)} said within {within:g} s that {gate.about}")
        finally:
            self._gate = None
        self._leave_if_stopped()
        assert self._said is not None
        return self._said.by

    def _ask(self, gate: Gate) -> None:
        self._gate, self._said = gate, None

    # Whether it goes on

    def _is_to_stop(self) -> bool:
        return bool(self._stopped) or workflow.cancellation_reason() is not None

    def _leave_if_stopped(self, *, last: bool = False) -> None:
        if workflow.cancellation_reason() is not None:
            self._cancelled = True
            self._stop("cancelled through Temporal")
        if self._stopped and not last:
            raise _EndedError

    def _stop(self, why: str) -> None:
        self._stopped = self._stopped or why

    def _lost_or_cancelled(self, error: BaseException) -> None:
        if is_cancelled_exception(error) and workflow.cancellation_reason() is not None:
            self._cancelled = True
            self._stop("cancelled through Temporal")
        elif isinstance(error, ActivityError):
            self._stop(f"a part of the game day was lost: {error.cause or error}")

    def _closed(self, stopped: str) -> GameDayResult:
        verdict, reason = day_verdict(
            self._day.drills, stopped, aborted=self._aborted or self._cancelled
        )
        return self._day.model_copy(
            update={"verdict": verdict, "reason": reason, "ended_at": workflow.now()}
        )

    def _ended(self) -> GameDayResult:
        """The answer. A dirty day of a schedule fails, which pauses the schedule."""
        if self._cancelled:
            raise asyncio.CancelledError
        dirty = self._day.verdict is Verdict.DIRTY
        if dirty and workflow.info().typed_search_attributes.get(_SCHEDULED_AT) is not None:
            raise ApplicationError(
                f"something is possibly left broken: {self._day.reason}", type="Dirty"
            )
        return self._day

    # What is remembered

    async def _keep(self) -> None:
        workflow.upsert_memo({"phase": self._phase()})
        async with self._keeping:
            await workflow.execute_activity_method(
                GameDayActivities.keep_day,
                KeepDay(folder=self._request.folder(self._id), day=self._day),
                **_CALM,
            )

    def _phase(self) -> str:
        if self._day.verdict is not None:
            return "closed"
        total = len(self._day.drills)
        return "begins" if self._position is None else f"drill {self._position + 1} of {total}"

    def _remember(self, moment: PersonsMoment) -> None:
        assert self._position is not None
        self._moments = (*self._moments, moment)
        self._outcome(self._position, people=PeopleTimes.of(self._moments))

    def _outcome(self, position: int, **changes: Any) -> None:
        self._set(position, self._day.drills[position].model_copy(update=changes))

    def _set(self, position: int, outcome: DrillOutcome) -> None:
        drills = list(self._day.drills)
        drills[position] = outcome
        self._update(drills=tuple(drills))

    def _update(self, **changes: Any) -> None:
        self._day = self._day.model_copy(update=changes)
