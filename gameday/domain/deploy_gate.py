"""Whether a system that is about to be deployed answers as it was recorded: two verdicts.

*Inside the envelope?* decides; *changed?* is told beside it, as a prompt or a tool is changed in
order to change answers. It is asked in rounds of the suite and looked at after each of them, so
that a system that is clearly good, or clearly not, costs few requests.
"""

import math
from collections.abc import Collection, Iterable

from gameday.domain.detection import Before, Detect, Detector
from gameday.domain.price import Price
from gameday.domain.quality_envelope import Verdict
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.value import Value
from gameday.domain.verdict import ExitCode
from gameday.domain.watch_cost import TOKENS_MAX

_AT_ONCE_MIN = 20  # requests between two looks: each look begins a load of its own


class Budget(Value):
    """What is asked at the most.

    round: the requests of one round of the suite. rounds: at the most. at_once: rounds between two
    looks. usd_max: at the target's dearest price; None where it names none.
    """

    round: int
    rounds: int
    at_once: int
    usd_max: float | None

    @property
    def requests_max(self) -> int:
        return self.round * self.rounds


def budget(turns: Collection[int], requests_max: int, prices: Collection[Price]) -> Budget | None:
    """None where not even one round may be asked.

    turns: of each case of the suite, how many requests it takes.
    """
    one = sum(turns)
    rounds = requests_max // one
    if not rounds:
        return None
    dearest = max((price.dearest_usd_per_mtok for price in prices), default=None)
    usd = None if dearest is None else one * rounds * TOKENS_MAX * dearest / 1_000_000
    at_once = min(rounds, math.ceil(_AT_ONCE_MIN / one))
    return Budget(round=one, rounds=rounds, at_once=at_once, usd_max=usd)


class Findings(Value):
    """What the gate says.

    changed: whether the answers surely are others than recorded. evidence: so many to one that they
    are; alarm_from: from how many on they surely are. difference: the mean score less the recorded
    one. further: about how many more answers would decide; None where that is not known. answered:
    requests that got a whole answer. problem: why nothing could be asked, or ''.
    """

    verdict: Verdict
    changed: bool
    evidence: float
    alarm_from: float
    difference: float
    further: int | None
    scored: int
    requests: int
    answered: int
    cost_usd: float
    problem: str = ""

    @property
    def decided(self) -> bool:
        """Whether more answers would say no more."""
        return self.verdict is not Verdict.UNDECIDED or bool(self.problem)

    @property
    def exit_code(self) -> ExitCode:
        """As a run's: without a verdict nothing passes."""
        if self.verdict is Verdict.INSIDE:
            return ExitCode.PASSED
        return ExitCode.FAILED if self.verdict is Verdict.OUTSIDE else ExitCode.INCONCLUSIVE


class DeployGate:
    """Takes the answers of one round after the other, until `over`."""

    def __init__(self, before: Before, detect: Detect, ahead: int) -> None:
        """before: as it was recorded. ahead: so many answers are expected at the most."""
        self._detect = detect
        self._detector = Detector(before, detect, ahead=ahead)
        self._changed = False
        self._requests = self._answered = 0
        self._cost_usd = 0.0
        self._problem = ""

    def see(self, samples: Iterable[Sample]) -> None:
        """Take what came of some whole rounds, all cases alike."""
        came = Samples.of(samples).stayed
        self._detector.see(came)
        self._requests += len(came)
        self._answered += len(came.good)
        self._cost_usd += sum(came.numbers("cost_usd"))
        found = self._detector.detection
        said = found is not None and found.by == "changed"
        self._changed |= said or self._detector.betting.evidence >= self._alarm_from
        if not self._answered:
            how = ", ".join(
                f"{count} {outcome}" for outcome, count in came.tally("outcome").items()
            )
            self._problem = f"none of {self._requests} requests got an answer ({how})"

    @property
    def over(self) -> bool:
        """Whether more answers would say no more."""
        return self._detector.envelope.verdict is not Verdict.UNDECIDED or bool(self._problem)

    @property
    def findings(self) -> Findings:
        envelope = self._detector.envelope
        return Findings(
            # A system that answers nobody may be one that is not up yet.
            verdict=Verdict.UNDECIDED if self._problem else envelope.verdict,
            changed=self._changed,
            evidence=self._detector.betting.evidence,
            alarm_from=self._alarm_from,
            difference=envelope.difference,
            further=envelope.further_answers,
            scored=envelope.answers,
            requests=self._requests,
            answered=self._answered,
            cost_usd=self._cost_usd,
            problem=self._problem,
        )

    @property
    def _alarm_from(self) -> float:
        return 1 / self._detect.alpha_each
