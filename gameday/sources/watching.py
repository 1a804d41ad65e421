"""Watches alerts on their way while a window goes on, and says when one is an incident."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from gameday.domain.alerts import AlertState, AlertWatch, Sighting, Stage
from gameday.domain.errors import SourceError
from gameday.sources.alertmanager import held_alerts
from gameday.sources.prometheus import Prometheus, Rule
from gameday.sources.sink import received_since

LOOK_EVERY_S = 0.5
CLOSE_WITHIN_S = 1.0  # the fault is still there, and must not stay for a look
UNREAD_AFTER_S = 3.0  # one missed look hides nothing that lasts
_RANK = (AlertState.FIRING, AlertState.SUPPRESSED, AlertState.PENDING)

Seen = tuple[AlertState, tuple[str, ...], str]
"""How one alert stands at one stage: its state, its receivers, more in words."""


class AlertWatcher:
    """Sees the changes of one window; `before` is what earlier windows of the run have seen."""

    def __init__(self, watch: AlertWatch, before: Sequence[Sighting]) -> None:
        self.sightings: list[Sighting] = []
        self._watch = watch
        self._prometheus = Prometheus(watch.alerts.prometheus)
        self._states: dict[Stage, dict[str, Seen]] = {stage: {} for stage in Stage}
        self._read_at: dict[Stage, datetime] = {}
        self._missed_since: dict[Stage, datetime] = {}
        self._unread: dict[Stage, str] = {}  # and why
        self._notified: set[Sighting] = set()
        for seen in before:
            self._remember(seen)

    def incident(self, now: datetime) -> str:
        """Why the drill must end, in one sentence; '' when nothing rings that should not."""
        watch = self._watch
        for name in self._firing():
            if name not in watch.expects:
                return f"the alert {name} fires, and this drill does not expect it"
            ended_at = watch.restored_at
            if ended_at and now > ended_at + timedelta(seconds=watch.expects[name]):
                return (
                    f"the alert {name} still fires {watch.expects[name]:g} s after the fault was "
                    "put back"
                )
        return ""

    @property
    def rings(self) -> bool:
        """Whether an alert that was expected still fires."""
        return any(name in self._watch.expects for name in self._firing())

    def rang_since(self, moment: datetime) -> tuple[str, datetime, str] | None:
        """The expected alert that arrived first, when, and at which stage; None when none did.

        At the last stage that can be watched: an alert that reaches nobody alarms nobody.
        """
        alerts = self._watch.alerts
        last = Stage.ALERTMANAGER if alerts.alertmanager else Stage.PROMETHEUS
        last = Stage.SINK if alerts.sink else last
        for seen in sorted(self.sightings, key=lambda seen: seen.at):
            told = seen.stage is last and seen.state is AlertState.FIRING and seen.at >= moment
            if told and seen.alert in self._watch.expects:
                return seen.alert, seen.at, str(last)
        return None

    async def look(self) -> None:
        """Look at every stage once. What fails is noted, never raised: the drill goes on."""
        alerts = self._watch.alerts
        await self._look_at(Stage.PROMETHEUS, self._in_prometheus)
        if alerts.alertmanager:
            await self._look_at(Stage.ALERTMANAGER, self._in_alertmanager)
        if alerts.sink:
            await self._look_at(Stage.SINK, self._in_sink)

    async def close(self) -> None:
        """Look once more, and say how each stage and each expected alert's rule stands."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self.look()
                await self._note_rules()
        for stage, at in sorted(self._read_at.items()):
            lost = self._unread.get(stage)
            state = AlertState.READ if lost is None else AlertState.UNREAD
            self._see(Sighting(at=at, stage=stage, state=state, detail=lost or ""))

    async def _note_rules(self) -> None:
        try:
            rules = await self._prometheus.alerting_rules()
        except SourceError:
            return  # it is good to know, and without it the check says that it is not known
        for name in self._watch.expects:
            states = [_state_of(rule) for rule in rules if rule.name == name]
            for detail in states or ["it has no rule of that name"]:
                self._see(_rule_sighting(name, detail))

    async def _look_at(self, stage: Stage, look: Callable[[], Awaitable[None]]) -> None:
        now = datetime.now(UTC)
        try:
            await look()
        except SourceError as error:
            since = self._missed_since.setdefault(stage, self._read_at.get(stage, now))
            if stage not in self._unread and (now - since).total_seconds() >= UNREAD_AFTER_S:
                self._unread[stage] = error.sentence
                unread = AlertState.UNREAD
                self._see(Sighting(at=since, stage=stage, state=unread, detail=error.sentence))
            return
        self._missed_since.pop(stage, None)
        if stage not in self._read_at or stage in self._unread:
            self._unread.pop(stage, None)
            self._see(Sighting(at=now, stage=stage, state=AlertState.READ))
        self._read_at[stage] = now

    async def _in_prometheus(self) -> None:
        found: dict[str, Seen] = {}
        for labels, state in await self._prometheus.alerts():
            if self._watch.alerts.concerns(labels):
                _add(found, labels["alertname"], (AlertState(state), (), ""))
        self._compare(Stage.PROMETHEUS, found)

    async def _in_alertmanager(self) -> None:
        alerts = self._watch.alerts
        found: dict[str, Seen] = {}
        for held in await held_alerts(str(alerts.alertmanager)):
            if alerts.concerns(held.labels):
                state = AlertState.SUPPRESSED if held.suppressed_by else AlertState.FIRING
                by = ", ".join(held.suppressed_by)
                _add(found, held.labels["alertname"], (state, held.receivers, by))
        self._compare(Stage.ALERTMANAGER, found)

    async def _in_sink(self) -> None:
        since = self._read_at.get(Stage.SINK, datetime.now(UTC))
        for notification in await received_since(str(self._watch.alerts.sink), since):
            for alert in notification.alerts:
                seen = Sighting(
                    at=notification.at,
                    stage=Stage.SINK,
                    alert=alert.alert,
                    state=AlertState.FIRING if alert.firing else AlertState.GONE,
                    receivers=(notification.receiver,),
                )
                if self._watch.alerts.concerns(alert.labels) and seen not in self._notified:
                    self._see(seen)

    def _compare(self, stage: Stage, found: dict[str, Seen]) -> None:
        now, known = datetime.now(UTC), self._states[stage]
        gone: Seen = (AlertState.GONE, (), "")
        for name in sorted(known.keys() | found.keys()):
            state, receivers, detail = found.get(name, gone)
            if known.get(name, gone) != (state, receivers, detail):
                self._see(
                    Sighting(
                        at=now,
                        stage=stage,
                        alert=name,
                        state=state,
                        receivers=receivers,
                        detail=detail,
                    )
                )

    def _see(self, seen: Sighting) -> None:
        self.sightings.append(seen)
        self._remember(seen)

    def _remember(self, seen: Sighting) -> None:
        if not seen.alert:
            if seen.state is AlertState.READ:
                self._read_at[seen.stage] = seen.at
        elif seen.stage is Stage.SINK:
            self._notified.add(seen)
        elif seen.state is AlertState.GONE:
            self._states[seen.stage].pop(seen.alert, None)
        elif seen.state is not AlertState.RULE:
            self._states[seen.stage][seen.alert] = (seen.state, seen.receivers, seen.detail)

    def _firing(self) -> Iterable[str]:
        states = self._states[Stage.PROMETHEUS]
        return sorted(name for name, seen in states.items() if seen[0] is AlertState.FIRING)


def _state_of(rule: Rule) -> str:
    failed = f", and fails: {rule.last_error}" if rule.health == "err" else ""
    return f"its rule is {rule.state}{failed}: {rule.query}"[:600]


def _rule_sighting(name: str, detail: str) -> Sighting:
    return Sighting(
        at=datetime.now(UTC),
        stage=Stage.PROMETHEUS,
        alert=name,
        state=AlertState.RULE,
        detail=detail,
    )


def _add(found: dict[str, Seen], name: str, seen: Seen) -> None:
    """Keep the loudest of several alerts of one name."""
    if name not in found or _RANK.index(seen[0]) < _RANK.index(found[name][0]):
        found[name] = seen


@asynccontextmanager
async def watched_alerts(
    watch: AlertWatch | None, before: Sequence[Sighting]
) -> AsyncIterator[AlertWatcher | None]:
    """Watch beside whatever is done inside: a slow answer must not hold up the heartbeats."""
    if watch is None:
        yield None
        return
    watcher = AlertWatcher(watch, before)
    looking = asyncio.create_task(_look_on(watcher))
    try:
        yield watcher
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look_on(watcher: AlertWatcher) -> None:
    while True:
        await watcher.look()
        await asyncio.sleep(LOOK_EVERY_S)
