"""What other systems measure and say while a window goes on, read beside the watching of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

from activities.connections import resolve_secret
from activities.messages import Elsewhere
from gameday.domain.abort import Tripped
from gameday.domain.record import RunRecord, slos_judged
from gameday.domain.slo import PromQuery
from gameday.sources.readings import (
    Polls,
    Stretch,
    parts_of,
    polled,
    read_prometheus,
    scrape_interval_s,
)
from gameday.sources.watching import AlertWatcher, watched_alerts
from gameday.store.redaction import USUAL, Redactor
from gameday.store.run_folder import RunFolder

INCIDENT = "an alert that the drill does not expect, or that outlasts it"
SETTLE_S_MAX = 30.0  # that is waited for the last scrape of a run


class ReadElsewhere:
    """What was read so far. Where nothing is asked for, nothing rings."""

    def __init__(
        self,
        polls: Polls | None = None,
        alerts: AlertWatcher | None = None,
        redactor: Redactor = USUAL,
    ) -> None:
        self._polls = polls
        self._alerts = alerts
        self._redactor = redactor

    def tripped(self, now: datetime) -> Tripped | None:
        """An alert that is an incident, and so ends the drill; None when none is."""
        incident = self._alerts.incident(now) if self._alerts else ""
        return Tripped(guard=INCIDENT, sentence=incident) if incident else None

    @property
    def rings(self) -> bool:
        """Whether an alert that was expected still fires."""
        return self._alerts is not None and self._alerts.rings

    def rang_since(self, moment: datetime) -> tuple[str, datetime, str] | None:
        """The alert that an operator was first told of, when, and which stage told; else None."""
        return self._alerts.rang_since(moment) if self._alerts else None

    async def close(self) -> None:
        """Read what is needed of the window's very end."""
        if self._alerts is not None:
            await self._alerts.close()

    def keep(self, folder: RunFolder) -> None:
        if self._polls is not None and (readings := self._polls.readings()):
            folder.add_readings(readings, self._redactor)
        if self._alerts is not None:
            folder.add_sightings(self._alerts.sightings, self._redactor)


@asynccontextmanager
async def read_elsewhere(
    folder: RunFolder, window: str, wanted: Elsewhere | None
) -> AsyncIterator[ReadElsewhere]:
    """Read beside whatever is done inside, and keep it in `folder`, however that ends."""
    if wanted is None:
        yield ReadElsewhere()
        return
    parts = parts_of(wanted.target, wanted.slos)
    async with (
        polled(window, parts, resolve_secret) as polls,
        watched_alerts(wanted.alerts, folder.read_sightings()) as alerts,
    ):
        read = ReadElsewhere(polls, alerts, Redactor(wanted.target.evidence.redact))
        try:
            yield read
        finally:
            read.keep(folder)


async def read_prometheus_windows(folder: RunFolder, record: RunRecord) -> None:
    """Ask Prometheus what it measured in each window. What was asked once is not asked again."""
    target = record.request.target
    parts = [
        part
        for part in parts_of(target, slos_judged(record.request.drill))
        if isinstance(part.source, PromQuery)
    ]
    known = {(reading.slo, reading.part) for reading in folder.read_readings()}
    missing = [part for part in parts if (part.slo, part.name) not in known]
    stretches = list(_stretches(record))
    if not missing or not stretches:
        return
    settled_s = stretches[-1].end_s + scrape_interval_s(target)
    await asyncio.sleep(min(max(0.0, settled_s - time.time()), SETTLE_S_MAX))
    readings = await read_prometheus(target, missing, stretches, resolve_secret)
    folder.add_readings(readings, Redactor(target.evidence.redact))


def _stretches(record: RunRecord) -> Iterator[Stretch]:
    """The windows that were watched, as the workflow noted them."""
    for event in record.events:
        if event.what == "window":
            end_s = datetime.fromisoformat(str(event.facts["at"])).timestamp()
            start_s = end_s - float(event.facts["seconds"])
            yield Stretch(str(event.facts["window"]), start_s, end_s)
