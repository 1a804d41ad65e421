"""The question `slo`: whether an objective of the target holds now."""

from typing import ClassVar

from gameday.domain.names import Name
from gameday.domain.question import UNKNOWN, Answered, Question, Witness
from gameday.domain.target import Target
from gameday.domain.verdict import Held

_ANSWERS = {Held.YES: "met", Held.NO: "missed", Held.UNKNOWN: UNKNOWN}


class Slo(Question):
    """Whether one of the target's objectives holds, by what measures it.

    slo: its name in the target file, or in its OpenSLO file.

    Source: the check `slo`, which reads samples, Prometheus or a JSON document.
    """

    answers: ClassVar[tuple[str, ...]] = tuple(_ANSWERS.values())
    well: ClassVar[frozenset[str]] = frozenset({"met"})

    slo: Name

    def cannot_be_asked(self, target: Target) -> str:
        if target.slos.get(self.slo) is None:
            known = ", ".join(target.slos.names) or "none"
            return f"the target states no objective {self.slo!r} (it has: {known})"
        return ""

    async def ask(self, witness: Witness) -> Answered:
        found = await witness.objective(self.slo)
        evidence = {"slo": self.slo, "held": found.held}
        return Answered(answer=_ANSWERS[found.held], reason=found.reason, evidence=evidence)
