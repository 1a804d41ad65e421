"""What a drill asks of others than its own samples, and which alerts it may set off."""

import pytest

from gameday.domain.alerts import Alerts
from gameday.domain.record import alerts_expected, slos_judged
from tests.gameday.reporting.runs import make_drill, make_request

RINGS = {"kind": "alerted", "name": "Fallback", "within": "20s", "cleared_within": "30s"}
OWN = {"kind": "slo", "name": "availability"}
OUTSIDE = {"kind": "slo", "name": "answered"}


@pytest.mark.parametrize(
    ("checks", "expects", "elsewhere"),
    [
        ([OWN], [], False),
        ([OWN, OUTSIDE], [], True),
        ([OWN, RINGS], [], True),
        ([OWN], ["Fallback"], True),
    ],
)
def test_a_drill_that_asks_others_says_so(checks, expects, elsewhere):
    assert make_drill(checks=checks, expects=expects).looks_elsewhere is elsewhere


def test_the_objectives_of_checks_are_named_once():
    again = {**OWN, "window": "recovered"}
    assert slos_judged(make_drill(checks=[OWN, again, OUTSIDE, RINGS])) == (
        "availability",
        "answered",
    )


def test_alerts_are_expected_by_target_drill_and_check_each_with_its_time_to_clear():
    drill = make_drill(checks=[RINGS, {**RINGS, "name": "Slow", "cleared_within": None}])
    drill = drill.model_copy(update={"expects": ("Errors",)})
    request = make_request("R1", drill)
    alerts = Alerts(prometheus="http://127.0.0.1:1", expects=("Any",), cleared_within="5m")
    watched = request.target.model_copy(update={"alerts": alerts})
    expected = alerts_expected(request.model_copy(update={"target": watched}))
    assert expected == {"Any": 300.0, "Errors": 300.0, "Fallback": 30.0, "Slow": 300.0}
    assert alerts_expected(request) == {}
