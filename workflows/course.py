"""The course of one run: where it is, what is remembered of it, and whether it goes on.

Whatever ends a run early comes through here. A stop is a state that every wait looks at;
Temporal's own cancel is one more way to ask for it, and is answered the same way.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

with workflow.unsafe.imports_passed_through():
    from activities.messages import HoldEnded, LoadStarted
    from activities.report import ReportActivities
    from gameday.domain.environment import InjectorAddress
    from gameday.domain.progress import Phase
    from gameday.domain.record import Event, RunRecord, RunRequest
    from gameday.domain.verdict import Stop
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.crew import Crew
    from workflows.patience import BEAT_WITHIN, FINISHING

WATCHED = frozenset({Phase.BASELINE, Phase.FAULTED, Phase.PEAK, Phase.RESPONDED, Phase.RECOVERED})
# While these go on, something is changed, and leases must be renewed.
HELD = frozenset({Phase.INJECT, Phase.FAULTED, Phase.RESPOND, Phase.RESPONDED})
Answer = TypeVar("Answer")


class EndedEarlyError(Exception):
    """Something ended the windows; the record says what. Leads to restore, never past it."""


class Course:
    """What the parts of one run share."""

    def __init__(self, request: RunRequest) -> None:
        self.request = request
        self.record = RunRecord(request=request, started_at=workflow.now())
        self.phase = Phase.PLAN
        self.stop: Stop | None = None
        self.cancelled = False
        self.load: LoadStarted | None = None  # None also when its worker is gone
        self.crew: Crew | None = None  # where several workers share the load
        self.hold: workflow.ActivityHandle[HoldEnded] | None = None

    @property
    def injector(self) -> InjectorAddress:
        return self.request.target.environments[self.request.environment].injector

    @property
    def load_started_at(self) -> datetime:
        assert self.load is not None
        return self.load.started_at

    # Whether it goes on

    async def unless_stopped(self, handle: asyncio.Task[Answer]) -> Answer:
        """The activity's answer; a stop does not wait for it. Raises EndedEarlyError."""
        await workflow.wait_condition(
            lambda: handle.done() or self.is_to_stop() or self._hold_is_lost() or self._is_short()
        )
        if not handle.done():
            handle.cancel()
            self.leave_if_stopped()
            self._leave_if_short()
            await self._leave_without_lease()
        return await handle

    def is_to_stop(self) -> bool:
        """Asked for a cancel too, for one that comes together with an answer may not be raised."""
        return self.stop is not None or workflow.cancellation_reason() is not None

    def leave_if_stopped(self) -> None:
        if workflow.cancellation_reason() is not None:
            self._stop_for_cancel()
        if self.stop is not None:
            raise EndedEarlyError

    def stop_for(self, by: str, reason: str, **met: str) -> None:
        """met: the guard that was met, and the window."""
        if self.stop is None:
            self.stop = Stop(by=by, reason=reason, at=workflow.now(), **met)
            self.note("stop", by=by, reason=reason, **met)

    def refuse(self, sentence: str) -> None:
        self.update(refused=sentence)
        self.note("refused", sentence=sentence)
        raise EndedEarlyError

    def lost_or_cancelled(self, error: BaseException) -> None:
        if is_cancelled_exception(error):
            self._stop_for_cancel()
            return
        cause = getattr(error, "cause", None) or error
        self.note("lost", phase=self.phase, cause=str(cause))
        if isinstance(cause, ActivityTimeoutError) and self.phase in WATCHED:
            # Its worker is gone. Without that worker's beats the load ends by itself.
            self.load = None
        self.update(invalid=f"the {self.phase} phase was lost: {cause}")

    def _stop_for_cancel(self) -> None:
        self.cancelled = True
        self.stop_for("operator", f"cancelled through Temporal in phase {self.phase}")

    def lose(self, lost: str) -> bool:
        """Remember a lost part of the load, if one was: without it no figure is the load's."""
        if not lost:
            return False
        self.note("load_lost", phase=self.phase, cause=lost)
        self.update(invalid=self.record.invalid or f"a part of the load was lost: {lost}")
        return True

    def _is_short(self) -> bool:
        """Whether a part of the load has gone with its worker."""
        return self.crew is not None and self.crew.why_lost() != ""

    def _leave_if_short(self) -> None:
        if self.crew is not None and self.lose(self.crew.why_lost()):
            raise EndedEarlyError

    def _hold_is_lost(self) -> bool:
        return self.phase in HELD - {Phase.INJECT} and self.hold is not None and self.hold.done()

    async def _leave_without_lease(self) -> None:
        """Renewal has ended by itself: the fault is gone, or will be soon."""
        assert self.hold is not None
        try:
            ended = await self.hold
        except ActivityError as error:
            ended = HoldEnded(why=str(error.cause or error))
        self.note("hold_ended", why=ended.why)
        if ended.by_person:
            self.stop_for("operator", f"a person stopped the fault at the injector: {ended.why}")
        else:
            self.update(invalid=f"the lease was no longer renewed: {ended.why}")
        raise EndedEarlyError

    # What is remembered

    async def enter(self, phase: Phase) -> None:
        """Say where the run is: in the memo for those without a worker, in the record for all."""
        self.move_to(phase)
        await self.remember()

    def move_to(self, phase: Phase) -> None:
        self.phase = phase
        self.note("phase", phase=phase)
        workflow.upsert_memo({"phase": phase})

    async def remember(self) -> None:
        await workflow.execute_activity_method(
            ReportActivities.remember,
            self.record,
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=10),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )

    def note(self, what: str, **facts: Any) -> None:
        event = Event(
            author="workflow",
            seq=len(self.record.events),
            at=workflow.now(),
            what=what,
            facts=facts,
        )
        self.update(events=(*self.record.events, event))

    def update(self, **changes: Any) -> None:
        self.record = self.record.model_copy(update=changes)
