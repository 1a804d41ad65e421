"""What a window's requests cost, and what each answer that passed the suite cost.

Money also goes where no client sees it: on attempts that failed, on streams that were cut, on
answers that came too late. An answer's own usage is exact; what the others cost is known from
what answers of that provider cost elsewhere in the run, between two bounds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum, inf
from typing import NamedTuple

from gameday.domain.gate import Call
from gameday.domain.price import Price
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.window import Window


class Bounds(NamedTuple):
    """US dollars, at least and at most."""

    least: float
    most: float

    def plus(self, other: "Bounds") -> "Bounds":
        return Bounds(self.least + other.least, self.most + other.most)

    def times(self, count: int) -> "Bounds":
        # 0 times the unknown is nothing, and not NaN.
        return Bounds(self.least * count, self.most * count) if count else NOTHING


NOTHING = Bounds(0.0, 0.0)


@dataclass(frozen=True)
class Unit:
    """What an answer of one provider costs on average."""

    input_usd: float
    output_usd: float

    @property
    def whole(self) -> Bounds:
        usd = self.input_usd + self.output_usd
        return Bounds(usd, usd)

    @property
    def begun(self) -> Bounds:
        """Its input was read, and some of its output written."""
        return Bounds(self.input_usd, self.input_usd + self.output_usd)

    @property
    def doubtful(self) -> Bounds:
        """Nobody knows whether the provider went to work."""
        return Bounds(0.0, self.input_usd + self.output_usd)


@dataclass(frozen=True)
class Spending:
    """What some requests cost, and what came of it."""

    usd: Bounds
    wasted: Bounds  # the part of it that no client got an answer for
    good: int
    passed: int
    undecided: int  # good answers of which nobody can tell whether they passed
    unpriced: frozenset[str] = frozenset()  # models of good answers without a price
    unseen: frozenset[str] = frozenset()  # providers that were tried, and gave no priced answer
    attempts_told: bool = True  # else retries are in no figure

    @property
    def per_success(self) -> Bounds | None:
        """US dollars for each answer that passed; None where no answer can have passed."""
        if not self.passed + self.undecided:
            return None
        least = self.usd.least / (self.passed + self.undecided)
        return Bounds(least, self.usd.most / self.passed if self.passed else inf)


@dataclass(frozen=True)
class Ledger:
    """The books of a run.

    calls: what the gates before the providers saw, by provider; with them retries are counted
    that the front door does not tell of.
    """

    windows: Mapping[str, Window]
    prices: Mapping[str, Price]
    calls: Mapping[str, Sequence[Call]] = field(default_factory=dict)

    def of(self, name: str) -> Spending:
        """What the requests of a window cost."""
        return self.over(self.windows[name].samples)

    def over(self, samples: Samples) -> Spending:
        """What these requests cost; they must be of the run."""
        good, answers = samples.good, samples.rated.good
        own = fsum(samples.numbers("cost_usd"))
        verdicts = answers.tally("passed")
        tried = Counter(self._wasted(samples))
        wasted = NOTHING
        for (provider, outcome), count in tried.items():
            wasted = wasted.plus(self._cost(provider, outcome).times(count))
        models = {model or "an unnamed model" for model in good.tally("model")}
        billed = {provider for provider, outcome in tried if outcome not in _FREE}
        return Spending(
            usd=Bounds(own, own).plus(wasted),
            wasted=wasted,
            good=len(answers),
            passed=verdicts.get(True, 0),
            undecided=verdicts.get(None, 0),
            unpriced=frozenset(models - set(self.prices)),
            unseen=frozenset(billed - set(self.units)),
            attempts_told=bool(self._gates) or () not in good.tally("attempts"),
        )

    def by_label(self, label: str, name: str) -> dict[str, Spending]:
        """What a window cost for each feature, or tenant; '' is what has no label."""
        samples = self.windows[name].samples
        return {
            value: self.over(_only(samples, label, value)) for value in sorted(samples.tally(label))
        }

    @cached_property
    def units(self) -> dict[str, Unit]:
        """What an answer costs, by provider, over the good answers of the whole run."""
        found: dict[str, Unit] = {}
        for window in self.windows.values():
            for provider in window.good.tally("served_by"):
                if provider and provider not in found and (unit := self._unit(provider)):
                    found[provider] = unit
        return found

    def _unit(self, provider: str) -> Unit | None:
        input_usd = output_usd = 0.0
        count = 0
        for window in self.windows.values():
            served = _only(window.good, "served_by", provider)
            for model in served.tally("model"):
                price = self.prices.get(model or "")
                if price is not None:
                    own = _only(served, "model", model)
                    input_usd += price.input_usd(*_sums(own, *_READ))
                    output_usd += price.output_usd(*_sums(own, *_WRITTEN))
                    count += len(own)
        return Unit(input_usd / count, output_usd / count) if count else None

    def _cost(self, provider: str, outcome: Outcome) -> Bounds:
        """What an attempt cost that gave no client its answer."""
        if outcome in _FREE:
            return NOTHING
        unit = self.units.get(provider)
        if unit is None:
            return Bounds(0.0, inf)
        if outcome is Outcome.OK:
            return unit.whole
        return unit.begun if outcome is Outcome.CUT else unit.doubtful

    def _wasted(self, samples: Samples) -> dict[tuple[str, Outcome], int]:
        """Attempts that no client got an answer by: as gates saw them, else as they are told."""
        ids = frozenset(samples.texts("request_id")) if self._gates else frozenset()
        billed = samples.good | samples.where_number("cost_usd", (0.0).__lt__)
        wasted: Counter[tuple[str, Outcome]] = Counter()
        for provider, calls in self._gates.items():
            wasted.update((provider, _ended(call)) for call in calls if call.request_id in ids)
        for way, count in samples.tally("attempts").items():
            for provider, outcome in way:
                if provider not in self._gates:
                    wasted[provider, outcome] += count
        # What was answered is in the answers' own costs; by the last attempt the answer came.
        for provider, count in _answered_by(billed).items():
            wasted[provider, Outcome.OK] -= count if provider in self._gates else 0
        for way, count in billed.tally("attempts").items():
            if way and way[-1][0] not in self._gates:
                wasted[way[-1]] -= count
        return {tried: count for tried, count in wasted.items() if count > 0}

    @cached_property
    def _gates(self) -> dict[str, Sequence[Call]]:
        """The gates whose calls can be told apart: those that saw an id of the run, if one did."""
        if not any(self.calls.values()):
            return {}
        known = {i for window in self.windows.values() for i in window.samples.texts("request_id")}
        tells = any(call.request_id in known for calls in self.calls.values() for call in calls)
        return dict(self.calls) if tells else {}


_READ = ("tokens_in", "tokens_in_cached")
_WRITTEN = ("tokens_out", "tokens_out_reasoning")
# A provider that refuses or answers an error bills nothing.
_FREE = frozenset({Outcome.REFUSED, Outcome.HTTP_ERROR, Outcome.UNSENT})


def _only(samples: Samples, name: str, value: str | None) -> Samples:
    return samples.where(name, lambda own: own == value)


def _answered_by(samples: Samples) -> dict[str, int]:
    """How many each provider answered, as the front door names it or by the last attempt."""
    found = Counter(samples.tally("served_by"))
    del found[None]
    unnamed = samples.where("served_by", lambda name: not name)
    for way, count in unnamed.tally("attempts").items():
        if way:
            found[way[-1][0]] += count
    return {name: count for name, count in found.items() if name}


def _sums(samples: Samples, *names: str) -> Iterable[int]:
    return [int(sum(samples.numbers(name))) for name in names]


def _ended(call: Call) -> Outcome:
    if call.status is None:
        return Outcome.TIMEOUT
    if call.status >= 400:
        return Outcome.HTTP_ERROR
    return Outcome.OK if call.whole else Outcome.CUT
