"""Alertmanager's form: an alert is its labels and its beginning, whichever group tells of it."""

import copy
from datetime import UTC, datetime

import pytest

from tests.gameday.serve.told import ALERTMANAGER, believed, resolved

SENDER = believed("alertmanager").sender


def test_an_alert_is_read():
    (alert,) = SENDER.read(ALERTMANAGER)
    assert alert.firing
    assert alert.labels == {"alertname": "DrillDue", "severity": "page"}
    assert alert.began_at == datetime(2026, 1, 5, 1, 59, 30, 123456, UTC)


def test_another_group_tells_of_the_same_alert_and_its_end():
    other = copy.deepcopy(ALERTMANAGER) | {"groupKey": "{}:{}", "receiver": "also"}
    keys = {SENDER.read(body)[0].key for body in (ALERTMANAGER, other, resolved("alertmanager"))}
    assert len(keys) == 1
    assert not SENDER.read(resolved("alertmanager"))[0].firing


def test_the_same_labels_at_another_time_are_another_alert():
    later = copy.deepcopy(ALERTMANAGER)
    later["alerts"][0]["startsAt"] = "2026-01-06T01:59:30Z"
    assert SENDER.read(later)[0].key != SENDER.read(ALERTMANAGER)[0].key


def test_another_version_is_refused():
    with pytest.raises(ValueError, match="version is '3'; expected '4'"):
        SENDER.read(ALERTMANAGER | {"version": "3"})
