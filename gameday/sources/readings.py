"""Takes the readings that a drill's objectives need of other systems.

Prometheus keeps its own past, so it is asked once, when a window is over and its last scrape is
in. A JSON document forgets, so it is read every second while a window goes on.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from gameday.domain.errors import SourceError
from gameday.domain.reading import RAW_MAX, Point, Reading
from gameday.domain.slo import WINDOW, JsonNumber, PromQuery, Source, describe
from gameday.domain.target import Target
from gameday.sources.json_number import read_number
from gameday.sources.prometheus import Prometheus, Series

STEP_S = 1.0
SCRAPE_INTERVAL_S = 15.0  # Prometheus' own examples have it
POINTS_MAX = 2000  # of one series, so that a long window stays a small file

Secrets = Callable[[str | None], str | None]
"""The secret behind a reference; None for none."""


@dataclass(frozen=True)
class Part:
    """One figure to read for one objective."""

    slo: str
    name: str
    source: Source


@dataclass(frozen=True)
class Stretch:
    """A window's name and bounds, in seconds since the epoch."""

    window: str
    start_s: float
    end_s: float


def parts_of(target: Target, slos: Iterable[str]) -> list[Part]:
    """What must be read outside for these objectives; nothing for those over own samples."""
    stated = {name: slo for name in dict.fromkeys(slos) if (slo := target.slos.get(name))}
    return [
        Part(name, part, source)
        for name, slo in stated.items()
        for part, source in slo.parts.items()
    ]


async def read_prometheus(
    target: Target, parts: Sequence[Part], stretches: Sequence[Stretch], secret: Secrets
) -> list[Reading]:
    """One reading for each part of Prometheus' and each window. Never raises: it says why not."""
    interval_s = scrape_interval_s(target)
    readings = []
    for part in parts:
        if isinstance(source := part.source, PromQuery):
            prometheus = prometheus_of(target, source, secret)
            for stretch in stretches:
                # What happens in a window is scraped up to an interval later.
                shifted = Stretch(
                    stretch.window, stretch.start_s + interval_s, stretch.end_s + interval_s
                )
                readings.append(await _read(part, source, shifted, prometheus))
    return readings


def scrape_interval_s(target: Target) -> float:
    """How old the figures of the target's Prometheus may be."""
    return target.alerts.scrape_interval if target.alerts else SCRAPE_INTERVAL_S


def prometheus_of(target: Target, source: PromQuery, secret: Secrets) -> Prometheus:
    """The Prometheus that a source is asked of."""
    url = source.prometheus or (target.alerts.prometheus if target.alerts else "")
    return Prometheus(url, secret(source.key))


async def _read(part: Part, source: PromQuery, over: Stretch, prometheus: Prometheus) -> Reading:
    step_s = max(STEP_S, (over.end_s - over.start_s) / POINTS_MAX)
    query = source.query.replace(WINDOW, f"{max(1, round(over.end_s - over.start_s))}s")
    asked_at, problem, series = datetime.now(UTC), "", Series((), "")
    try:
        if source.at_end:
            series = await prometheus.query(query, over.end_s)
        else:
            series = await prometheus.query_range(query, over.start_s, over.end_s, step_s)
    except SourceError as error:
        problem = error.sentence
    return Reading(
        slo=part.slo,
        window=over.window,
        part=part.name,
        source=query,
        place=prometheus.url,
        asked_at=asked_at,
        start_s=over.start_s,
        end_s=over.end_s,
        step_s=step_s,
        at_end=source.at_end,
        problem=problem or _not_finite(series.points),
        points=_finite(series.points),
        raw=series.raw[:RAW_MAX],
    )


class Polls:
    """The JSON documents that are read while one window goes on."""

    def __init__(self, window: str, parts: Sequence[Part], secret: Secrets) -> None:
        self._window = window
        self._parts = [(p, p.source) for p in parts if isinstance(p.source, JsonNumber)]
        self._secret = secret
        self._points: dict[Part, list[Point]] = {part: [] for part, _ in self._parts}
        self._raw: dict[Part, str] = {}
        self._problems: dict[Part, str] = {}
        self._start_s = time.time()

    async def read_once(self) -> None:
        for part, source in self._parts:
            try:
                value, raw = await read_number(source.url, source.path, self._secret(source.key))
            except SourceError as error:
                self._problems[part] = error.sentence
                continue
            self._points[part].append((time.time(), value))
            self._raw[part] = raw

    def readings(self) -> list[Reading]:
        """What was read until now."""
        end_s = time.time()
        return [
            Reading(
                slo=part.slo,
                window=self._window,
                part=part.name,
                source=describe(source),
                place=source.url,
                asked_at=datetime.fromtimestamp(end_s, UTC),
                start_s=self._start_s,
                end_s=end_s,
                step_s=STEP_S,
                # One that was missed now and then is a gap, which is looked at by itself.
                problem="" if self._points[part] else self._problems.get(part, ""),
                points=_finite(self._points[part]),
                raw=self._raw.get(part, "")[:RAW_MAX],
            )
            for part, source in self._parts
        ]


@asynccontextmanager
async def polled(window: str, parts: Sequence[Part], secret: Secrets) -> AsyncIterator[Polls]:
    """Read beside whatever is done inside, from its beginning to its end."""
    polls = Polls(window, parts, secret)
    reading = asyncio.create_task(_poll(polls))
    try:
        yield polls
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading


async def _poll(polls: Polls) -> None:
    while True:
        await polls.read_once()
        await asyncio.sleep(STEP_S)


def _finite(points: Sequence[Point]) -> tuple[Point, ...]:
    """Those that a document can hold."""
    return tuple(p for p in points if p[1] - p[1] == 0)


def _not_finite(points: Sequence[Point]) -> str:
    bad = len(points) - len(_finite(points))
    return f"{bad} of {len(points)} figures are NaN or infinite" if bad else ""
