"""All that changes the world: injecting, responding, holding what was changed, putting it back."""

from datetime import timedelta

from temporalio import workflow
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.hold import HoldActivities
    from activities.inject import InjectActivities
    from activities.messages import Arm, Armed, Clear, Hold, HoldEnded
    from activities.respond import RespondActivities
    from activities.restore import RestoreActivities
    from gameday.domain.lease import ClearedBy, Injection
    from gameday.domain.progress import Phase
    from gameday.domain.proposal import Proposal
    from gameday.domain.record import Moment, fault_ids, injections, step_ids, steps_asked
    from gameday.supervisor.queues import QUEUE_CLOSE, QUEUE_HOLD
    from workflows.course import Course, EndedEarlyError
    from workflows.patience import BEAT_WITHIN, ONCE, RESTORING, TAKEN_WITHIN


QUICKLY = timedelta(seconds=10)
SLOWLY = timedelta(seconds=60)


class Changing:
    """Every change goes through the injector, under an id that is chosen here."""

    def __init__(self, course: Course) -> None:
        self._course = course
        # Set before anything is scheduled: a change that was lost may still have taken effect.
        self.touched = False
        self._taken_back: tuple[str, ...] = ()  # steps that are put back while the fault is there

    @property
    def _asks_operators(self) -> bool:
        """Whether an operator's own mechanism takes part, which may be slow."""
        return bool(self._course.request.drill.changed_components)

    @property
    def ids(self) -> tuple[str, ...]:
        """Of steps and faults. They are put back newest first: the faults, and then the steps."""
        return (*step_ids(self._course.request), *fault_ids(self._course.request))

    async def inject(self) -> None:
        """Break what the drill breaks. The caller has told the guardian."""
        course = self._course
        self.touched = True
        asked = zip(fault_ids(course.request), injections(course.request), strict=True)
        for fault_id, injection in asked:
            armed = await course.unless_stopped(
                workflow.start_activity_method(
                    InjectActivities.inject,
                    self._arm(fault_id, injection),
                    schedule_to_start_timeout=TAKEN_WITHIN,
                    start_to_close_timeout=SLOWLY if self._asks_operators else QUICKLY,
                    heartbeat_timeout=BEAT_WITHIN,
                    retry_policy=ONCE,
                )
            )
            if armed.refused:
                course.refuse(armed.refused)
            course.update(inject=_joined(course.record.inject, armed.moment))
            self._note_armed("armed", armed)
        course.hold = self._start_hold(fault_ids(course.request))

    async def respond(self, *, only: int | None = None) -> None:
        """Let the operator's own mechanism answer, while the fault is still there.

        only: the place of the one step that is called; all of them, in their order, unless said.
        """
        course = self._course
        self.touched = True
        course.update(decided_at=course.record.decided_at or workflow.now())
        await course.enter(Phase.RESPOND)
        asked = list(zip(step_ids(course.request), steps_asked(course.request), strict=True))
        for step_id, injection in asked if only is None else [asked[only]]:
            armed = await self._respond_by(step_id, injection)
            if armed.refused:
                course.update(invalid=f"the response could not be called: {armed.refused}")
                raise EndedEarlyError
        self._hold_all()

    async def call(self, place: int, proposal: Proposal | None) -> Armed:
        """One step of a play, which says itself what follows a refusal.

        proposal: what people have approved, where the runbook wants that.
        """
        course = self._course
        self.touched = True
        course.update(decided_at=course.record.decided_at or workflow.now())
        injection = steps_asked(course.request)[place].model_copy(update={"proposal": proposal})
        armed = await self._respond_by(self.step_id(place), injection)
        if not armed.refused:
            self._hold_all()
        return armed

    def step_id(self, place: int) -> str:
        return step_ids(self._course.request)[place]

    async def take_back(self, step_id: str) -> str:
        """Put back what one step has changed, in the midst of a play; why it was not, or ''."""
        course = self._course
        self._taken_back = (*self._taken_back, step_id)
        self._hold_all()  # else the hold would take its end for the fault's
        cleared = await workflow.execute_activity_method(
            RestoreActivities.restore,
            Clear(injector=course.injector, fault_ids=(step_id,), by=ClearedBy.RESPONSE),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=SLOWLY,
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=RESTORING,
        )
        course.note("taken_back", step=step_id, problem=cleared.dirty)
        return cleared.dirty

    async def _respond_by(self, step_id: str, injection: Injection) -> Armed:
        """Ask for one step; what was called is remembered, and what was refused is noted."""
        course = self._course
        armed = await course.unless_stopped(
            workflow.start_activity_method(
                RespondActivities.respond,
                self._arm(step_id, injection),
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=course.request.plan.lease_s + 60),
                heartbeat_timeout=BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )
        if armed.refused:
            course.note("step_refused", step=step_id, reason=armed.refused)
            return armed
        course.update(respond=_joined(course.record.respond, armed.moment))
        assert armed.record is not None
        course.update(steps=(*course.record.steps, armed.record))
        self._note_armed("responded", armed)
        return armed

    def _arm(self, id_: str, injection: Injection) -> Arm:
        course = self._course
        return Arm(
            fault_id=id_,
            injector=course.injector,
            injection=injection,
            marker=course.request.target.front_door.marker,
        )

    def _note_armed(self, what: str, armed: Armed) -> None:
        assert armed.record is not None
        record = armed.record
        self._course.note(what, fault=record.id, kind=record.kind, on=record.on)

    def _hold_all(self) -> None:
        """Renew faults and steps together from now on, so that their leases end together."""
        if self._course.hold is not None:
            self._course.hold.cancel()
        called = [step.id for step in self._course.record.steps]
        held = [step_id for step_id in called if step_id not in self._taken_back]
        self._course.hold = self._start_hold((*fault_ids(self._course.request), *held))

    def _start_hold(self, ids: tuple[str, ...]) -> workflow.ActivityHandle[HoldEnded]:
        """Renew every fifth of the lease, on another queue and process than the load's."""
        plan = self._course.request.plan
        return workflow.start_activity_method(
            HoldActivities.hold,
            Hold(
                injector=self._course.injector,
                fault_ids=ids,
                workflow_id=workflow.info().workflow_id,
                every_s=plan.lease_s / 5,
            ),
            task_queue=QUEUE_HOLD,
            schedule_to_start_timeout=TAKEN_WITHIN,
            start_to_close_timeout=timedelta(seconds=plan.seconds_max + 60),
            heartbeat_timeout=timedelta(seconds=max(3.5, plan.lease_s / 3)),
            retry_policy=ONCE,
            cancellation_type=ActivityCancellationType.TRY_CANCEL,
        )

    async def restore(self) -> None:
        """Put everything back, as often as it takes."""
        course = self._course
        if not self.touched:
            return
        course.move_to(Phase.RESTORE)  # kept on disk only afterwards: nothing comes before this
        if course.hold is not None:
            course.hold.cancel()
        cleared = await workflow.execute_activity_method(
            RestoreActivities.restore,
            Clear(injector=course.injector, fault_ids=self.ids, by=ClearedBy.RESTORE),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=SLOWLY if self._asks_operators else QUICKLY,
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=RESTORING,
        )
        course.update(
            restore=cleared.moment,
            faults=tuple(record for record in cleared.records if not record.step),
            steps=tuple(record for record in cleared.records if record.step),
            dirty=cleared.dirty,
        )
        for record in cleared.records:
            course.note("restored", fault=record.id, by=record.cleared_by)
        await course.remember()


def _joined(before: Moment | None, last: Moment) -> Moment:
    """From when the first was asked for to when the last was confirmed."""
    first = before or last
    return Moment(requested_at=first.requested_at, confirmed_at=last.confirmed_at)
