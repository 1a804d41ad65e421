"""Activities of a runbook that only remember, and a way to play one against them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from activities.act import ActAnswer, KnownAct, Outlook, WantedAct
from activities.ask import Asking
from activities.errand import WantedErrand
from activities.messages import Hear
from gameday.cli.runbook_fitness import what_items_are
from gameday.domain.act import ActOutlook, ActRecord, ActState
from gameday.domain.errand import Done
from gameday.domain.question import Answered
from gameday.domain.runbook import Runbook
from gameday.domain.runbook_record import RunbookRecord, RunbookStart
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.statement import Heard, Says, Statement, Word
from gameday.supervisor.queues import QUEUE_CLOSE, QUEUE_DRILL
from tests.workflows.test_drill import request_for
from workflows.runbook import RunbookWorkflow


def now() -> datetime:
    return datetime.now(UTC)


class Incident:
    """One system in which every step works, unless told otherwise, and questions have answers."""

    def __init__(self, **answers: Sequence[str]) -> None:
        """answers: by item, what it answers at first, and then."""
        self.answers = {item: list(said) for item, said in answers.items()}
        self.before: dict[str, str] = {}
        self.calls: list[str] = []
        self.wanted: dict[str, WantedAct] = {}
        self.refuses: dict[str, str] = {}
        self.fails: set[str] = set()  # steps whose effect never reads back
        self.lost: set[str] = set()  # steps whose first answer is lost with its worker
        self.slow: dict[str, int] = {}  # steps whose effect is there after so many looks
        self.stays: set[str] = set()  # steps that cannot be put back
        self.approves: set[str] = set()
        self.denies = ""
        self.chooses = ""
        self.needs = 0
        self.record: RunbookRecord | None = None
        self.kept: list[RunbookRecord] = []

    def all(self) -> list[Any]:
        return [
            self.ask, self.outlook, self.act, self.verify_act, self.undo_act, self.heard,
            self.errand, self.remember_runbook, self.close_runbook,
        ]  # fmt: skip

    @activity.defn(name="ask")
    async def ask(self, asking: Asking) -> Answered:
        kind = asking.question.kind
        self.calls.append(f"ask {kind}")
        said = self.answers[kind]
        answer = said.pop(0) if len(said) > 1 else said[0]
        return Answered(answer=answer, reason=f"{kind} is {answer}", before=self.before)

    @activity.defn(name="outlook")
    async def outlook(self, asked: Outlook) -> ActOutlook:
        needed = max(self.needs, asked.order.proposal.approvals)
        return ActOutlook(
            refusal=self.refuses.get(asked.order.step.kind, ""),
            approvals=needed,
            approved_by=tuple(sorted(self.approves))[:needed],
        )

    @activity.defn(name="act")
    async def act(self, wanted: WantedAct) -> ActAnswer:
        kind, again = wanted.order.step.kind, wanted.act_id in self.wanted
        self.calls.append(f"act {kind}" if not again else f"again {kind}")
        self.wanted[wanted.act_id] = wanted
        if kind in self.lost and not again:
            raise ApplicationError("the worker is gone")
        return ActAnswer(record=self._record(wanted))

    @activity.defn(name="verify_act")
    async def verify_act(self, known: KnownAct) -> ActAnswer:
        wanted = self.wanted[known.act_id]
        self.slow[wanted.order.step.kind] = self.slow.get(wanted.order.step.kind, 1) - 1
        return ActAnswer(record=self._record(wanted))

    @activity.defn(name="undo_act")
    async def undo_act(self, known: KnownAct) -> ActAnswer:
        wanted = self.wanted[known.act_id]
        kind = wanted.order.step.kind
        self.calls.append(f"undo {kind}")
        record = self._record(wanted)
        if kind in self.stays:
            return ActAnswer(
                record=record.model_copy(update={"undo_failed": "somebody else has changed it"})
            )
        return ActAnswer(
            record=record.model_copy(update={"state": ActState.UNDONE, "undone_at": now()})
        )

    def _record(self, wanted: WantedAct) -> ActRecord:
        kind, of = wanted.order.step.kind, wanted.order.proposal
        bad = kind in self.fails or self.slow.get(kind, 0) > 0
        return ActRecord(
            id=wanted.act_id, run_id=of.run_id, target=of.target, environment=of.environment,
            incident=of.incident, step=wanted.order.step, proposal_digest=of.digest,
            asked_by=of.asked_by, state=ActState.NOT_DONE if bad else ActState.DONE,
            called_at=now(), verified_at=None if bad else now(),
            unverified="it still reads as before" if bad else "",
        )  # fmt: skip

    @activity.defn(name="heard")
    async def heard(self, ask: Hear) -> Heard:
        self.calls.append("heard")
        words = [self._word(ask, Says.APPROVE, by) for by in sorted(self.approves)]
        if self.chooses:
            words.append(self._word(ask, Says.ANSWER, "dana", answer=self.chooses))
        return Heard(
            digest=ask.digest, approved_by=tuple(sorted(self.approves)), denied_by=self.denies,
            words=tuple(words),
        )  # fmt: skip

    @staticmethod
    def _word(ask: Hear, says: Says, by: str, answer: str = "") -> Word:
        said = Statement(says=says, digest=ask.digest, run_id=ask.run_id, answer=answer)
        return Word(statement=said, by=by, known_by="key", at=now())

    @activity.defn(name="errand")
    async def errand(self, wanted: WantedErrand) -> Done:
        self.calls.append(f"errand {wanted.errand.kind}")
        return Done(sentence="done")

    @activity.defn(name="remember_runbook")
    async def remember_runbook(self, record: RunbookRecord) -> None:
        self.kept.append(record)

    @activity.defn(name="close_runbook")
    async def close_runbook(self, record: RunbookRecord) -> RunbookRecord:
        self.record = record
        return record


def start_of(runbook: Runbook, mode: Mode = Mode.LIVE, run_id: str = "BOOK") -> RunbookStart:
    target = request_for(run_id).target
    request = RunbookRequest(
        run_id=run_id, mode=mode, target=target, environment="lab", target_file="/gameday.yaml",
        suite_file="/suite.yaml", folder="/runs/BOOK", requested_by="ada", incident="INC-12",
        **what_items_are(runbook),
    )  # fmt: skip
    return RunbookStart(request=request)


@asynccontextmanager
async def playing(environment, here: Incident, start: RunbookStart) -> AsyncIterator[Any]:
    """A run that goes on, with a worker for it."""
    async with at_work(environment, here):
        yield await environment.client.start_workflow(
            RunbookWorkflow.run,
            start,
            id=f"runbook-{start.request.run_id}",
            task_queue=QUEUE_DRILL,
        )


@asynccontextmanager
async def at_work(environment, here: Incident) -> AsyncIterator[None]:
    """Workers of both queues, whose deaths are soon noticed."""
    common = {
        "activities": here.all(),
        "sticky_queue_schedule_to_start_timeout": timedelta(seconds=1),
        "max_heartbeat_throttle_interval": timedelta(milliseconds=50),
    }
    client = environment.client
    async with (
        Worker(client, task_queue=QUEUE_DRILL, workflows=[RunbookWorkflow], **common),
        Worker(client, task_queue=QUEUE_CLOSE, **common),
    ):
        yield
