"""Waits for people: whoever wakes it, it asks the injector what they have said."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.messages import Approved, TellPeople
    from activities.people import PeopleActivities
    from gameday.domain.progress import Approval, Phase
    from gameday.domain.waiting import Waiting, waiting_drill
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.course import Course
    from workflows.patience import BEAT_WITHIN, FINISHING, TWICE

APPROVAL_WAIT = timedelta(hours=1)
_ASKS_INJECTOR = "the injector is asked who has approved"  # since then; older runs replay without


class Approving:
    """The approval of one drill's plan."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._request = course.request
        self._asks = False  # whether this run asks the injector, which older ones did not
        self._told: Approval | None = None
        self._woken = self._looked = 0
        self._seen = Approved()
        self._ends_at = workflow.now() + APPROVAL_WAIT  # until it is known when the wait began

    @property
    def waiting(self) -> Waiting | None:
        """What people are asked; None while nobody is."""
        if self._course.phase is not Phase.APPROVE:
            return None
        return waiting_drill(self._request, self._ends_at)

    def require_fitting(self, approval: Approval) -> None:
        """Raise ApplicationError for word of something else than this run waits for."""
        if self._course.phase is not Phase.APPROVE:
            raise ApplicationError(
                f"the run is not waiting for an approval (phase {self._course.phase})"
            )
        if approval.plan_digest != self._request.plan.digest:
            raise ApplicationError("the approval is for another plan")

    async def wake(self, approval: Approval) -> str:
        """Look at the injector; what it has, in one sentence. What is said here opens nothing."""
        self._told = approval
        self._woken += 1
        mine = self._woken
        if not self._asks:
            return f"approved by {approval.by}"
        await workflow.wait_condition(
            lambda: self._looked >= mine or self._course.phase is not Phase.APPROVE
        )
        return self._seen.sentence

    async def wait(self) -> None:
        """Until the plan is approved. Raises EndedEarlyError when it is not, or must stop."""
        if not self._request.drill.require_approval:
            return
        self._asks = workflow.patched(_ASKS_INJECTOR)
        await self._course.enter(Phase.APPROVE)
        if self._asks:
            await self._wait_for_injector()
        else:
            await self._wait_for_word()

    async def _wait_for_injector(self) -> None:
        course, self._ends_at = self._course, workflow.now() + APPROVAL_WAIT
        await self._tell()
        while True:
            seen = self._woken
            self._seen = await self._look()
            self._looked = seen
            if self._seen.denied_by:
                course.refuse(f"{self._seen.denied_by} said no to this plan")
            if not self._seen.wanting:
                break
            left = self._ends_at - workflow.now()
            if left <= timedelta():
                course.refuse(f"within an hour {self._seen.wanting}")
            await self._wait_to_be_woken(seen, left)
        by = ", ".join(self._seen.people) + self._seen.how
        course.note("approved", by=by, plan_digest=self._request.plan.digest)
        course.update(approved_by=by)

    async def _tell(self) -> None:
        """Tell the target's channels, if any. Whoever is not told can say yes all the same."""
        target = self._request.target
        if not target.channels:
            return
        try:
            untold = await self._course.unless_stopped(
                workflow.start_activity_method(
                    PeopleActivities.tell_people,
                    TellPeople(
                        target=target,
                        target_file=self._request.target_file,
                        run_id=self._request.run_id,
                        environment=self._request.environment,
                        waiting=self.waiting,
                    ),
                    task_queue=QUEUE_CLOSE,
                    start_to_close_timeout=timedelta(seconds=120),
                    heartbeat_timeout=BEAT_WITHIN,
                    retry_policy=TWICE,
                )
            )
        except ActivityError as error:
            untold = (str(error.cause or error),)
        for why in untold:
            self._course.note("untold", why=why)

    async def _wait_to_be_woken(self, seen: int, left: timedelta) -> None:
        """Also until the time is over: then it looks a last time, as word may have been lost."""
        try:
            await workflow.wait_condition(
                lambda: self._woken > seen or self._course.is_to_stop(), timeout=left
            )
        except TimeoutError:
            return
        self._course.leave_if_stopped()

    async def _look(self) -> Approved:
        return await self._course.unless_stopped(
            workflow.start_activity_method(
                PeopleActivities.approved,
                self._request,
                task_queue=QUEUE_CLOSE,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=BEAT_WITHIN,
                retry_policy=FINISHING,
            )
        )

    async def _wait_for_word(self) -> None:
        """As runs waited that began before the injector was asked."""
        course = self._course
        try:
            await workflow.wait_condition(
                lambda: self._told is not None or course.is_to_stop(), timeout=APPROVAL_WAIT
            )
        except TimeoutError:
            course.refuse("nobody approved this plan within an hour")
        course.leave_if_stopped()
        assert self._told is not None
        course.note("approved", by=self._told.by, plan_digest=self._told.plan_digest)
        course.update(approved_by=self._told.by)
