"""Have the answers changed? A bet against "no", which may be looked at after every answer.

**The bet.** A new answer is laid beside answers to the same case that were recorded before and not
used yet. If nothing has changed, each of these m + 1 is as likely as any other to be the new one.
Before it is known which one is, a weight w > 0 is put on each; the stake then grows by

    e = (m + 1) w(new) / (sum of the w of all)

which is 1 on average over who is the new one, whatever the weights are and however they were
learned from answers that were used before. So the capital, which begins at 1 and is multiplied by
one such factor an answer, is a martingale while nothing changes.

**The guarantee.** By Ville's inequality the capital ever reaches 1/alpha with a chance of at most
alpha, however often and at whatever moments somebody looks, and whenever they stop. With m = 1 and
e = 1 + s this is the classical bet on a payoff s that is antisymmetric under exchange of the new
and the recorded answer (Shekhar and Ramdas, arXiv 2112.09162; Ramdas, Gruenwald, Vovk and Shafer,
"Game-theoretic statistics and safe anytime-valid inference", 2023). An average of martingales with
fixed shares is a martingale, which is how several bets are put together.

**Keys.** Where requests stick to a server, each key is bet on alone as well, against a record of
its own: the same answers, used up by that key's bets only, so that a key with few requests finds
them all. Its capital is a martingale by itself, but not beside the others, which have seen some
of the same answers. So they are not averaged: an alarm needs 2/alpha of the whole stream, or
2K/alpha of one of K keys, and the chance of any of these is at most alpha whatever hangs together
(e-values with Bonferroni's correction: Vovk and Wang, Annals of Statistics 2021).

**The weights.** w = (Q/P)^gain * (1/P)^rarity. P and Q are kernel estimates of how usual an answer
is among recorded ones (those that are known, and the other candidates), and among the new ones so
far; rarity makes the first bets, before anything is known of the new ones. With the true Q/P and
gain 1, e is the likelihood ratio, which no other bet outgrows. How near two answers are is judged
on their sketches, by place (Hamming, as in Gao, Liang and Guestrin, arXiv 2410.20247) and by how
long they begin alike.

**Tolerance.** Real endpoints are never quite still. With a tolerance t each factor is divided by
the most that a change of at most the share t of the answers can add to it on average, so that the
guarantee holds for every such change.

**What it rests on.** The answers to one case are exchangeable while nothing changes: drawn anew for
each request, and none left out for what it says. A recorded answer is used up by its bet. Where one
recording is used again and again, alpha holds over recordings, not for the luck of that one (Shaer
et al., arXiv 2602.13848): keep a reserve, record anew, or allow a tolerance.
"""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, product
from typing import NamedTuple

from gameday.domain.sketch import beginning, similarity

KEPT = 0.25  # share of the recorded answers that are known from the beginning, and in no bet
MATCHES_MAX = 5  # recorded answers beside one new one; more use them up sooner than they help
RECORDED_MAX = 100  # to one case, the first ones; more make a look slower and hardly surer
AHEAD = 120  # new answers that the recorded ones should suffice for, unless it is said otherwise
_ROUNDS_MAX = 10  # that they are dealt out over; over more, a change would be noticed too late
# Gain and rarity of each bet: how much is made of what new answers share, and of being unusual.
_BETS = tuple(product((0.5, 1.0), (0.15, 0.5)))
_IN_HAND = 0.5  # of the capital, in no bet: what a trifle wins should stay below the alarm
_STAKE = 0.95  # of the capital, in each bet: one surprise must not take it all
_SHARPNESS = 8.0  # of the kernels: an answer with nothing in common counts e^-8 of the same one
_UNSEEN = 1e-3  # what an answer like no other counts
_LARGEST_LOG = 700.0  # whose exponential is still a number


class Answer(NamedTuple):
    """One new answer: its case, its sketch, and which stream and which probes it belongs to."""

    case: str
    sketch: str
    key: str = ""
    probe: str = ""


