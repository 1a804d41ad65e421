"""Ask: a runbook's question, of a witness. What nobody could tell in time is `unknown`."""

import asyncio
import time
from datetime import datetime

from temporalio import activity

from activities.drill_witness import DrillWitness
from activities.fresh_answers import FreshAnswers
from activities.live_witness import LiveWitness
from activities.messages import PlanReverts
from gameday.catalog.kinds import questions
from gameday.domain.errors import GamedayError
from gameday.domain.question import UNKNOWN, Answered, Witness
from gameday.domain.runbook import QuestionSpec
from gameday.domain.runbook_request import RunbookRequest
from gameday.domain.value import Value
from gameday.store.ledger import Ledger
from gameday.store.references import References

_LATE_S = 30.0  # that a round which was begun in time may take to end


class Asking(Value):
    """One question. floor: of the last change. drill: whose samples tell; None asks the system."""

    request: RunbookRequest
    question: QuestionSpec
    within_s: float
    floor: datetime
    drill: PlanReverts | None = None


class AskActivities:
    def __init__(self, references: References, ledger: Ledger) -> None:
        self._references = references
        self._ledger = ledger

    @activity.defn(name="ask")
    async def ask(self, asking: Asking) -> Answered:
        """Repeatable: it changes nothing, and what was asked before is asked again."""
        question = questions.make(asking.question)
        if why := question.cannot_be_asked(asking.request.target):
            return Answered(answer=UNKNOWN, reason=why)
        witness = self._witness(asking, time.monotonic() + asking.within_s)
        try:
            async with asyncio.timeout(asking.within_s + _LATE_S):
                return await question.ask(witness)
        except TimeoutError:
            return Answered(answer=UNKNOWN, reason=f"nothing was known in {asking.within_s:g} s")
        except GamedayError as error:
            return Answered(answer=UNKNOWN, reason=error.sentence)

    def _witness(self, asking: Asking, give_up: float) -> Witness:
        if asking.drill is not None:
            return DrillWitness(asking.drill, self._ledger, give_up)
        answers = FreshAnswers(asking.request, self._references)
        return LiveWitness(answers, self._ledger, asking.floor, give_up)
