"""Works out the panels of the picture: latency, quality, errors, and who answered.

Latency shows every extreme: a bucket's bar goes from its fastest to its slowest answer.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gameday.domain.statistics import percentile
from gameday.reporting.axes import Scale, Tick, even_ticks, log_ticks, make_scale
from gameday.reporting.buckets import Bucket
from gameday.reporting.drawn import Drawn
from gameday.reporting.inert import inert_line

NAME_LENGTH_MAX = 24  # of a provider, in the legend
LOG_FROM = 20  # slowest to median: beyond this a linear scale would flatten everything else


@dataclass(frozen=True)
class Series:
    """One shape of a panel; `name` is also its style."""

    name: str
    label: str
    path: str


@dataclass(frozen=True)
class Panel:
    title: str
    top: float
    height: float
    ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    objective: Tick | None = None

    @property
    def bottom(self) -> float:
        return self.top + self.height


def latency_panel(drawn: Drawn, buckets: Sequence[Bucket], across: Scale, top: float) -> Panel:
    height = 170.0
    answered = [bucket for bucket in buckets if bucket.latencies_ms]
    slo_ms = drawn.slo_ms()
    highest = max([*(b.latencies_ms[-1] for b in answered), (slo_ms or 0) * 1.1, 1.0])
    median = percentile([b.latency_ms(0.5) or 0.0 for b in answered], 0.5) or 1.0
    log = bool(answered) and highest > LOG_FROM * median
    fastest = min((b.latencies_ms[0] for b in answered), default=1.0)
    low = 10 ** math.floor(math.log10(max(0.1, fastest))) if log else 0.0
    ticks_ms = log_ticks(low, highest) if log else even_ticks(highest)
    top_ms = max(highest, ticks_ms[-1])
    bend = math.log10 if log else float
    flat = make_scale(bend(low) if log else 0.0, bend(top_ms), top + height, top)

    def up(value: float) -> float:
        return flat(bend(max(low, value)) if log else value)

    return Panel(
        title=f"Latency of good answers, ms{' (log scale)' if log else ''}",
        top=top,
        height=height,
        ticks=tuple(Tick(up(value), f"{value:,.0f}") for value in ticks_ms),
        series=(
            Series("range", "fastest to slowest", _range_path(buckets, across, up)),
            Series("p95", "p95", _line_path(_latencies(buckets, 0.95), across, up)),
            Series("p50", "p50", _line_path(_latencies(buckets, 0.5), across, up)),
        ),
        objective=Tick(up(slo_ms), f"objective p95 {slo_ms:,.0f} ms") if slo_ms else None,
    )


def quality_panel(buckets: Sequence[Bucket], across: Scale, top: float) -> Panel | None:
    """What a silent change shows in; None where nothing was scored."""
    if all(bucket.quality is None for bucket in buckets):
        return None
    height = 70.0
    up = make_scale(0.0, 1.0, top + height, top)
    path = _line_path([(bucket, bucket.quality) for bucket in buckets], across, up)
    return Panel(
        title="Quality of answers, mean (none: 0)",
        top=top,
        height=height,
        ticks=tuple(Tick(up(value), f"{value:g}") for value in (0.0, 0.5, 1.0)),
        series=(Series("quality", "", path),),
    )


def errors_panel(buckets: Sequence[Bucket], across: Scale, top: float) -> Panel:
    height = 46.0
    shares = [(b, 0.0, b.failed / b.requests) for b in buckets if b.requests]
    worst = max((share for _, _, share in shares), default=0.0)
    highest = next(limit for limit in (0.1, 0.2, 0.5, 1.0) if worst <= limit)
    up = make_scale(0, highest, top + height, top)
    return Panel(
        title="Requests without an answer, %",
        top=top,
        height=height,
        ticks=tuple(
            Tick(up(highest * part), f"{highest * part * 100:.0f}") for part in (0.0, 0.5, 1.0)
        ),
        series=(Series("failed", "failed", _bars_path(shares, across, up)),),
    )


def served_panel(drawn: Drawn, buckets: Sequence[Bucket], across: Scale, top: float) -> Panel:
    height = 76.0
    highest = max([1, *(bucket.requests for bucket in buckets)])
    ticks = even_ticks(highest, 2)
    up = make_scale(0, max(highest, ticks[-1]), top + height, top)
    names = _order_providers(drawn, buckets)
    series = [
        Series(
            style,
            "unknown" if name == "?" else inert_line(name, NAME_LENGTH_MAX),
            _bars_path(_stacked(buckets, names, name), across, up),
        )
        for name, style in names.items()
    ]
    failed = ((b, b.requests - b.failed, b.requests) for b in buckets if b.failed)
    lost = Series("failed", "no answer", _bars_path(failed, across, up))
    width_s = buckets[0].width_s
    unit = "requests/s" if width_s == 1 else f"requests per {width_s:g} s"
    return Panel(
        title=f"Who answered, {unit}",
        top=top,
        height=height,
        ticks=tuple(Tick(up(value), f"{value:,.0f}") for value in ticks),
        series=(*series, lost) if lost.path else tuple(series),
    )


def _order_providers(drawn: Drawn, buckets: Iterable[Bucket]) -> dict[str, str]:
    """Who served and the style of each: the usual provider first, then by name."""
    totals: dict[str, int] = {}
    for bucket in buckets:
        for name in bucket.served_by:
            totals.setdefault(name, 0)
    baseline = drawn.judged.windows.get("baseline")
    usual = list(baseline.served_by)[:1] if baseline else []
    others = sorted(name for name in totals if name not in usual)
    known = [name for name in (*usual, *others) if name in totals and name != "?"]
    styles = {name: f"served-{min(place, 4)}" for place, name in enumerate(known, start=1)}
    return {**styles, "?": "served-unknown"} if "?" in totals else styles


def _stacked(
    buckets: Iterable[Bucket], names: Iterable[str], name: str
) -> Iterator[tuple[Bucket, float, float]]:
    order = list(names)
    below = order[: order.index(name)]
    for bucket in buckets:
        served = bucket.served_by
        if name in served:
            base = sum(served.get(other, 0) for other in below)
            yield bucket, base, base + served[name]


def _bars_path(bars: Iterable[tuple[Bucket, float, float]], across: Scale, up: Scale) -> str:
    """One path of upright bars, each of a bucket from one value to another."""
    parts = []
    for bucket, low, high in bars:
        left, right = across(bucket.start_s), across(bucket.start_s + bucket.width_s)
        wide = max(0.5, right - left - (1 if right - left > 4 else 0))
        if up(low) - up(high) > 0:
            parts.append(f"M{left:g} {up(low):g}V{up(high):g}h{wide:.1f}V{up(low):g}z")
    return "".join(parts)


def _range_path(buckets: Iterable[Bucket], across: Scale, up: Scale) -> str:
    ranges = ((b, b.latencies_ms[0], b.latencies_ms[-1]) for b in buckets if b.latencies_ms)
    return _bars_path(ranges, across, up)


def _latencies(buckets: Iterable[Bucket], quantile: float) -> Iterator[tuple[Bucket, float | None]]:
    return ((bucket, bucket.latency_ms(quantile)) for bucket in buckets)


def _line_path(values: Iterable[tuple[Bucket, float | None]], across: Scale, up: Scale) -> str:
    """One line through the middle of the buckets, broken where one has no value."""
    parts, pen = [], "M"
    for bucket, value in values:
        if value is None:
            pen = "M"
            continue
        point = f"{across(bucket.start_s + bucket.width_s / 2):g} {up(value):g}"
        parts.append(f"M{point}h0" if pen == "M" else f"L{point}")
        pen = "L"
    return "".join(parts)
