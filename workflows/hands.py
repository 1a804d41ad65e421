"""What a play does the world by: asks and acts in an incident, or only says what would be done."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypedDict, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.act import ActActivities, ActAnswer, KnownAct, Outlook, WantedAct
    from activities.ask import AskActivities, Asking
    from activities.errand import ErrandActivities, WantedErrand
    from activities.messages import PlanReverts
    from gameday.domain.act import ActOrder, ActOutlook, ActState
    from gameday.domain.environment import InjectorAddress
    from gameday.domain.errand import Done
    from gameday.domain.question import UNKNOWN, Answered
    from gameday.domain.record import RunRequest
    from gameday.domain.runbook import Ask, DeedSpec, Do, QuestionSpec
    from gameday.domain.runbook_record import Played, RunbookStart, Undone
    from gameday.domain.runbook_request import RunbookRequest
    from gameday.domain.value import Value
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.patience import CALM_BEAT_WITHIN

Answer = TypeVar("Answer")
# A worker that died is replaced; what is asked for has an id, and is the same however often.
AGAIN = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=10),
)
_LATE = timedelta(seconds=60)  # that workers may be away in the midst of an item
_UNDO_WITHIN = timedelta(minutes=10)
_VERIFY_EVERY_S = 5.0
# Of an act, what a reader of the run wants to know beside its times and digests.
_TOLD = {"to", "seen_as", "before", "after", "failed", "unverified", "recovered", "approved_by",
         "allowed_by"}  # fmt: skip


class _Limits(TypedDict):
    task_queue: str
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


class StoppedError(Exception):
    """A person has stopped the play. Leads to its end, with what it has changed as it is."""


class Acted(Value):
    """What became of one step.

    problem: why it cannot be relied on. refused: why it was not done. at: from when on answers tell
    of it; from its return on, unless said.
    """

    called_at: datetime | None = None
    verified_at: datetime | None = None
    before: str = ""
    after: str = ""
    evidence: dict[str, Any] = {}
    problem: str = ""
    refused: str = ""
    at: datetime | None = None


class Hands(ABC):
    """What is the same for all modes: how a question is asked, and how long is waited."""

    def __init__(self, request: RunbookRequest) -> None:
        self.request = request
        self.drills: dict[str, RunRequest] = {}  # that errands start, by item

    @property
    def injector(self) -> InjectorAddress:
        return self.request.target.environments[self.request.environment].injector

    async def ask(self, item: Ask, within_s: float, floor: datetime) -> Answered:
        """Its answer; `unknown` also where no worker could ask in time."""
        asking = Asking(
            request=self.request,
            question=QuestionSpec(kind=item.kind, settings=item.settings),
            within_s=within_s,
            floor=floor,
            drill=self.of_drill(floor),
        )
        try:
            return await self.unless_stopped(
                workflow.start_activity_method(
                    AskActivities.ask,
                    asking,
                    schedule_to_close_timeout=timedelta(seconds=within_s) + 2 * _LATE,
                    start_to_close_timeout=timedelta(seconds=within_s) + _LATE,
                    heartbeat_timeout=CALM_BEAT_WITHIN,
                    retry_policy=AGAIN,
                )
            )
        except ActivityError as error:
            return Answered(answer=UNKNOWN, reason=f"it could not be asked: {error.cause or error}")

    async def errand(self, item: Do) -> Done:
        wanted = WantedErrand(
            request=self.request,
            item=item.name,
            errand=DeedSpec(kind=item.kind, settings=item.settings),
            drill=self.drills.get(item.name),
        )
        try:
            return await self.unless_stopped(
                workflow.start_activity_method(
                    ErrandActivities.errand,
                    wanted,
                    schedule_to_close_timeout=timedelta(seconds=item.within) + _LATE,
                    heartbeat_timeout=CALM_BEAT_WITHIN,
                    retry_policy=AGAIN,
                )
            )
        except ActivityError as error:
            return Done(sentence="", failed=f"it could not be done: {error.cause or error}")

    async def outlook(self, item: Do, order: ActOrder) -> ActOutlook:  # noqa: ARG002 - a drill asks
        """Whether it would be refused, and what it waits for."""
        asked = Outlook(injector=self.injector, order=order)
        try:
            return await self.unless_stopped(
                workflow.start_activity_method(
                    ActActivities.outlook, asked, **_within(_LATE.total_seconds())
                )
            )
        except ActivityError as error:
            return ActOutlook(refusal=f"the injector could not be asked: {error.cause or error}")

    def of_drill(self, floor: datetime) -> PlanReverts | None:  # noqa: ARG002 - of a drill alone
        """Whose samples tell, where a drill's do."""
        return None

    @abstractmethod
    async def unless_stopped(self, handle: "asyncio.Task[Answer]") -> Answer:
        """What it answers; a stop does not wait for it. Raises StoppedError."""

    @abstractmethod
    async def wait(self, met: Callable[[], bool], seconds: float) -> bool:
        """Whether it was met before the time was over. Raises StoppedError."""

    def act_id(self, item: Do, number: int) -> str:  # noqa: ARG002 - a drill asks
        """Under which id the injector knows it. number: from 1, over the whole play."""
        return f"{self.request.run_id}-act-{number}"

    @abstractmethod
    async def act(self, item: Do, order: ActOrder, act_id: str) -> Acted:
        """Carry it out, and read it back."""

    @abstractmethod
    async def undo(self, played: Played) -> Undone:
        """Put back what it changed."""


