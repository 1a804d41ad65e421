"""A real Prometheus and a real Alertmanager around the assistant: rings, silences, figures."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from ruamel.yaml import YAML

from gameday.catalog.files import load_target
from gameday.checks.alerted import Alerted
from gameday.domain.alerts import AlertWatch
from gameday.domain.check import Finding
from gameday.domain.reading import measure
from gameday.domain.record import Restore
from gameday.domain.target import Target
from gameday.domain.window import Window
from gameday.sources.alertmanager import held_alerts
from gameday.sources.readings import Stretch, parts_of, read_prometheus
from gameday.sources.sink import received_since
from gameday.sources.watching import AlertWatcher, watched_alerts
from lab.alerting import DEARER, ON_FALLBACK, RECEIVER
from tests.gameday.checks.staged import sample, seen
from tests.lab.practice_lab import RunningLab, end, start

CHECK = Alerted(name=ON_FALLBACK, within="40s", delivered_to=RECEIVER, cleared_within="40s")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    running = start(tmp_path_factory.mktemp("watched") / "lab", "--alerts")
    yield running
    end(running)


@pytest.fixture(scope="module")
def target(lab: RunningLab) -> Target:
    return load_target(lab.state.target_file)


async def asked(lab: RunningLab, until: float, *, stop: object = None) -> None:
    """A question every 150 ms until then, or until `stop` is called true."""
    while time.monotonic() < until and not (callable(stop) and stop()):
        await asyncio.to_thread(lab.ask, "How do refunds work?")
        await asyncio.sleep(0.15)


async def broken(lab: RunningLab, target: Target) -> Finding:
    """The primary refuses for as long as it takes to ring; then the check judges what was seen."""
    assert target.alerts is not None
    await at_rest(lab, target)
    watch = AlertWatch(alerts=target.alerts, expects={ON_FALLBACK: 60.0})
    async with watched_alerts(watch, ()) as watcher:
        assert watcher is not None
        await asked(lab, time.monotonic() + 3)
        lab.set_proxy("primary", enabled=False)
        armed_at = datetime.now(UTC)
        try:
            await asked(lab, time.monotonic() + 45, stop=lambda: _has_settled(watcher, armed_at))
        finally:
            lab.set_proxy("primary", enabled=True)
        gone_at = datetime.now(UTC)
        await asked(lab, time.monotonic() + 45, stop=lambda: not watcher.rings)
        await watcher.close()
    await at_rest(lab, target)  # where there is a silence, it still holds
    faulted = Window("faulted", armed_at, gone_at, (sample(0, armed_at),))
    restore = Restore(requested_at=gone_at, effective_at=gone_at)
    sightings = tuple(watcher.sightings)
    return CHECK.judge(seen(faulted, target=target, restore=restore, sightings=sightings))


async def at_rest(lab: RunningLab, target: Target) -> None:
    """Ask until the alert is nowhere on its way any more.

    Whoever begins before that waits for a notification that was sent already, and is not repeated.
    """
    give_up = time.monotonic() + 90
    while not await _is_nowhere(lab, target):
        assert time.monotonic() < give_up, f"{ON_FALLBACK} does not go"
        await asked(lab, time.monotonic() + 1)


async def _is_nowhere(lab: RunningLab, target: Target) -> bool:
    assert target.alerts is not None
    held = await held_alerts(str(target.alerts.alertmanager))
    told = await received_since(str(target.alerts.sink), datetime.min.replace(tzinfo=UTC))
    last = [one.firing for n in told for one in n.alerts if one.alert == ON_FALLBACK][-1:]
    in_alertmanager = any(one.labels["alertname"] == ON_FALLBACK for one in held)
    return not (fires(lab, ON_FALLBACK) or in_alertmanager or last == [True])


def _has_settled(watcher: AlertWatcher, armed_at: datetime) -> bool:
    """Whether a notification came, or the check's time for one is over."""
    delivered = any(s.stage == "sink" and s.alert == ON_FALLBACK for s in watcher.sightings)
    return delivered or datetime.now(UTC) > armed_at + timedelta(seconds=CHECK.within + 1)


