"""Watches the abort conditions of one window while it goes on.

A look costs what the last seconds hold, however long the window is.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from gameday.domain.abort import AbortCondition, Tripped
from gameday.domain.sample import Outcome, Sample
from gameday.domain.statistics import percentile

REQUESTS_MIN = 5  # one failed request alone is no rate
LOOK_BACK_S = 1.0
Measure = Callable[[AbortCondition, Sequence[Sample]], float | None]


class Guards:
    """Takes samples as they finish. Only those intended at or after `floor` are the window's own.

    Clients that hung up because the drill told them to are in no figure but the rate sent.
    """

    def __init__(self, conditions: Iterable[AbortCondition], floor: datetime) -> None:
        self._conditions = tuple(conditions)
        self._floor = floor
        longest_s = max([LOOK_BACK_S, *(guard.for_ or 0.0 for guard in self._conditions)])
        self._keep = timedelta(seconds=longest_s)
        self._recent: deque[Sample] = deque()
        self._last_end = floor
        self._spent_usd = 0.0
        self._met_since: dict[AbortCondition, datetime] = {}

    def take(self, samples: Iterable[Sample]) -> None:
        """Money counts from the first request of the run on, everything else from the floor."""
        for sample in samples:
            self._spent_usd += sample.cost_usd
            self._last_end = max(self._last_end, sample.finished_at)
            if sample.intended_at >= self._floor and sample.group == "experiment":
                self._recent.append(sample)

    def tripped(self, now: datetime) -> Tripped | None:
        """The first condition that is met, with its numbers; None while there is none."""
        while self._recent and now - self._recent[0].finished_at > self._keep:
            self._recent.popleft()
        for guard in self._conditions:
            if sentence := self._look(guard, now):
                return Tripped(guard=str(guard), sentence=sentence)
        return None

    def _look(self, guard: AbortCondition, now: datetime) -> str:
        match guard.metric:
            case None:
                return self._silent(guard, now)
            case "cost_usd":
                return self._overspent(guard)
            case "sent_per_s":
                return self._rate(guard, now)
            case metric if metric in MEASURES:
                return self._lasting(guard, MEASURES[metric], now)
        return ""  # of others' traffic: the gates tell

    def _silent(self, guard: AbortCondition, now: datetime) -> str:
        silent_s = (now - self._last_end).total_seconds()
        if silent_s < guard.bound:
            return ""
        return f"no request ended for {silent_s:.1f} s (no_data {guard.bound:g} s)"

    def _overspent(self, guard: AbortCondition) -> str:
        spent_usd = round(self._spent_usd, 9)  # a sum of small costs is a little off
        if not guard.passed_by(spent_usd):
            return ""
        return f"the run has cost ${spent_usd:.4g}, over ${guard.bound:g}"

    def _rate(self, guard: AbortCondition, now: datetime) -> str:
        """Counted as requests end, over the whole time, which the window must have lasted."""
        assert guard.for_ is not None
        if (now - self._floor).total_seconds() < guard.for_:
            return ""
        since = now - timedelta(seconds=guard.for_)
        ended = sum(s.finished_at >= since and _was_sent(s) for s in self._recent)
        per_s = ended / guard.for_
        if not guard.passed_by(per_s):
            return ""
        return f"{ended} requests ended in {guard.for_:g} s, {per_s:.3g}/s, {_beyond(guard)}/s"

    def _lasting(self, guard: AbortCondition, measure: Measure, now: datetime) -> str:
        """Each look judges the last second, so every look of its time must find it met."""
        assert guard.for_ is not None
        recent = self._ended_within(LOOK_BACK_S, now)
        if len(recent) < REQUESTS_MIN:  # a slow load has few in a second
            recent = self._ended_within(max(LOOK_BACK_S, guard.for_), now)
        value = measure(guard, recent) if len(recent) >= REQUESTS_MIN else None
        if value is None:
            return ""  # too few answers to tell: neither better nor worse than before
        if not guard.passed_by(value):
            self._met_since.pop(guard, None)
            return ""
        since = self._met_since.setdefault(guard, now)
        if (now - since).total_seconds() < guard.for_:
            return ""
        return (
            f"{guard.name} was {value:.4g}, {_beyond(guard)}, for {guard.for_:g} s "
            f"(last {len(recent)} requests)"
        )

    def _ended_within(self, seconds: float, now: datetime) -> list[Sample]:
        since = now - timedelta(seconds=seconds)
        return [s for s in self._recent if s.finished_at >= since and not s.left]


def _was_sent(sample: Sample) -> bool:
    return sample.outcome is not Outcome.UNSENT


def _beyond(guard: AbortCondition) -> str:
    return f"{'over' if guard.above is not None else 'under'} {guard.bound:g}"


def _error_rate(_: AbortCondition, recent: Sequence[Sample]) -> float:
    return sum(not sample.good for sample in recent) / len(recent)


def _latency(_: AbortCondition, recent: Sequence[Sample]) -> float | None:
    return percentile([sample.latency_ms for sample in recent if sample.good], 0.95)


def _ttft(_: AbortCondition, recent: Sequence[Sample]) -> float | None:
    first = [s.ttft_ms for s in recent if s.good and s.ttft_ms is not None]
    return percentile(first, 0.95)


def _quality(_: AbortCondition, recent: Sequence[Sample]) -> float | None:
    """A request without an answer counts as 0: users got nothing. One not scored is left out."""
    rated = [s.quality or 0.0 for s in recent if not s.good or s.quality is not None]
    return sum(rated) / len(rated) if rated else None


def _cost_per_success(_: AbortCondition, recent: Sequence[Sample]) -> float | None:
    """None also while it is not known of every answer whether it passed the suite."""
    if any(s.passed is None for s in recent if s.good and not s.turns_left):
        return None
    passed = sum(sample.passed is True for sample in recent)
    return sum(sample.cost_usd for sample in recent) / passed if passed else None


def _served_share(guard: AbortCondition, recent: Sequence[Sample]) -> float | None:
    served = [sample.served_by for sample in recent if sample.good]
    return sum(by == guard.of for by in served) / len(served) if served else None


MEASURES: Mapping[str, Measure] = {
    "error_rate": _error_rate,
    "latency_ms_p95": _latency,
    "ttft_ms_p95": _ttft,
    "quality": _quality,
    "cost_per_success_usd": _cost_per_success,
    "served_share": _served_share,
}
