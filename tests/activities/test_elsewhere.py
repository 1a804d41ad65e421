"""What is read beside a window is kept with the run, however the window ends."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from activities import elsewhere
from activities.elsewhere import read_elsewhere, read_prometheus_windows
from activities.messages import Elsewhere
from gameday.domain.alerts import Alerts, AlertWatch
from gameday.domain.record import Event
from gameday.domain.slo import Slos
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.runs import make_drill, make_record, make_request, make_target
from tests.gameday.sources.served import serving
from tests.gameday.sources.test_readings import matrix
from tests.gameday.sources.test_watching import prometheus_alerts, stages


def wanted_of(served, expects):
    alerts = Alerts(prometheus=served.url)
    watch = AlertWatch(alerts=alerts, expects=expects)
    number = {"url": f"{served.url}/n", "path": "a"}
    slos = Slos.model_validate({"x": {"at_least": 0.9, "raw_ratio": {"raw": number}}})
    target = make_target().model_copy(update={"slos": slos, "alerts": alerts})
    return Elsewhere(target=target, slos=("x",), alerts=watch)


async def test_an_expected_alert_rings_and_is_no_incident(tmp_path):
    folder = RunFolder(tmp_path)
    with stages() as served:
        served.answers["/n"] = {"a": 0.5}
        served.answers["/api/v1/alerts"] = prometheus_alerts(Fallback="firing")
        async with read_elsewhere(folder, "faulted", wanted_of(served, {"Fallback": 30})) as read:
            await asyncio.sleep(0.4)
            assert read.rings
            assert read.tripped(datetime.now(UTC)) is None
            await read.close()
    kept = {(s.alert, str(s.state)) for s in folder.read_sightings()}
    assert kept >= {("Fallback", "firing"), ("", "read"), ("Fallback", "rule")}
    assert folder.read_readings()[0].points[0][1] == 0.5


async def test_another_alert_trips_and_is_kept_also_when_the_window_is_cancelled(tmp_path):
    folder, tripped = RunFolder(tmp_path), None

    async def watch(served):
        nonlocal tripped
        async with read_elsewhere(folder, "faulted", wanted_of(served, {})) as read:
            await asyncio.sleep(0.4)
            tripped = read.tripped(datetime.now(UTC))
            await asyncio.sleep(60)

    with stages() as served:
        served.answers["/api/v1/alerts"] = prometheus_alerts(DiskFull="firing")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch(served), 1.5)
    assert tripped is not None
    assert "DiskFull fires" in tripped.sentence
    assert any(s.alert == "DiskFull" for s in folder.read_sightings())


async def test_where_nothing_is_asked_for_nothing_is_kept(tmp_path):
    folder = RunFolder(tmp_path)
    async with read_elsewhere(folder, "faulted", None) as read:
        assert not read.rings
        assert read.tripped(datetime.now(UTC)) is None
        await read.close()
    assert folder.read_sightings() == ()
    assert folder.read_readings() == ()


async def test_prometheus_is_asked_for_the_windows_that_were_watched_and_once(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(elsewhere, "SETTLE_S_MAX", 0.0)
    folder, ended_at = RunFolder(tmp_path), datetime.now(UTC)
    facts = {"window": "faulted", "seconds": 30.0, "at": ended_at.isoformat()}
    event = Event(author="workflow", seq=0, at=ended_at, what="window", facts=facts)
    with serving(**{"/api/v1/query_range": matrix([[1, "1"]])}) as served:
        raw = {"query": "up", "prometheus": served.url}
        slos = Slos.model_validate({"x": {"at_least": 0.9, "raw_ratio": {"raw": raw}}})
        target = make_target().model_copy(update={"slos": slos})
        request = make_request("R1", make_drill(checks=[{"kind": "slo", "name": "x"}]))
        request = request.model_copy(update={"target": target})
        record = make_record(request=request, events=(event,))
        await read_prometheus_windows(folder, record)
        await read_prometheus_windows(folder, record)
    assert len(served.asked) == 1
    (reading,) = folder.read_readings()
    start = ended_at + timedelta(seconds=15 - 30)
    assert reading.start_s == pytest.approx(start.timestamp(), abs=0.01)
    assert reading.no_data