@pytest.mark.timeout(200)
async def test_an_alert_rings_and_clears(lab: RunningLab, target: Target) -> None:
    finding = await broken(lab, target)
    assert finding.held == "yes", finding.reason
    for part in ("fired in Prometheus", "passed Alertmanager", "was delivered to pager", "cleared"):
        assert part in finding.reason


@contextmanager
def silenced(alertmanager: str) -> Iterator[str]:
    """A silence for the alert; yields its id."""
    now = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "alertname", "value": ON_FALLBACK, "isRegex": False}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(minutes=5)).isoformat(),
        "createdBy": "a test",
        "comment": "quiet, please",
    }
    with httpx.Client(base_url=alertmanager, trust_env=False) as http:
        made = http.post("/api/v2/silences", json=silence).raise_for_status().json()
        try:
            yield made["silenceID"]
        finally:
            http.delete(f"/api/v2/silence/{made['silenceID']}").raise_for_status()


@pytest.mark.timeout(200)
async def test_a_silence_holds_it_back(lab: RunningLab, target: Target) -> None:
    assert target.alerts is not None
    with silenced(str(target.alerts.alertmanager)) as silence:
        finding = await broken(lab, target)
    assert finding.held == "no", finding.reason
    assert f"but Alertmanager held it back: silence {silence}" in finding.reason


@pytest.mark.timeout(200)
async def test_one_that_rings_on_after_the_restore_is_an_incident(
    lab: RunningLab, target: Target
) -> None:
    """The fault is said to be gone, and the assistant goes on with its fallback all the same."""
    assert target.alerts is not None
    await at_rest(lab, target)
    expects = {ON_FALLBACK: 3.0}
    lab.set_proxy("primary", enabled=False)
    armed_at = datetime.now(UTC)
    try:
        async with watched_alerts(AlertWatch(alerts=target.alerts, expects=expects), ()) as first:
            assert first is not None
            await asked(lab, time.monotonic() + 45, stop=lambda: _has_settled(first, armed_at))
            assert first.incident(datetime.now(UTC)) == ""
            await first.close()
        gone_at = datetime.now(UTC)
        watch = AlertWatch(alerts=target.alerts, expects=expects, restored_at=gone_at)
        async with watched_alerts(watch, first.sightings) as second:
            assert second is not None
            await asked(
                lab,
                time.monotonic() + 20,
                stop=lambda: second.incident(datetime.now(UTC)) != "",
            )
            incident, met_at = second.incident(datetime.now(UTC)), datetime.now(UTC)
            await second.close()
    finally:
        lab.set_proxy("primary", enabled=True)
    assert incident == f"the alert {ON_FALLBACK} still fires 3 s after the fault was put back"
    assert met_at > gone_at + timedelta(seconds=3)
    faulted = Window("faulted", armed_at, gone_at, (sample(0, armed_at),))
    restore = Restore(requested_at=gone_at, effective_at=gone_at)
    sightings = (*first.sightings, *second.sightings)
    check = CHECK.model_copy(update={"cleared_within": 3.0})
    finding = check.judge(seen(faulted, target=target, restore=restore, sightings=sightings))
    assert finding.held == "no", finding.reason
    assert "was delivered to pager" in finding.reason
    assert "it did not clear after the fault was gone (objective 3 s)" in finding.reason
    await asked(lab, time.monotonic() + 45, stop=lambda: not fires(lab, ON_FALLBACK))


@pytest.mark.timeout(200)
async def test_dearer_answers_ring_and_a_pinned_model_ends_that(lab: RunningLab) -> None:
    """The floating name is billed at twice its price, and the dated one is not."""
    admin = f"{lab.state.front_door.removesuffix('/v1')}/admin/aliases/answers"
    await asked(lab, time.monotonic() + 8)
    assert not fires(lab, DEARER)
    lab.put_rule("primary", "price_change", models=["heron-4"], cost_factor=2)
    try:
        await asked(lab, time.monotonic() + 40, stop=lambda: fires(lab, DEARER))
        assert fires(lab, DEARER)
        lab.http.put(admin, json={"model": "heron-4-2026-08"}).raise_for_status()
        await asked(lab, time.monotonic() + 40, stop=lambda: not fires(lab, DEARER))
        assert not fires(lab, DEARER)
    finally:
        lab.http.put(admin, json={"model": "heron-4"}).raise_for_status()
        lab.heal()


