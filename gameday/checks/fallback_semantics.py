"""Judges which way each request took over the providers, and whether it should have stopped."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from gameday.checks._calls import MISSING_SHARE_MAX, Visit, telling_gates, visits_by_request
from gameday.checks._met import REQUESTS_MIN, met_fault, were_sent
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.names import Name
from gameday.domain.plan import Planned
from gameday.domain.sample import Outcome, Sample

REFUSALS = frozenset({"refusal", "content_filter"})  # finish reasons, and the faults of that name
CLOCKS = timedelta(milliseconds=100)  # what the clocks of gate and load generator may differ by
# What ends so may have been lost on the way to the gate, which then has nothing to count.
_LOST_BEFORE_THE_GATE = frozenset({Outcome.REFUSED, Outcome.RESET, Outcome.TIMEOUT})


def _each_once(order: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(order)) != len(order):
        raise ValueError("expected each provider once")
    return order


class FallbackSemantics(Check):
    """Requests go from provider to provider in the right order, and stop when they should.

    Every attempt after the first is a hop, also one at the same provider. None may follow the
    first piece of content, nor an answer, which a refusal is too. What the front door tells is
    held against the gates' own counts, where there are any.
    """

    needs_fault: ClassVar[bool] = True

    order: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(_each_once)]
    max_hops: Annotated[int, Field(ge=0, le=10)] = 1
    none_after_content: bool = True
    none_on_refusal: bool = True

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no request was observed while the fault was there")
        asked = were_sent(met_fault(seen, faulted.started_at))
        visits, gates = visits_by_request(seen), telling_gates(seen)
        ways = [_Way(s, tuple(visits.get(s.request_id, ()))) for s in asked]
        told = [way for way in ways if way.providers]
        if not told:
            return unknown(
                f"nobody tells which providers were tried for {len(asked)} requests: neither the "
                "front door's attempts header nor a gate"
            )
        objections = [*self._wrong_ways(told, seen), *_disagreements(told, gates)]
        if objections:
            return yes_if(False, "; ".join(objections))
        if silent := sum(way.sample.good and not way.providers for way in ways):
            return unknown(f"{silent} of {len(asked)} requests do not tell who was tried for them")
        return self._kept(told, gates)

    def _kept(self, told: Sequence["_Way"], gates: frozenset[str]) -> Finding:
        longest = max(told, key=lambda way: way.hops)
        by = f"the gates of {' and '.join(sorted(gates))} agree" if gates else "no gate to check it"
        reason = (
            f"{len(told)} requests kept the order {' -> '.join(self.order)}, the longest way was "
            f"{longest} (at most {self.max_hops} {_hops(self.max_hops)}); {by}"
        )
        if len(told) < REQUESTS_MIN:
            return unknown(f"{reason}; {REQUESTS_MIN} requests are needed")
        return yes_if(True, reason)

    def _wrong_ways(self, told: Sequence["_Way"], seen: Seen) -> Iterator[str]:
        refusing = frozenset(fault.id for fault in seen.faults if fault.kind in REFUSALS)
        order = " -> ".join(self.order)
        rules: list[tuple[Callable[[_Way], bool], str]] = [
            (self._leaves_order, f"did not keep the order {order}"),
            (self._is_too_long, f"took more than {self.max_hops} {_hops(self.max_hops)}"),
        ]
        if self.none_after_content:
            rules.append((_goes_on_after_content, "went on to a provider after the first content"))
        if self.none_on_refusal:
            after_answer = partial(_goes_on_after_answer, refusing=refusing)
            rules.append((after_answer, "went on to a provider after an answer or a refusal"))
        for breaks, what in rules:
            if wrong := [way for way in told if breaks(way)]:
                yield f"{len(wrong)} of {len(told)} requests {what}, such as {wrong[0]}"

    def _leaves_order(self, way: "_Way") -> bool:
        if not set(way.providers) <= set(self.order):
            return True
        places = [self.order.index(provider) for provider in way.providers]
        return places != sorted(places)

    def _is_too_long(self, way: "_Way") -> bool:
        return way.hops > self.max_hops

    def cannot_decide(self, planned: Planned) -> str:
        if strangers := [name for name in self.order if name not in planned.target.providers]:
            return f"the target has no provider {strangers[0]!r}"
        return planned.too_few("faulted", REQUESTS_MIN)


@dataclass(frozen=True)
class _Way:
    """The way of one request over the providers: as the front door tells it, and as gates saw."""

    sample: Sample
    visits: tuple[Visit, ...]

    @property
    def providers(self) -> tuple[str, ...]:
        """As told; where the front door is silent, as seen."""
        told = tuple(attempt.provider for attempt in self.sample.attempts)
        return told or tuple(visit.provider for visit in self.visits)

    @property
    def hops(self) -> int:
        return max(0, len(self.providers) - 1)

    def __str__(self) -> str:
        return " -> ".join(self.providers)


def _goes_on_after_content(way: _Way) -> bool:
    sample = way.sample
    if any(attempt.outcome is Outcome.CUT for attempt in sample.attempts[:-1]):
        return True
    if sample.ttft_ms is None:
        return False
    content_at = sample.intended_at + timedelta(milliseconds=sample.ttft_ms) + CLOCKS
    return any(visit.call.started_at > content_at for visit in way.visits)


def _goes_on_after_answer(way: _Way, refusing: frozenset[str]) -> bool:
    sample = way.sample
    if any(attempt.outcome is Outcome.OK for attempt in sample.attempts[:-1]):
        return True
    if any(visit.call.fault_id in refusing for visit in way.visits[:-1]):
        return True
    refused = sample.finish_reason in REFUSALS and sample.served_by is not None
    return refused and way.providers[-1] != sample.served_by


def _disagreements(told: Iterable[_Way], gates: frozenset[str]) -> Iterator[str]:
    """What the front door tells against what the gates saw, request by request."""
    compared = [way for way in told if way.sample.attempts] if gates else []
    found: defaultdict[str, list[_Way]] = defaultdict(list)
    for way in compared:
        found[_disagreement(way, gates)].append(way)
    of_all = f"of {len(compared)} requests"
    if hidden := found["hidden"]:
        saw = sum(len(_seen(way)) for way in hidden)
        told_of = sum(len(_told(way, gates)) for way in hidden)
        yield (
            f"the front door hides calls: for {len(hidden)} {of_all} the gates saw {saw} and its "
            f"header tells of {told_of}, such as {' -> '.join(_seen(hidden[0]))}, told as "
            f"{hidden[0]}"
        )
    if swapped := found["swapped"]:
        yield (
            f"for {len(swapped)} {of_all} the gates saw another order than the front door tells, "
            f"such as {' -> '.join(_seen(swapped[0]))}, told as {swapped[0]}"
        )
    unmade = found["unmade"]
    if len(unmade) > MISSING_SHARE_MAX * len(compared):
        yield (
            f"for {len(unmade)} {of_all} the front door tells of calls that no gate saw, such as "
            f"{unmade[0]}"
        )


def _disagreement(way: _Way, gates: frozenset[str]) -> str:
    seen, told = _seen(way), _told(way, gates)
    if _surplus(seen, told):
        return "hidden"
    if not _in_order(seen, told):
        return "swapped"
    return "unmade" if _surplus(_told(way, gates, arrived=True), seen) else ""


def _seen(way: _Way) -> list[str]:
    return [visit.provider for visit in way.visits]


def _told(way: _Way, gates: frozenset[str], *, arrived: bool = False) -> list[str]:
    """Attempts at providers with a gate; if `arrived`, those that must have come there."""
    return [
        attempt.provider
        for attempt in way.sample.attempts
        if attempt.provider in gates and not (arrived and attempt.outcome in _LOST_BEFORE_THE_GATE)
    ]


def _surplus(more: Sequence[str], less: Sequence[str]) -> bool:
    """Whether `more` has a provider more often than `less` has it."""
    return bool(Counter(more) - Counter(less))


def _in_order(part: Sequence[str], whole: Iterable[str]) -> bool:
    """Whether `part` is what is left of `whole` when some entries are struck out."""
    rest = iter(whole)
    return all(provider in rest for provider in part)


def _hops(count: int) -> str:
    return "hop" if count == 1 else "hops"
