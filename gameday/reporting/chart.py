"""Works out the one picture of a report: where each line, bar and mark goes. A template draws it.

Everything shares one time axis, whose zero is the moment the fault was armed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gameday.reporting.axes import Scale, Tick, make_scale, time_label, time_step
from gameday.reporting.buckets import OVERLAPPING
from gameday.reporting.drawn import Drawn
from gameday.reporting.panels import (
    Panel,
    errors_panel,
    latency_panel,
    quality_panel,
    served_panel,
)

MARGIN_LEFT, MARGIN_RIGHT = 58, 8
# A fallback's, which the samples tell.
FALLBACK_CLOCK = (
    ("detected_at", "first failed attempt"),
    ("called_at", "another provider called"),
    ("first_good_at", "first good answer from another provider"),
    ("all_good_at", "all answers good again"),
)
# Of a response that the drill states.
STATED_CLOCK = (
    ("detected_at", "the change noticed"),
    ("decided_at", "response decided"),
    ("called_at", "mechanism called"),
    ("first_good_at", "first good answer"),
    ("all_good_at", "all answers good again"),
)


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    label: str
    name: str = ""


@dataclass(frozen=True)
class Mark:
    """One moment of the response clock; `label_x` is moved aside where two would overlap."""

    x: float
    label_x: float
    number: int
    label: str


@dataclass(frozen=True)
class Chart:
    width: float
    height: float
    narrow: bool
    description: str
    bucket_s: float
    phases: tuple[Bar, ...]
    fault: Bar | None
    felt: Bar | None
    marks: tuple[Mark, ...]
    panels: tuple[Panel, ...]
    times: tuple[Tick, ...]

    @property
    def left(self) -> float:
        return MARGIN_LEFT

    @property
    def right(self) -> float:
        return self.width - MARGIN_RIGHT


def make_chart(drawn: Drawn, width: float) -> Chart:
    """Lay the picture out for `width` units, which are pixels at its natural size."""
    buckets = drawn.buckets
    across = make_scale(0, drawn.seconds, MARGIN_LEFT, width - MARGIN_RIGHT)
    narrow = width < 600
    clock = tuple(_marks(drawn, across, width))
    top = 126.0 if clock else 100.0
    gap = 58.0 if narrow else 44.0
    latency = latency_panel(drawn, buckets, across, top + (14 if narrow else 0))
    quality = quality_panel(buckets, across, latency.bottom + gap)
    errors = errors_panel(buckets, across, (quality or latency).bottom + gap)
    served = served_panel(drawn, buckets, across, errors.bottom + gap)
    return Chart(
        width=width,
        height=served.bottom + 34,
        narrow=narrow,
        description=_describe(drawn),
        bucket_s=buckets[0].width_s,
        phases=tuple(_phases(drawn, across)),
        fault=_fault_bar(drawn, across),
        felt=_felt_bar(drawn, across),
        marks=clock,
        panels=(latency, *((quality,) if quality else ()), errors, served),
        times=_time_ticks(drawn, across, 5 if narrow else 10),
    )


def _at(drawn: Drawn, moment: datetime, across: Scale) -> float:
    return across((moment - drawn.record.started_at).total_seconds())


def _phases(drawn: Drawn, across: Scale) -> Iterator[Bar]:
    for name in ("baseline", "faulted", "peak", "responded", "recovered"):
        window = drawn.judged.windows.get(name)
        if window is not None:
            start = _at(drawn, window.started_at, across)
            yield Bar(start, _at(drawn, window.ended_at, across) - start, name, name)


def _fault_bar(drawn: Drawn, across: Scale) -> Bar | None:
    if not drawn.judged.faults:
        return None
    fault = drawn.judged.faults[0]
    inject = drawn.record.inject
    armed = fault.record.armed_at or (inject.confirmed_at if inject else None)
    if armed is None:
        return None
    start = _at(drawn, armed, across)
    end = _at(drawn, fault.record.gone_at or drawn.judged.ended_at, across)
    return Bar(start, max(2.0, end - start), fault.legend)


def _felt_bar(drawn: Drawn, across: Scale) -> Bar | None:
    """From the first to the last attempt that failed at the faulted provider."""
    if not drawn.judged.faults:
        return None
    provider = drawn.judged.faults[0].provider
    met = drawn.judged.at_fault.where(
        "attempts", lambda way: any(name == provider and ended != "ok" for name, ended in way)
    )
    first, last = met.first_by("finished_at"), met.last_by("finished_at")
    if first is None or last is None:
        return None
    start = _at(drawn, first.finished_at, across)
    label = f"{len(met):,} failed at {provider} first"
    return Bar(start, max(2.0, _at(drawn, last.finished_at, across) - start), label)


def _marks(drawn: Drawn, across: Scale, width: float) -> Iterator[Mark]:
    response = drawn.judged.response
    free_from = MARGIN_LEFT + 9.0
    clock = STATED_CLOCK if drawn.judged.stated else FALLBACK_CLOCK
    if drawn.judged.stated is None and response.detected_at is None:
        return
    for number, (name, label) in enumerate(clock, start=1):
        moment = getattr(response, name)
        if moment is not None:
            x = _at(drawn, moment, across)
            label_x = min(max(x, free_from), width - MARGIN_RIGHT - 9 - (len(clock) - number) * 20)
            free_from = label_x + 20
            yield Mark(x, label_x, number, label)


def _time_ticks(drawn: Drawn, across: Scale, count: int) -> tuple[Tick, ...]:
    step = time_step(drawn.seconds / count)
    first = math.ceil(drawn.first_s / step)
    last = math.floor((drawn.first_s + drawn.seconds) / step)
    return tuple(
        Tick(across(number * step - drawn.first_s), time_label(number * step))
        for number in range(first, last + 1)
    )


def _describe(drawn: Drawn) -> str:
    """Put the picture in words, for those who cannot see it."""
    parts = []
    for name, window in drawn.judged.windows.items():
        p95 = window.latency_ms(0.95)
        if name not in OVERLAPPING and len(window):
            served = ", ".join(f"{who} {n:,}" for who, n in window.served_by.items()) or "nobody"
            slow = f"p95 {p95:,.0f} ms" if p95 is not None else "no good answer"
            right = "" if window.quality is None else f"quality {window.quality:.2f}, "
            parts.append(
                f"{name}: {len(window):,} requests, {slow}, {right}"
                f"{window.errors:,} without an answer, answered by {served}"
            )
    return ". ".join(parts) + "." if parts else "No request was recorded."
