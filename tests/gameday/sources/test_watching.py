"""The watcher sees each change once, and knows an incident from what was expected."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.alerts import Alerts, AlertState, AlertWatch, Stage
from gameday.sources import watching
from gameday.sources.watching import AlertWatcher, watched_alerts
from tests.gameday.sources.served import serving

RULES = {
    "status": "success",
    "data": {
        "groups": [
            {
                "rules": [
                    {
                        "name": "Fallback",
                        "query": "x > 0",
                        "state": "firing",
                        "health": "err",
                        "lastError": "vector mismatch",
                    },
                    {"name": "Other", "query": "y", "state": "inactive", "health": "ok"},
                ]
            }
        ]
    },
}


def prometheus_alerts(**states):
    alerts = [{"labels": {"alertname": n, "team": "a"}, "state": s} for n, s in states.items()]
    return {"status": "success", "data": {"alerts": alerts}}


def held(name, silences=(), inhibitors=(), receivers=("pager",)):
    return {
        "labels": {"alertname": name, "team": "a"},
        "status": {"silencedBy": list(silences), "inhibitedBy": list(inhibitors)},
        "receivers": [{"name": receiver} for receiver in receivers],
    }


def notified(name, at, status="firing"):
    alert = {
        "alert": name,
        "firing": status == "firing",
        "labels": {"alertname": name, "team": "a"},
    }
    return {"at": at.isoformat(), "receiver": "pager", "alerts": [alert]}


@contextmanager
def stages():
    """All three stages behind one server, with nothing in them."""
    empty = {
        "/api/v1/alerts": prometheus_alerts(),
        "/api/v1/rules": RULES,
        "/api/v2/alerts": [],
        "/received": [],
    }
    with serving(**empty) as served:
        yield served


def watcher_of(served, before=(), restored_at=None, **changes):
    url = served.url
    alerts = Alerts(prometheus=url, alertmanager=url, sink=url, **changes)
    expects = {"Fallback": 30.0}
    watch = AlertWatch(alerts=alerts, expects=expects, restored_at=restored_at)
    return AlertWatcher(watch, before)


def told(watcher, stage=None):
    return [
        (seen.stage, seen.alert, seen.state)
        for seen in watcher.sightings
        if seen.alert and stage in (None, seen.stage)
    ]


async def test_each_change_is_seen_once_at_each_stage():
    with stages() as served:
        watcher = watcher_of(served)
        await watcher.look()
        for state in ("pending", "firing", "firing"):
            served.answers["/api/v1/alerts"] = prometheus_alerts(Fallback=state)
            await watcher.look()
        served.answers["/api/v2/alerts"] = [held("Fallback")]
        served.answers["/received"] = [notified("Fallback", datetime.now(UTC))]
        await watcher.look()
        await watcher.look()
        served.answers["/api/v1/alerts"] = prometheus_alerts()
        await watcher.look()
    assert told(watcher) == [
        ("prometheus", "Fallback", "pending"),
        ("prometheus", "Fallback", "firing"),
        ("alertmanager", "Fallback", "firing"),
        ("sink", "Fallback", "firing"),
        ("prometheus", "Fallback", "gone"),
    ]
    assert [s.receivers for s in watcher.sightings if s.stage == "sink" and s.alert] == [("pager",)]


async def test_silenced_and_inhibited_alerts_are_suppressed_and_it_says_by_what():
    with stages() as served:
        watcher = watcher_of(served)
        served.answers["/api/v2/alerts"] = [held("Fallback", silences=["1a2b"], inhibitors=["9f"])]
        await watcher.look()
        # One of two alerts of a name passes: the loudest is what is told.
        served.answers["/api/v2/alerts"].append(held("Fallback"))
        await watcher.look()
    seen = [s for s in watcher.sightings if s.alert]
    assert [(s.state, s.detail) for s in seen] == [
        (AlertState.SUPPRESSED, "silence 1a2b, inhibited by 9f"),
        (AlertState.FIRING, ""),
    ]


async def test_an_alert_that_is_not_expected_is_an_incident_once_it_fires():
    now = datetime.now(UTC)
    with stages() as served:
        watcher = watcher_of(served, ignores=("Watchdog",), labels={"team": "a"})
        served.answers["/api/v1/alerts"] = prometheus_alerts(
            Fallback="firing", DiskFull="pending", Watchdog="firing"
        )
        await watcher.look()
        assert watcher.incident(now) == ""
        assert watcher.rings
        served.answers["/api/v1/alerts"] = prometheus_alerts(DiskFull="firing")
        await watcher.look()
    assert watcher.incident(now) == ("the alert DiskFull fires, and this drill does not expect it")
    assert not watcher.rings


async def test_an_alert_of_somebody_else_is_none_of_ours():
    with stages() as served:
        watcher = watcher_of(served, labels={"team": "b"})
        served.answers["/api/v1/alerts"] = prometheus_alerts(DiskFull="firing")
        await watcher.look()
    assert told(watcher) == []
    assert watcher.incident(datetime.now(UTC)) == ""


@pytest.mark.parametrize(("after_s", "incident"), [(30, False), (30.1, True)])
async def test_one_that_outlasts_the_restore_is_an_incident(after_s, incident):
    restored_at = datetime.now(UTC)
    with stages() as served:
        watcher = watcher_of(served, restored_at=restored_at)
        served.answers["/api/v1/alerts"] = prometheus_alerts(Fallback="firing")
        await watcher.look()
    sentence = watcher.incident(restored_at + timedelta(seconds=after_s))
    assert bool(sentence) == incident
    assert ("still fires 30 s after the fault was put back" in sentence) == incident


async def test_a_new_window_goes_on_where_the_last_one_ended():
    with stages() as served:
        first = watcher_of(served)
        served.answers["/api/v1/alerts"] = prometheus_alerts(Fallback="firing")
        served.answers["/received"] = [notified("Fallback", datetime.now(UTC))]
        await first.close()
        second = watcher_of(served, before=first.sightings)
        assert second.rings
        await second.look()
        assert told(second) == []
        served.answers["/api/v1/alerts"] = prometheus_alerts()
        await second.look()
    assert told(second) == [("prometheus", "Fallback", "gone")]


async def test_at_the_end_it_says_how_rules_and_stages_stand():
    with stages() as served:
        watcher = watcher_of(served)
        served.answers["/api/v2/alerts"] = (503, "starting")
        await watcher.close()
    rule = next(s for s in watcher.sightings if s.state is AlertState.RULE)
    assert rule.detail == "its rule is firing, and fails: vector mismatch: x > 0"
    read = {s.stage for s in watcher.sightings if s.state is AlertState.READ}
    assert read == {Stage.PROMETHEUS, Stage.SINK}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"status": "success", "data": {"groups": []}}, ["it has no rule of that name"]),
        ((503, "starting"), []),
    ],
    ids=["none of that name", "not read"],
)
async def test_only_rules_that_were_read_can_lack_one(rules, said):
    with stages() as served:
        served.answers["/api/v1/rules"] = rules
        watcher = watcher_of(served)
        await watcher.close()
    assert [s.detail for s in watcher.sightings if s.state is AlertState.RULE] == said


async def test_a_stage_that_stays_silent_is_said_to_be_unread(monkeypatch):
    monkeypatch.setattr(watching, "UNREAD_AFTER_S", 0.0)
    with stages() as served:
        watcher = watcher_of(served)
        await watcher.look()
        served.answers["/api/v2/alerts"] = (503, "starting")
        await watcher.look()
        await watcher.look()
        served.answers["/api/v2/alerts"] = []
        await watcher.look()
    states = [s.state for s in watcher.sightings if s.stage is Stage.ALERTMANAGER]
    assert states == [AlertState.READ, AlertState.UNREAD, AlertState.READ]
    lost = next(s for s in watcher.sightings if s.state is AlertState.UNREAD)
    assert "answers 503: starting" in lost.detail


async def test_it_looks_on_beside_the_window_until_that_is_over():
    with stages() as served:
        watch = watcher_of(served)._watch
        async with watched_alerts(watch, ()) as watcher:
            await asyncio.sleep(0.2)
            served.answers["/api/v1/alerts"] = prometheus_alerts(Fallback="firing")
            await asyncio.sleep(3 * watching.LOOK_EVERY_S)
        assert ("prometheus", "Fallback", "firing") in told(watcher)
        asked = len(served.asked)
        await asyncio.sleep(2 * watching.LOOK_EVERY_S)
        assert len(served.asked) == asked


async def test_the_pager_rang_when_it_did_at_the_last_stage_and_not_before():
    began = datetime.now(UTC)
    with stages() as served:
        watcher = watcher_of(served)
        await watcher.look()
        served.answers["/api/v1/alerts"] = prometheus_alerts(Fallback="firing", DiskFull="firing")
        served.answers["/api/v2/alerts"] = [held("Fallback")]
        await watcher.look()
        assert watcher.rang_since(began) is None, "it has reached nobody yet"
        rang_at = datetime.now(UTC)
        served.answers["/received"] = [notified("DiskFull", rang_at), notified("Fallback", rang_at)]
        await watcher.look()
    assert watcher.rang_since(began) == ("Fallback", rang_at, "sink")
    assert watcher.rang_since(rang_at + timedelta(microseconds=1)) is None
