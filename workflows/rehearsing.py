"""A runbook as a drill's response: its questions go to the drill's samples, its steps under leases.

While it asks, waits for people or does something beside the components, the drill's guards watch on
and its load is kept going: the fault is there all the time.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.messages import PlanReverts
    from activities.runbook import RunbookActivities
    from gameday.domain.act import ActOrder, ActOutlook
    from gameday.domain.lease import FaultRecord
    from gameday.domain.progress import Phase
    from gameday.domain.runbook import Do
    from gameday.domain.runbook_record import Played, Undone
    from gameday.domain.runbook_request import RunbookRequest
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.changing import Changing
    from workflows.course import Course, EndedEarlyError
    from workflows.hands import Acted, Hands
    from workflows.observing import Observing
    from workflows.patience import BEAT_WITHIN, FINISHING
    from workflows.people import People
    from workflows.playing import Playing

Answer = TypeVar("Answer")
_LONG_S = 86_400.0
_TOLD = ("to", "seen_as", "failed", "unverified", "called_at", "answered_at")


class DrillHands(Hands):
    """Through the injector's leases: what a step has changed is put back after the fault."""

    def __init__(
        self, request: RunbookRequest, course: Course, changing: Changing, observing: Observing
    ) -> None:
        super().__init__(request)
        self._course = course
        self._changing = changing
        self._observing = observing
        self._done: tuple[str, ...] = ()  # components that were put back

    def of_drill(self, floor: datetime) -> PlanReverts:
        course = self._course
        assert course.record.inject is not None
        return PlanReverts(
            request=course.request,
            since=course.load_started_at,
            until=course.record.inject.requested_at,
            floor=floor,
            done=self._done,
        )

    async def unless_stopped(self, handle: "asyncio.Task[Answer]") -> Answer:
        try:
            await self._guarded(handle.done, _LONG_S)
        except BaseException:
            handle.cancel()
            raise
        return await handle

    async def wait(self, met: Callable[[], bool], seconds: float) -> bool:
        return await self._guarded(met, seconds)

    async def outlook(self, item: Do, order: ActOrder) -> ActOutlook:
        """Who must approve. Whether it would be refused is told by the lease that is asked for."""
        if not order.proposal.approvals:
            return ActOutlook()
        found = await super().outlook(item, order)
        return found.model_copy(update={"refusal": ""})

    def act_id(self, item: Do, number: int) -> str:  # noqa: ARG002 - the drill's step has one
        return self._changing.step_id(self._place(item))

    async def act(self, item: Do, order: ActOrder, act_id: str) -> Acted:  # noqa: ARG002 - as above
        proposal = order.proposal if order.proposal.approvals else None
        armed = await self._changing.call(self._place(item), proposal)
        if armed.record is None:
            return Acted(refused=armed.refused)
        acted = _acted(armed.record, workflow.now())
        if not acted.problem:
            self._done = (*self._done, order.step.on)
            await self._observing.watch(Phase.RESPONDED, floor=workflow.now())
            await self._course.enter(Phase.RESPOND)
        return acted

    async def undo(self, played: Played) -> Undone:
        asked_at = workflow.now()
        failed = await self._changing.take_back(played.act)
        self._done = tuple(one for one in self._done if one != played.on)
        return Undone(
            item=played.item,
            act=played.act,
            on=played.on,
            asked_at=asked_at,
            verified_at=None if failed else workflow.now(),
            failed=failed,
        )

    def _place(self, item: Do) -> int:
        """Among the drill's steps, which are those of the play in its order."""
        steps = [name for name, sort in self.request.sorts.items() if sort == "step"]
        return steps.index(item.name)

    async def _guarded(self, met: Callable[[], bool], seconds: float) -> bool:
        """Wait for it, while the guards watch. Raises EndedEarlyError."""
        guards = self._observing.start_guarding(seconds)
        try:
            waiting = asyncio.create_task(_until(lambda: met() or guards.done(), seconds))
            await self._course.unless_stopped(waiting)
            if guards.done():
                self._observing.leave_if_met(await guards)
        finally:
            guards.cancel()
        return met()


async def _until(met: Callable[[], bool], seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await workflow.wait_condition(met, timeout=timedelta(seconds=max(0.0, seconds)))


def _acted(record: FaultRecord, at: datetime) -> Acted:
    told = record.evidence
    before, now = told.get("version_at_arm") or {}, told.get("version_while") or {}
    return Acted(
        called_at=told.get("called_at"),
        verified_at=told.get("answered_at"),
        before=str(before.get("digest", "")),
        after=str(now.get("digest", "")),
        evidence={name: told[name] for name in _TOLD if name in told},
        problem=str(told.get("failed") or told.get("unverified") or ""),
        at=at,
    )


class Rehearsing:
    """Plays the drill's runbook, from the moment when it is called for."""

    def __init__(
        self, response: RunbookRequest, course: Course, changing: Changing, observing: Observing
    ) -> None:
        self._course = course
        hands = DrillHands(response, course, changing, observing)
        self._playing = Playing(response, hands, self._remember, self._note)

    @property
    def people(self) -> People:
        return self._playing.people

    async def run(self) -> None:
        course = self._course
        assert course.record.inject is not None
        await course.enter(Phase.RESPOND)
        try:
            await self._playing.play(since=course.record.inject.confirmed_at)
        except EndedEarlyError:
            self._playing.cut_short("the drill ended before the runbook did")
            await self._remember()
            raise
        if course.record.respond is None:
            course.note("not_responded", reason=f"the runbook changed nothing: {self._sentence}")

    @property
    def _sentence(self) -> str:
        return self._playing.record.sentence

    def _note(self, what: str, **facts: Any) -> None:
        self._course.note(f"runbook_{what}", **facts)

    async def _remember(self) -> None:
        await workflow.execute_activity_method(
            RunbookActivities.remember_runbook,
            self._playing.record,
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=10),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )
