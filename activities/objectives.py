"""Judges one of a target's objectives as things are now, by the check that judges it in drills."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from activities.connections import resolve_secret
from gameday.checks.slo import Slo
from gameday.domain.check import Finding, Seen
from gameday.domain.drill import Load
from gameday.domain.reading import Reading
from gameday.domain.samples import Samples
from gameday.domain.target import Target
from gameday.domain.window import Window
from gameday.sources.readings import (
    Stretch,
    parts_of,
    polled,
    read_prometheus,
    scrape_interval_s,
)

NOW = "faulted"  # what checks call the window that they judge
_POLLS_S = 5.0  # a document is read so long, where it is read at all
_BACK_S = 60.0  # so far back Prometheus is asked


async def judge_objective(target: Target, name: str, samples: Samples, load: Load) -> Finding:
    """Whether the objective holds: by these samples, or by what measures it outside."""
    by_part = await _readings(target, name)
    seen = Seen(
        windows={NOW: _window(samples)},
        faults=(),
        faulted_provider="",
        restore=None,
        target=target,
        load=load.offered(),
        load_started_at=None,
        good_in_a_row=1,
        served_log={},
        readings={(name, NOW): by_part},
    )
    return await asyncio.to_thread(Slo(name=name, window=NOW).judge, seen)


def _window(samples: Samples) -> Window:
    now = datetime.now(UTC)
    first, last = samples.first_by("intended_at"), samples.last_by("finished_at")
    began, ended = (first.intended_at, last.finished_at) if first and last else (now, now)
    return Window(NOW, began, ended, samples)


async def _readings(target: Target, name: str) -> dict[str, Reading]:
    """By part; none for an objective over samples. What could not be read says why."""
    parts = parts_of(target, [name])
    if not parts:
        return {}
    async with polled(NOW, parts, resolve_secret) as polls:
        await asyncio.sleep(_POLLS_S)
        polled_now = polls.readings()
    # What happened lately is scraped up to an interval later.
    until = datetime.now(UTC) - timedelta(seconds=scrape_interval_s(target))
    stretch = Stretch(NOW, until.timestamp() - _BACK_S, until.timestamp())
    every = [*polled_now, *await read_prometheus(target, parts, [stretch], resolve_secret)]
    by_part = defaultdict[str, list[Reading]](list)
    for reading in every:
        by_part[reading.part].append(reading)
    return {part: readings[-1] for part, readings in by_part.items()}
