"""A response that goes by plans: one change is put back, then the answers are looked at anew."""

from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.messages import PlanReverts
    from activities.plan_reverts import RevertPlanActivities
    from gameday.domain.progress import Phase
    from workflows.changing import Changing
    from workflows.course import Course
    from workflows.observing import Observing
    from workflows.patience import BEAT_WITHIN, ONCE, TAKEN_WITHIN


class Reverting:
    """Ends when a plan has nothing more to put back."""

    def __init__(self, course: Course, changing: Changing, observing: Observing) -> None:
        self._course = course
        self._changing = changing
        self._observing = observing
        self._done: tuple[str, ...] = ()

    async def run(self) -> None:
        assert self._course.record.inject is not None
        floor = self._course.record.inject.confirmed_at
        while (place := await self._next(floor)) is not None:
            await self._changing.respond(only=place)
            floor = workflow.now()
            await self._observing.watch(Phase.RESPONDED, floor=floor)
        if not self._done:
            self._course.note("not_responded", reason="the plan puts nothing back")

    async def _next(self, floor: datetime) -> int | None:
        """The place of the drill's step that the plan begins with; None where it has none."""
        course = self._course
        assert course.record.inject is not None
        plan = await course.unless_stopped(
            workflow.start_activity_method(
                RevertPlanActivities.plan_reverts,
                PlanReverts(
                    request=course.request,
                    since=course.load_started_at,
                    until=course.record.inject.requested_at,
                    floor=floor,
                    done=self._done,
                ),
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=30),
                heartbeat_timeout=BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )
        course.update(plans=(*course.record.plans, plan))
        course.note("planned", put_back=list(plan.order))
        if not plan.order:
            return None
        on = f"component/{plan.order[0]}"
        self._done = (*self._done, on)
        return [step.on for step in course.request.drill.respond].index(on)
