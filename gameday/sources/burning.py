"""How fast a target's error budgets burn now, by its own Prometheus: not a drill's samples."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gameday.domain.burn import STANDARD, BurnAlert
from gameday.domain.reading import Reading, measure
from gameday.domain.slo import PromQuery, Slo
from gameday.domain.target import Target
from gameday.sources.readings import (
    Secrets,
    Stretch,
    parts_of,
    read_prometheus,
    scrape_interval_s,
)

_PAGES = tuple(alert for alert in STANDARD if alert.severity == "page")


@dataclass(frozen=True)
class Burning:
    """One objective's budget: the alert that it trips now, and the burn rates by window.

    rates: by the window's length in seconds; None where the figures tell nothing, for `why`.
    """

    slo: str
    tripped: BurnAlert | None
    rates: dict[int, float | None]
    why: str = ""

    @property
    def known(self) -> bool:
        """Whether anything at all is known of it."""
        return any(rate is not None for rate in self.rates.values())


def watched_slos(target: Target) -> list[str]:
    """The objectives whose every part Prometheus has; of others nobody knows the hours before."""
    return [
        name
        for name, slo in target.slos.items()
        if slo.parts and all(isinstance(part, PromQuery) for part in slo.parts.values())
    ]


async def find_burning(target: Target, secret: Secrets) -> list[Burning]:
    """Each watched objective's, in the windows of the usual alerts that page. Asks, and no more."""
    names = watched_slos(target)
    if not names:
        return []
    # Figures are scraped up to an interval later, which the reader allows for.
    end_s = time.time() - scrape_interval_s(target)
    lengths = sorted({s for alert in _PAGES for s in (alert.short_s, alert.long_s)})
    stretches = [Stretch(str(length), end_s - length, end_s) for length in lengths]
    readings = await read_prometheus(target, parts_of(target, names), stretches, secret)
    return [_burning(name, target.slos.get(name), readings, lengths) for name in names]


def _burning(
    name: str, slo: Slo | None, readings: Sequence[Reading], lengths: Sequence[int]
) -> Burning:
    assert slo is not None
    assert slo.at_least is not None
    rates: dict[int, float | None] = {}
    why = ""
    for length in lengths:
        by_part = {r.part: r for r in readings if (r.slo, r.window) == (name, str(length))}
        measured = measure(slo, by_part)
        why = why or measured.why_not
        rates[length] = (
            None if measured.share is None else (1 - measured.share) / (1 - slo.at_least)
        )
    return Burning(name, next(_tripped(rates), None), rates, why)


def _tripped(rates: dict[int, float | None]) -> Iterator[BurnAlert]:
    """The alerts whose both windows burn too fast."""
    for alert in _PAGES:
        short, long = rates[alert.short_s], rates[alert.long_s]
        if short is not None and long is not None and min(short, long) > alert.factor:
            yield alert
