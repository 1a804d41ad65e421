"""Errand: what a runbook has done beside the components: told, asked, drills started or stopped."""

from datetime import timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.fresh_answers import FreshAnswers
from activities.messages import TellPeople
from activities.people import tell_all
from gameday.catalog.kinds import errands
from gameday.domain.errand import Done
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.record import RunRequest, memo_of
from gameday.domain.runbook import DeedSpec
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.value import Value
from gameday.store.references import References
from gameday.store.run_folder import RunFolder
from gameday.supervisor.queues import QUEUE_DRILL

_DRILLS = "WorkflowType = 'drill' AND ExecutionStatus = 'Running'"
_LONGEST = timedelta(hours=24)


class WantedErrand(Value):
    """One errand of one item. drill: the one that it starts, where it starts one."""

    request: RunbookRequest
    item: str
    errand: DeedSpec
    drill: RunRequest | None = None


class ErrandActivities:
    def __init__(self, references: References, temporal: Client) -> None:
        self._references = references
        self._temporal = temporal

    @activity.defn(name="errand")
    async def errand(self, wanted: WantedErrand) -> Done:
        """Do it, or say why it could not be done. Repeatable."""
        desk = WorkersDesk(wanted, self._references, self._temporal)
        try:
            return await errands.make(wanted.errand).run(desk)
        except GamedayError as error:
            return Done(sentence="", failed=error.sentence)


class WorkersDesk:
    """What one errand may use, on a worker."""

    def __init__(self, wanted: WantedErrand, references: References, temporal: Client) -> None:
        self._request = wanted.request
        self._item = wanted.item
        self._drill = wanted.drill
        self._references = references
        self._temporal = temporal

    async def tell(self, say: str) -> Done:
        """By every channel of the target. One that has taken it may be told again."""
        request = self._request
        if not request.target.channels:
            raise RefusedError("the target names nobody to tell (`notify:`)")
        said = f"[drill] {say}" if request.mode is Mode.DRILL else say
        failures = await tell_all(
            TellPeople(
                target=request.target,
                target_file=request.target_file,
                run_id=request.run_id,
                environment=request.environment,
                say=said,
            )
        )
        if len(failures) == len(request.target.channels):
            raise RefusedError("; ".join(failures))
        not_all = f", but not everywhere: {'; '.join(failures)}" if failures else ""
        return Done(sentence=f"told{not_all}: {said}")

    async def ask_suite(self, requests: int, rate_per_s: float) -> Done:
        if self._request.mode is Mode.DRILL:
            asked = RunFolder(self._request.folder).read_samples()
            return Done(sentence=f"the drill's load has asked {len(asked)} times by now")
        answers = FreshAnswers(self._request, self._references)
        samples = await answers.ask(requests, rate_per_s)
        good = len(samples.good)
        return Done(
            sentence=f"{good} of {len(samples)} requests got a whole answer",
            evidence={"requests": len(samples), "answered": good},
            failed="" if good else "nobody answered",
        )

    async def start_drill(self, drill: str) -> Done:
        request = self._drill
        assert request is not None, "planning prepares each drill that an item starts"
        try:
            await self._temporal.start_workflow(
                "drill",
                request,
                id=f"drill-{request.run_id}",
                task_queue=QUEUE_DRILL,
                memo=memo_of(request),
                execution_timeout=timedelta(seconds=request.plan.seconds_max) + _LONGEST,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            pass  # by a worker that died before it could say so
        except RPCError as error:
            raise RefusedError(f"Temporal did not start it: {error.message}") from error
        return Done(sentence=f"{drill} is started as run {request.run_id}")

    async def stop_drills(self) -> Done:
        """Those whose memo names this target, in whatever environment."""
        stopped = []
        async for execution in self._temporal.list_workflows(_DRILLS):
            memo = await execution.memo()
            if memo.get("target") != self._request.target.target:
                continue
            handle = self._temporal.get_workflow_handle(execution.id)
            try:
                await handle.signal("abort", f"runbook {self._request.runbook.runbook}")
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
                    raise RefusedError(f"{execution.id}: {error.message}") from error
            stopped.append(execution.id.removeprefix("drill-"))
        names = ", ".join(stopped) or "none goes on here"
        return Done(sentence=f"drills told to stop: {names}", evidence={"drills": stopped})
