"""A runbook in an incident: played to its end, whatever worker dies meanwhile.

Nothing that it changes is put back by itself: a person's stop, a lost worker and a cancel leave
what is there, and the record says what that is.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.runbook import RunbookActivities
    from gameday.domain.incident import Alerted
    from gameday.domain.progress import Approval
    from gameday.domain.record import Event
    from gameday.domain.runbook_record import RunbookRecord, RunbookStart
    from gameday.domain.verdict import Stop
    from gameday.domain.waiting import Waiting
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.hands import AGAIN, LiveHands
    from workflows.patience import BEAT_WITHIN, FINISHING
    from workflows.playing import Playing


@workflow.defn(name="runbook", failure_exception_types=[Exception])
class RunbookWorkflow:
    """One run of one runbook: in earnest, or as a dry run."""

    @workflow.init
    def __init__(self, start: RunbookStart) -> None:
        self._hands = LiveHands(start)
        self._playing = Playing(start.request, self._hands, self._remember, self._note)
        self._events: tuple[Event, ...] = ()
        self._stop: Stop | None = None
        self._alerts: set[tuple[str, bool]] = set()

    # What people and other workflows may ask and say

    @workflow.query
    def progress(self) -> RunbookRecord:
        return self._record()

    @workflow.query
    def waiting(self) -> Waiting | None:
        """What people are asked for just now."""
        return self._playing.people.waiting

    @workflow.update
    def approve(self, approval: Approval) -> str:
        """Only wakes: what people have said is asked of the injector."""
        return self._playing.people.wake(approval)

    @workflow.signal(name="abort")
    def abort(self, by: str) -> None:
        """Do nothing more. What was changed stays, and is told."""
        if self._stop is None and self._playing.record.outcome is None:
            reason = f"{by} stopped the runbook"
            self._stop = Stop(by="operator", reason=reason, at=workflow.now())
            self._note("stop", by=by)
            self._hands.stop(reason)

    @workflow.update(name="abort_now")
    async def abort_now(self, by: str) -> str:
        """Like the signal, but answers once nothing more is done."""
        self.abort(by)
        await workflow.wait_condition(lambda: self._playing.record.outcome is not None)
        return self._playing.record.sentence

    @workflow.signal(name="alerted")
    def alerted(self, alert: Alerted) -> None:
        """Note what an alert tells; the same one only once."""
        told = (alert.named, alert.firing)
        if told not in self._alerts:
            self._alerts.add(told)
            self._note("alerted", alert=alert.alert, sender=alert.sender, firing=alert.firing)

    @workflow.run
    async def run(self, start: RunbookStart) -> RunbookRecord:  # noqa: ARG002 - `init` has kept it
        cancelled = False
        try:
            await self._playing.play()
        except (asyncio.CancelledError, Exception) as error:  # noqa: BLE001 - a bug must be told, too
            cancelled = is_cancelled_exception(error)
            self._playing.broke_off(error)
        record = await workflow.execute_activity_method(
            RunbookActivities.close_runbook,
            self._record(),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=120),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        if cancelled:
            raise asyncio.CancelledError
        return record

    # What is remembered

    def _record(self) -> RunbookRecord:
        told = {"events": self._events, "stop": self._stop}
        return self._playing.record.model_copy(update=told)

    def _note(self, what: str, **facts: Any) -> None:
        event = Event(
            author="workflow", seq=len(self._events), at=workflow.now(), what=what, facts=facts
        )
        self._events = (*self._events, event)

    async def _remember(self) -> None:
        record = self._record()
        last = record.played[-1].item if record.played else ""
        workflow.upsert_memo({"phase": record.outcome or last})
        await workflow.execute_activity_method(
            RunbookActivities.remember_runbook,
            record,
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=30),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=AGAIN,
        )
