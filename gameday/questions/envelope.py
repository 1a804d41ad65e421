"""The question `envelope`: whether the answers are still as good as they were recorded."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.deploy_gate import Findings
from gameday.domain.detection import Detect
from gameday.domain.quality_envelope import Verdict
from gameday.domain.quantities import Rate
from gameday.domain.question import UNKNOWN, Answered, Question, Witness

_ANSWERS = {
    Verdict.INSIDE: "inside",
    Verdict.OUTSIDE: "outside",
    Verdict.UNDECIDED: "undecided",
}


class Envelope(Question):
    """Whether the answers are inside the quality envelope.

    margin: by how much the mean quality may fall. alpha: the chance of a wrong verdict. requests,
    rate: what a live run asks at the most; a drill looks at its own samples instead.

    Source: the verdicts of `gameday gate`, which ends as soon as one is sure.
    """

    answers: ClassVar[tuple[str, ...]] = (*_ANSWERS.values(), UNKNOWN)
    well: ClassVar[frozenset[str]] = frozenset({"inside"})

    margin: Annotated[float, Field(gt=0, lt=1, examples=[0.10])] = 0.10
    alpha: Annotated[float, Field(gt=0, le=0.2, examples=[0.01])] = 0.01
    tolerance: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    requests: Annotated[int, Field(ge=1, le=100_000)] = 400
    rate: Rate = 5.0

    async def ask(self, witness: Witness) -> Answered:
        by = ("changed", "envelope")
        detect = Detect(alpha=self.alpha, margin=self.margin, tolerance=self.tolerance, by=by)
        found = await witness.quality(detect, requests_max=self.requests, rate_per_s=self.rate)
        evidence = found.model_dump(mode="json")
        if found.problem:
            return Answered(answer=UNKNOWN, reason=found.problem, evidence=evidence)
        return Answered(
            answer=_ANSWERS[found.verdict], reason=self._reason(found), evidence=evidence
        )

    def _reason(self, found: Findings) -> str:
        points = 100 * found.difference
        changed = (
            f"they have changed (evidence {found.evidence:,.0f} to 1)"
            if found.changed
            else "nothing shows that they have changed"
        )
        return (
            f"the quality of {found.scored} answers is {points:+.0f} points against the record, "
            f"margin {100 * self.margin:g}: {found.verdict}; {changed}"
        )