def fires(lab: RunningLab, alert: str) -> bool:
    """Whether Prometheus says that the alert fires now."""
    alerts = load_target(lab.state.target_file).alerts
    assert alerts is not None
    told = lab.http.get(f"{alerts.prometheus}/api/v1/alerts").raise_for_status().json()
    return any(
        one["labels"]["alertname"] == alert and one["state"] == "firing"
        for one in told["data"]["alerts"]
    )


async def test_figures_are_read_as_prometheus_has_them(lab: RunningLab, target: Target) -> None:
    start_s = time.time()
    await asked(lab, time.monotonic() + 8)
    over = Stretch("faulted", start_s, time.time())
    await asyncio.sleep(2.5)
    slo = target.slos.get("answered")
    assert slo is not None
    readings = await read_prometheus(target, parts_of(target, ["answered"]), [over], lambda _: None)
    found = measure(slo, {reading.part: reading for reading in readings})
    assert found.share == 1.0, [reading.no_data for reading in readings]
    assert found.count
    assert '"resultType":"matrix"' in readings[0].raw


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("no_such_metric", "the answer is empty"),
        ("0 * assistant_requests_total / 0", "series; expected one"),
        ("sum(assistant_requests_total) / 0 * 0", "NaN or infinite"),
        ("sum(", "answers 400"),
    ],
)
async def test_what_is_no_figure_is_no_data(target: Target, query: str, says: str) -> None:
    assert target.alerts is not None
    slos = {"x": {"at_least": 0.9, "raw_ratio": {"raw": {"query": query}}}}
    odd = Target.model_validate(dict(target) | {"slos": slos})
    over = Stretch("faulted", time.time() - 10, time.time() - 2)
    (reading,) = await read_prometheus(odd, parts_of(odd, ["x"]), [over], lambda _: None)
    assert says in reading.no_data, reading


def test_the_target_file_says_who_watches(lab: RunningLab) -> None:
    written = YAML(typ="safe").load(Path(lab.state.target_file))
    assert written["alerts"]["labels"] == {"service": "assistant"}
    assert {"prometheus", "alertmanager", "sink"} <= lab.state.pids.keys()


OPENSLO = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {{name: lab}}
spec:
  type: Prometheus
  connectionDetails: {{url: {prometheus}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {{name: answers}}
spec:
  service: assistant
  indicator:
    metadata: {{name: answers}}
    spec:
      ratioMetric:
        counter: true
        bad: {{metricSource: {{metricSourceRef: lab, spec: {{query: '{bad}'}}}}}}
        total: {{metricSource: {{metricSourceRef: lab, spec: {{query: '{total}'}}}}}}
  budgetingMethod: Occurrences
  objectives:
    - {{targetPercent: 99}}
"""


async def test_an_openslo_file_runs_against_a_real_prometheus(
    lab: RunningLab, target: Target, tmp_path: Path
) -> None:
    """With the window's length in its queries, as generators of rules have them."""
    assert target.alerts is not None
    text = OPENSLO.format(
        prometheus=target.alerts.prometheus,
        bad='sum(increase(assistant_requests_total{outcome!="ok"}[{{.window}}]))',
        total="sum(increase(assistant_requests_total[{{.window}}]))",
    )
    (tmp_path / "slo.yaml").write_text(text)
    written = YAML(typ="safe").load(Path(lab.state.target_file))
    written["slos"] = {"file": "slo.yaml"}
    with (tmp_path / "gameday.yaml").open("w") as file:
        YAML(typ="safe").dump(written, file)
    imported = load_target(tmp_path / "gameday.yaml")
    start_s = time.time()
    await asked(lab, time.monotonic() + 6)
    over = Stretch("faulted", start_s, time.time())
    await asyncio.sleep(2)
    parts = parts_of(imported, ["answers"])
    readings = await read_prometheus(imported, parts, [over], lambda _: None)
    objective = imported.slos.get("answers")
    assert objective is not None
    found = measure(objective, {reading.part: reading for reading in readings})
    assert found.share == 1.0, readings