class LiveHands(Hands):
    """Through the injector's acts, which stay. Also of a dry run, which only asks what would be."""

    def __init__(self, start: RunbookStart) -> None:
        super().__init__(start.request)
        self.drills = start.drills
        self.stopped = ""  # by whom; '' while nobody has

    async def unless_stopped(self, handle: "asyncio.Task[Answer]") -> Answer:
        await workflow.wait_condition(lambda: handle.done() or self._is_to_stop())
        if not handle.done():
            handle.cancel()
            raise StoppedError(self._why())
        return await handle

    async def wait(self, met: Callable[[], bool], seconds: float) -> bool:
        try:
            await workflow.wait_condition(
                lambda: met() or self._is_to_stop(), timeout=timedelta(seconds=max(0.0, seconds))
            )
        except TimeoutError:
            return False
        if self._is_to_stop():
            raise StoppedError(self._why())
        return True

    async def act(self, item: Do, order: ActOrder, act_id: str) -> Acted:
        """Once it is asked for it is heard out: a stop comes before it, or after it."""
        if self._is_to_stop():
            raise StoppedError(self._why())
        wanted = WantedAct(injector=self.injector, act_id=act_id, order=order)
        known = KnownAct(injector=self.injector, act_id=act_id)
        give_up = workflow.now() + timedelta(seconds=item.within)
        try:
            answer = await workflow.execute_activity_method(
                ActActivities.act, wanted, **_within(item.within)
            )
            while answer.record is not None and answer.record.problem and workflow.now() < give_up:
                await workflow.sleep(_VERIFY_EVERY_S)  # to be there may take its time
                answer = await workflow.execute_activity_method(
                    ActActivities.verify_act, known, **_within(item.within)
                )
        except ActivityError as error:
            why = f"whether it was done is not known: {error.cause or error}"
            return Acted(problem=why)
        return _acted(answer)

    async def undo(self, played: Played) -> Undone:
        asked_at, known = workflow.now(), KnownAct(injector=self.injector, act_id=played.act)
        try:
            answer = await workflow.execute_activity_method(
                ActActivities.undo_act, known, **_within(_UNDO_WITHIN.total_seconds())
            )
        except ActivityError as error:
            answer = ActAnswer(refused=f"the injector does not answer: {error.cause or error}")
        record = answer.record
        undone = Undone(item=played.item, act=played.act, on=played.on, asked_at=asked_at)
        if record is not None and record.state is ActState.UNDONE:
            return undone.model_copy(update={"verified_at": record.undone_at})
        why = record.undo_failed if record else answer.refused
        return undone.model_copy(update={"failed": why or "it could not be read back"})

    def stop(self, why: str) -> None:
        self.stopped = self.stopped or why

    def _is_to_stop(self) -> bool:
        return bool(self.stopped) or workflow.cancellation_reason() is not None

    def _why(self) -> str:
        return self.stopped or "it was cancelled through Temporal"


def _acted(answer: ActAnswer) -> Acted:
    record = answer.record
    if record is None:
        return Acted(refused=answer.refused)
    return Acted(
        called_at=record.called_at,
        verified_at=record.verified_at,
        before=record.before.digest if record.before else "",
        after=record.after.digest if record.after else "",
        evidence=record.model_dump(mode="json", include=_TOLD),
        problem=record.problem,
    )


def _within(seconds: float) -> _Limits:
    """For an activity that is repeated under the same id until it has answered, or for so long."""
    return {
        "task_queue": QUEUE_CLOSE,
        "schedule_to_close_timeout": timedelta(seconds=seconds) + _LATE,
        "heartbeat_timeout": CALM_BEAT_WITHIN,
        "retry_policy": AGAIN,
    }
