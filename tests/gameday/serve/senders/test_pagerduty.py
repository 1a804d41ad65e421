"""PagerDuty's signature by a published vector, and which of its events begin or end anything."""

import json
from pathlib import Path

import pytest

from gameday.domain.sender import Delivery
from tests.gameday.serve.told import AT, PAGERDUTY, believed, resolved

SENDER = believed("pagerduty").sender
# The vector that PagerDuty's own Go client is tested with.
SECRET = "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK"
SIGNED = "v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd"
OTHER = "v1=7020c8a7ec668a9b7012bc3dd82e483394b038f4230acc6785efbf2a7d8bcaf5"
VECTOR = Path(__file__).with_name("pagerduty_vector.json").read_bytes()


def objection(header, sent=VECTOR):
    return SENDER.objection(Delivery({"x-pagerduty-signature": header}, sent, AT), SECRET)


def test_the_published_vector_is_believed_also_beside_another():
    assert objection(SIGNED) == ""
    assert objection(f"{OTHER},{SIGNED}") == ""
    assert objection(f"{SIGNED}, {OTHER}") == ""


@pytest.mark.parametrize(
    "header", [OTHER, SIGNED.removeprefix("v1="), SIGNED.replace("v1", "v2"), SIGNED[:-1]]
)
def test_what_is_not_the_vector_is_not(header):
    assert "fits the body" in objection(header)
    assert "fits the body" in objection(SIGNED, VECTOR + b" ")


def test_only_a_beginning_and_an_end_are_told():
    (began,), (ended,) = SENDER.read(PAGERDUTY), SENDER.read(resolved("pagerduty"))
    assert (began.firing, ended.firing) == (True, False)
    assert began.key == ended.key == "PGR0VU2"
    assert began.labels == {
        "title": "DrillDue",
        "urgency": "high",
        "service": "API Service",
        "priority": "P1",
        "escalation_policy": "Default",
    }
    assert SENDER.read(json.loads(VECTOR)) == ()
    assert SENDER.read({"event": {"event_type": "pagey.ping", "data": {"type": "ping"}}}) == ()
