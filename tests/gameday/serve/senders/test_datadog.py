"""Datadog's payload, as docs/serve.md has it filled in."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.gameday.serve.told import DATADOG, believed

SENDER = believed("datadog").sender
GUIDE = Path(__file__).parents[4] / "docs" / "serve.md"


def test_an_alert_is_read():
    (alert,) = SENDER.read(DATADOG)
    assert alert.firing
    assert alert.began_at == datetime(2026, 1, 5, 1, 59, 30, tzinfo=UTC)
    assert alert.labels == {
        "title": "DrillDue",
        "transition": "Triggered",
        "monitor": "91",
        "tag.monitor": "",
        "tag.env": "staging",
        "tag.role": "computing-node",
    }


@pytest.mark.parametrize("transition", ["Re-Triggered", "No Data", "Warn", "Renotify"])
def test_all_but_a_recovery_fires(transition):
    assert SENDER.read(DATADOG | {"transition": transition})[0].firing
    assert not SENDER.read(DATADOG | {"transition": "Recovered"})[0].firing


def test_an_event_of_no_monitor_tells_nothing():
    assert SENDER.read(DATADOG | {"transition": "Null"}) == ()


def test_the_payload_in_the_guide_has_each_field():
    shown = re.search(r"```json\n(\{[^`]*\$ALERT_CYCLE_KEY[^`]*\})\n```", GUIDE.read_text())
    assert shown is not None
    assert json.loads(shown[1]).keys() == DATADOG.keys()
