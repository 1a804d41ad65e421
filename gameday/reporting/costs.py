"""Works out what the windows of a run cost: of all requests, and by feature and tenant."""

from collections.abc import Iterator, Mapping, Sequence
from math import isinf

from gameday.domain.gate import Call
from gameday.domain.record import RunRecord
from gameday.domain.result import CostResult
from gameday.domain.spending import Bounds, Ledger, Spending
from gameday.reporting.judging import Judged

_WINDOWS = ("baseline", "faulted", "peak", "responded", "recovered")
_LABELS = ("feature", "tenant")


def make_costs(
    record: RunRecord, judged: Judged, calls: Mapping[str, Sequence[Call]]
) -> Iterator[CostResult]:
    """One for each window, and one for each of its features and tenants; none without prices."""
    prices = record.request.target.prices
    if not prices:
        return
    books = Ledger(judged.windows, prices, calls)
    for name in _WINDOWS:
        if name in judged.windows and len(judged.windows[name]):
            yield _cost(name, "", "", books.of(name))
            for label in _LABELS:
                by_value = books.by_label(label, name)
                if set(by_value) != {""}:
                    yield from (_cost(name, label, *one) for one in by_value.items())


def _cost(window: str, label: str, value: str, spent: Spending) -> CostResult:
    per_success = spent.per_success
    return CostResult(
        window=window,
        label=label,
        value=value,
        good=spent.good,
        passed=spent.passed,
        undecided=spent.undecided,
        unpriced=tuple(sorted(spent.unpriced)),
        usd_min=spent.usd.least,
        usd_max=_most(spent.usd),
        wasted_usd_min=spent.wasted.least,
        wasted_usd_max=_most(spent.wasted),
        per_success_usd_min=None if per_success is None else per_success.least,
        per_success_usd_max=None if per_success is None else _most(per_success),
    )


def _most(bounds: Bounds) -> float | None:
    return None if isinf(bounds.most) else bounds.most