class Kinship:
    """How near two sketches are, from e^-8 to 1. Each pair is compared once."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def usual(self, sketch: str, among: Sequence[str]) -> float:
        """The sum over `among` of how near `sketch` is to each."""
        row = self._rows.get(sketch)
        if row is None:
            row = self._rows[sketch] = _Row(sketch)
        return math.fsum(map(row.__getitem__, among))


class _Row(dict[str, float]):
    """How near one sketch is to others; worked out when it is first asked for."""

    def __init__(self, sketch: str) -> None:
        super().__init__()
        self._sketch = sketch

    def __missing__(self, other: str) -> float:
        by_place = math.exp(_SHARPNESS * (similarity(self._sketch, other) - 1))
        by_beginning = math.exp(_SHARPNESS * (beginning(self._sketch, other) - 1))
        near = self[other] = (by_place + by_beginning) / 2
        return near


def factors(
    candidates: Sequence[str], known: Sequence[str], new: Sequence[str], kinship: Kinship
) -> list[float]:
    """What each of the bets multiplies its capital by, when candidates[0] is the new answer.

    candidates: the new answer, and the recorded ones beside it. known, new: sketches of the same
    case that were used before. How usual a candidate is among the recorded answers is judged by the
    known ones and by the other candidates: which are the same whoever of them is the new one, so
    the mean over who of the candidates is first is exactly 1.
    """
    rare, shared = [], []
    for place, candidate in enumerate(candidates):
        others = [*known, *candidates[:place], *candidates[place + 1 :]]
        recorded = (kinship.usual(candidate, others) + _UNSEEN) / (len(others) + 0.5)
        lately = (recorded + kinship.usual(candidate, new)) / (1 + len(new))
        rare.append(-math.log(recorded))
        shared.append(math.log(lately / recorded))
    found = []
    for gain, rarity in _BETS:
        heights = [gain * s + rarity * r for s, r in zip(shared, rare, strict=True)]
        top = max(heights)
        weights = [math.exp(height - top) for height in heights]
        found.append(1 + _STAKE * (len(weights) * weights[0] / math.fsum(weights) - 1))
    return found


def kept_of(recorded: int) -> int:
    """How many of the recorded answers to a case are known from the beginning."""
    return max(1, round(KEPT * recorded))


def rounds_of(ahead: int, cases: int) -> int:
    """Over how many new answers to each case its recorded ones are dealt out."""
    return max(1, min(_ROUNDS_MAX, math.ceil(ahead / max(1, cases))))


def matches_of(unused: int, rounds: int) -> int:
    """How many of a case's unused recorded answers are laid beside a new one.

    rounds: new answers to each case that they should suffice for; then there are some for more.
    """
    return max(1, min(MATCHES_MAX, unused // rounds))


def bets_from(recorded: int, rounds: int) -> int:
    """How many new answers to a case so many recorded ones suffice for."""
    unused, bets = recorded - kept_of(recorded), 0
    while unused > 0:
        unused -= matches_of(unused, rounds)
        bets += 1
    return bets


def recorded_for(answers: int, cases: int) -> int:
    """How many recorded answers a case needs so that each of `answers` has an unused one."""
    rounds = rounds_of(max(AHEAD, answers), cases)
    needed = math.ceil(answers / cases)
    return next(n for n in count(needed) if bets_from(n, rounds) >= needed)


def answers_to_alarm(alpha: float, tolerance: float = 0.0) -> int:
    """After how many answers, each beside one recorded one, 1/alpha can be reached at all."""
    highest = (1 + _STAKE) / (1 + _STAKE * tolerance)
    return math.ceil(math.log((1 / alpha - _IN_HAND) / (1 - _IN_HAND)) / math.log(highest))


class _Case:
    """The recorded answers to one case: known ones, and unused ones in the order of recording."""

    def __init__(self, recorded: Sequence[str], rounds: int) -> None:
        recorded = recorded[:RECORDED_MAX]
        kept = kept_of(len(recorded))
        self.known = list(recorded[:kept])
        self.unused = deque(recorded[kept:])
        self._rounds = rounds

    def take(self) -> list[str]:
        """Take the recorded answers for one bet; none when all are used up."""
        matches = min(matches_of(len(self.unused), self._rounds), len(self.unused))
        return [self.unused.popleft() for _ in range(matches)]


class _Capital:
    """What bets have made of their stake."""

    def __init__(self) -> None:
        self._logs = [0.0] * len(_BETS)

    def multiply(self, by: Iterable[float]) -> None:
        self._logs = [log + math.log(factor) for log, factor in zip(self._logs, by, strict=True)]

    @property
    def evidence(self) -> float:
        won = math.fsum(math.exp(min(log, _LARGEST_LOG)) for log in self._logs) / len(_BETS)
        return _IN_HAND + (1 - _IN_HAND) * won


class _Stream:
    """The bets on one stream: its own use of the record, and the new answers it has seen."""

    def __init__(self, recorded: Mapping[str, Sequence[str]], ahead: int, kinship: Kinship) -> None:
        cases = {case: sketches for case, sketches in recorded.items() if sketches}
        rounds = rounds_of(ahead, len(cases))
        self._cases = {case: _Case(sketches, rounds) for case, sketches in cases.items()}
        self._new: defaultdict[str, list[str]] = defaultdict(list)
        self._kinship = kinship
        self.capital = _Capital()

    def bet(self, answer: Answer, tolerance: float) -> list[float] | None:
        """What each bet is multiplied by; None for want of an unused recorded answer."""
        case = self._cases.get(answer.case)
        matches = case.take() if case else []
        if case is None or not matches:
            return None
        candidates, new = [answer.sketch, *matches], self._new[answer.case]
        most = 1 + _STAKE * tolerance * len(matches)
        plain = factors(candidates, case.known, new, self._kinship)
        by = [factor / most for factor in plain]
        self.capital.multiply(by)
        new.append(answer.sketch)
        case.known.extend(matches)
        return by


class Betting:
    """The bets on one stream of answers, and beside them on each of its sticky keys.

    recorded: sketches by case. keys: the values that requests stick to a server by, such as
    tenants, known beforehand, so that a change for one key is not lost among the others. ahead: so
    many new answers are expected, in rounds over the cases; the recorded ones are dealt out
    accordingly, and some are left for more.
    """

    def __init__(
        self,
        recorded: Mapping[str, Sequence[str]],
        *,
        keys: Iterable[str] = (),
        tolerance: float = 0.0,
        ahead: int = AHEAD,
        kinship: Kinship | None = None,
    ) -> None:
        kinship, names = kinship or Kinship(), list(keys)
        self._whole = _Stream(recorded, ahead, kinship)
        of_each = ahead // max(1, len(names))
        self._keyed = {key: _Stream(recorded, of_each, kinship) for key in names}
        self._probes: defaultdict[str, _Capital] = defaultdict(_Capital)
        self._heard: Counter[str] = Counter()
        self._tolerance = tolerance
        self.answers = 0  # bet on
        self.left_out = 0  # for want of an unused recorded answer to the same case

    def see(self, answer: Answer) -> None:
        """Bet on one new answer."""
        by = self._whole.bet(answer, self._tolerance)
        if by is None:
            self.left_out += 1
        else:
            self.answers += 1
            self._probes[answer.probe].multiply(by)
            self._heard[answer.probe] += 1
        if (own := self._keyed.get(answer.key)) is not None:
            own.bet(answer, self._tolerance)

    @property
    def evidence(self) -> float:
        """So many to one against "nothing has changed"; an alarm is 1/alpha.

        With K keys the whole stream's counts a half, and each key's a 2K-th.
        """
        whole = self._whole.capital.evidence
        if not self._keyed:
            return whole
        most = max(stream.capital.evidence for stream in self._keyed.values())
        return max(whole, most / len(self._keyed)) / 2

    def evidence_of_probes(self) -> dict[str, float]:
        """The capital that each group of probes alone would have made."""
        return {probe: capital.evidence for probe, capital in self._probes.items()}

    def answers_of_probes(self) -> dict[str, int]:
        """How many answers of each group of probes were bet on."""
        return dict(self._heard)

    def evidence_of_keys(self) -> dict[str, float]:
        """The capital of each sticky key."""
        return {key: stream.capital.evidence for key, stream in self._keyed.items()}
