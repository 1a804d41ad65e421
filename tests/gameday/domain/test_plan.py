"""The plan: windows, worst case and digest."""

import pytest

from gameday.catalog.files import find_drill, load_drill
from gameday.domain.drill import Drill, Requests, Until
from gameday.domain.plan import make_plan, plan_window
from tests.gameday.checks.staged import TARGET, planned


@pytest.fixture
def drill() -> Drill:
    return load_drill(find_drill("provider-outage"))


@pytest.mark.parametrize(
    ("spec", "seconds_max", "requests_min", "watched_s"),
    [
        (30.0, 30.0, 600, 30.0),
        (Requests(requests=100), 7.0, 100, 5.0),
        (Until(until="all_good", at_most="90s", good_in_a_row=30), 90.0, 30, 90.0),
    ],
    ids=str,
)
def test_windows(spec, seconds_max, requests_min, watched_s):
    window = plan_window("faulted", spec, 20.0)
    assert (window.seconds_max, window.requests_min) == (seconds_max, requests_min)
    assert window.seconds_watched == watched_s


def test_requests_at_the_edges_are_not_counted():
    assert planned(faulted=6.0).too_few("faulted", 100) == ""
    assert planned(faulted=5.9).too_few("faulted", 100) == (
        "needs 100 requests beside those in flight at its edges, so 6 s at 20/s; "
        "the faulted window has 118 requests"
    )


def test_the_worst_case(drill):
    plan = make_plan(drill, TARGET, "lab")
    assert plan.faults == ("connection_refused on provider/primary, all traffic",)
    assert plan.fault_seconds_max == 40.0
    assert plan.seconds_max == 150.0
    assert plan.requests_max == 3000
    assert plan.radius == "provider/primary of lab/lab"
    assert plan.window("baseline").requests_min == 400


def test_the_digest_is_of_the_drill_and_the_target(drill):
    digest = make_plan(drill, TARGET, "lab").digest
    assert make_plan(drill, TARGET, "lab").digest == digest
    again = Drill.model_validate_json(drill.model_dump_json())
    assert make_plan(again, TARGET, "lab").digest == digest
    other = drill.model_copy(update={"lease": 14.0})
    assert make_plan(other, TARGET, "lab").digest != digest
    elsewhere = TARGET.model_copy(update={"suite": "other.yaml"})
    assert make_plan(drill, elsewhere, "lab").digest != digest
