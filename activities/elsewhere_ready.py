"""Whether other systems can be asked what a drill needs of them, and no alert fires already."""

import time
from collections.abc import Sequence

from activities.connections import resolve_secret
from gameday.catalog.nearest import did_you_mean
from gameday.domain.alerts import Alerts
from gameday.domain.burn import BurnAlert
from gameday.domain.drill import Drill
from gameday.domain.environment import is_production
from gameday.domain.errors import RefusedError
from gameday.domain.record import RunRequest, slos_judged
from gameday.domain.slo import WINDOW, PromQuery
from gameday.reporting.wording import long_time
from gameday.sources.alertmanager import held_alerts
from gameday.sources.asking import ask
from gameday.sources.burning import Burning, find_burning
from gameday.sources.json_number import read_number
from gameday.sources.prometheus import Prometheus
from gameday.sources.readings import Part, parts_of, prometheus_of


async def alerts_ready(alerts: Alerts | None, judged: Sequence[str]) -> str:
    """What watches, in a sentence. Raises RefusedError or SourceError when a drill must not go.

    judged: the alerts that its checks are about.
    """
    if alerts is None:
        return "no alert is declared, and none is watched"
    prometheus = Prometheus(alerts.prometheus)
    firing = {
        labels["alertname"]
        for labels, state in await prometheus.alerts()
        if state == "firing" and alerts.concerns(labels)
    }
    if firing:
        names = ", ".join(sorted(firing))
        raise RefusedError(
            f"{names} fires already at {alerts.prometheus}: see to it first, or name it under "
            "`ignores:` in the target's `alerts:`"
        )
    rules = {rule.name for rule in await prometheus.alerting_rules()}
    for name in judged:
        if name not in rules:
            nearest = did_you_mean(name, rules) if rules else ", nor any other"
            raise RefusedError(f"{alerts.prometheus} has no alerting rule {name!r}{nearest}")
    passed = await _way_answers(alerts)
    return f"no alert fires; Prometheus has {len(rules)} alerting rules{passed}"


def alerts_judged(drill: Drill) -> list[str]:
    """The alerts that the drill's checks are about."""
    return [str(spec.settings.get("name")) for spec in drill.checks if spec.kind == "alerted"]


async def objectives_ready(request: RunRequest) -> str:
    """Which figures can be read, in a sentence. Raises RefusedError or SourceError."""
    parts = parts_of(request.target, slos_judged(request.drill))
    for part in parts:
        await _read_once(request, part)
    return f"{len(parts)} figures of other systems can be read" if parts else "none is read outside"


async def budget_does_not_burn(request: RunRequest) -> str:
    """How fast error budgets burn, in a sentence. Raises RefusedError where one would page.

    What nobody can know refuses production alone: a Prometheus that is younger than an alert's
    window knows nothing of the hours before.
    """
    found = await find_burning(request.target, resolve_secret)
    if not found:
        return "no objective of the target is measured by Prometheus, so no budget is known"
    for one in found:
        if one.tripped is not None:
            raise RefusedError(_burns(one, one.tripped))
    unknown = [one for one in found if not one.known]
    if unknown and is_production(request.environment):
        raise RefusedError(
            f"whether the error budget of {unknown[0].slo} burns is not known: {unknown[0].why}"
        )
    return f"no error budget burns: {', '.join(map(_rate_words, found))}"


def _burns(one: Burning, alert: BurnAlert) -> str:
    short, long = one.rates[alert.short_s], one.rates[alert.long_s]
    assert short is not None
    assert long is not None
    return (
        f"the error budget of {one.slo} burns: {short:.1f}x over {long_time(alert.short_s)} and "
        f"{long:.1f}x over {long_time(alert.long_s)} (pages above {alert.factor:g}x); a drill "
        "would spend what users need"
    )


def _rate_words(one: Burning) -> str:
    if not one.known:
        return f"{one.slo} not known ({one.why})"
    worst = max(rate for rate in one.rates.values() if rate is not None)
    return f"{one.slo} at most {worst:.1f}x"


async def _way_answers(alerts: Alerts) -> str:
    """Ask the stages after Prometheus; what answers, as the end of a sentence."""
    passed = ""
    if alerts.alertmanager is not None:
        await held_alerts(alerts.alertmanager)
        passed += ", Alertmanager answers"
    if alerts.sink is not None:
        await ask(f"{alerts.sink.rstrip('/')}/healthz")
        passed += ", the sink answers"
    return passed


async def _read_once(request: RunRequest, part: Part) -> None:
    source = part.source
    if not isinstance(source, PromQuery):
        await read_number(source.url, source.path, resolve_secret(source.key))
        return
    prometheus = prometheus_of(request.target, source, resolve_secret)
    series = await prometheus.query(source.query.replace(WINDOW, "60s"), time.time())
    if not series.points:
        raise RefusedError(
            f"the objective {part.slo} has no data of {part.name} at {prometheus.url}: "
            f"{source.query}"
        )
