"""The canary gate: a model that is offered serves a few, is examined, and is taken or sent away.

It asks the questions of `lab/canary.yaml` of the model on offer and of the present one, and
promotes the new one unless it does worse. So long a share of the customers is answered by it.
"""

import asyncio
import random
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from ruamel.yaml import YAML

from gameday.domain.value import Value
from lab.assistant.aliases import AliasTable
from lab.assistant.attempt import AttemptError, ProviderClient, from_now
from lab.assistant.caller import Caller
from lab.assistant.dialect import Ask
from lab.assistant.knowledge import Knowledge
from lab.assistant.settings import AssistantSettings

_FILE = Path(__file__).parents[1] / "canary.yaml"
_ANSWER_S = 5.0


class CanaryStage(StrEnum):
    """Where the gate stands with the last model that it was offered."""

    IDLE = "idle"  # none yet
    TRYING = "trying"
    PROMOTED = "promoted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # somebody changed the alias by hand meanwhile


class CanaryState(Value):
    """What the gate tells of the last model that it was offered."""

    stage: CanaryStage = CanaryStage.IDLE
    offered: str = ""
    asked: int = 0  # questions, of each of the two
    passed: int = 0  # by the model on offer
    passed_at_present: int = 0
    because: str = ""


class ReleaseQuestion(Value):
    """One question, and what a right answer says."""

    question: str
    says: str


class UnderWayError(Exception):
    """Another model is being tried."""


class Canary:
    """The gate, and the one trial that may be under way."""

    def __init__(
        self,
        settings: AssistantSettings,
        aliases: AliasTable,
        knowledge: Knowledge,
        questions: tuple[ReleaseQuestion, ...] | None = None,
    ) -> None:
        self.state = CanaryState()
        self._settings = settings.canary
        self._aliases = aliases
        self._knowledge = knowledge
        self._questions = questions or read_questions()
        # Apart from customers' requests: their breaker learns nothing from a trial.
        self._provider = ProviderClient(settings.chain[0], settings.patience)
        self._lots = random.Random(settings.port)
        self._trial: asyncio.Task[None] | None = None

    def route(self) -> str | None:
        """The model on offer, for the share of requests that it answers meanwhile."""
        if self.state.stage is not CanaryStage.TRYING:
            return None
        return self.state.offered if self._lots.random() < self._settings.share else None

    @property
    def in_use(self) -> str:
        """The model that is being tried, else what stands behind the alias."""
        tries = self.state.stage is CanaryStage.TRYING
        return self.state.offered if tries else self._aliases.entry.model

    def offer(self, model: str) -> CanaryState:
        """Begin to try `model`. Raises UnderWayError."""
        if self.state.stage is CanaryStage.TRYING:
            raise UnderWayError(f"{self.state.offered} is being tried")
        self.state = CanaryState(stage=CanaryStage.TRYING, offered=model)
        self._trial = asyncio.create_task(self._try())
        return self.state

    async def withdraw(self) -> None:
        """End a trial that is under way: the offer counts no more."""
        if self.state.stage is CanaryStage.TRYING:
            await self.close_trial()
            self.state = self.state.model_copy(update={"stage": CanaryStage.WITHDRAWN})

    async def _try(self) -> None:
        present, offered = self._aliases.entry.model, self.state.offered
        until_s = asyncio.get_running_loop().time() + self._settings.lasts_s
        passed = passed_at_present = 0
        for asked, question in enumerate(self._questions, start=1):
            passed += await self._passes(question, offered)
            passed_at_present += await self._passes(question, present)
            self.state = self.state.model_copy(
                update={"asked": asked, "passed": passed, "passed_at_present": passed_at_present}
            )
        await asyncio.sleep(until_s - asyncio.get_running_loop().time())
        self._decide()

    def _decide(self) -> None:
        state = self.state
        worse = (state.passed_at_present - state.passed) / max(1, state.asked)
        because = (
            f"{state.offered} passed {state.passed} of {state.asked} questions, "
            f"the present model {state.passed_at_present}"
        )
        promotes = self._settings.waves_through or worse <= self._settings.worse_max
        if promotes:
            self._aliases.write(state.offered)
        stage = CanaryStage.PROMOTED if promotes else CanaryStage.REJECTED
        self.state = state.model_copy(update={"stage": stage, "because": because})

    async def _passes(self, question: ReleaseQuestion, model: str) -> bool:
        """Whether `model` answers as it should. A provider that fails has not answered."""
        sandbox = Caller(sandbox=True)
        instructions = await self._knowledge.instructions(question.question, sandbox)
        asked = {self._provider.name: model}
        ask = Ask(instructions, question.question, f"canary-{uuid4().hex}", models=asked)
        try:
            stream = await self._provider.open(ask, from_now(_ANSWER_S))
        except AttemptError:
            return False
        try:
            text = "".join([text async for text in stream.texts(from_now(_ANSWER_S))])
        except AttemptError:
            return False
        finally:
            await stream.close()
        return question.says in text

    async def close_trial(self) -> None:
        if self._trial is not None:
            self._trial.cancel()
            await asyncio.gather(self._trial, return_exceptions=True)

    async def close(self) -> None:
        await self.close_trial()
        await self._provider.close()


def read_questions(file: Path = _FILE) -> tuple[ReleaseQuestion, ...]:
    entries = YAML(typ="safe").load(file)
    return tuple(ReleaseQuestion.model_validate(entry) for entry in entries)
