"""An incident is over when its alerts are and its run has ended, and not before."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.domain.incident import Incident

AT = datetime(2026, 1, 5, 1, 52, tzinfo=UTC)
LATER = AT + timedelta(minutes=9)


def incident(**more):
    return Incident.model_validate(
        {
            "id": "INC-12",
            "target": "shop",
            "environment": "staging",
            "since": AT,
            "what": "the answers got worse",
            "source": "dana",
            **more,
        }
    )


def test_it_says_where_and_since_when():
    assert incident().sentence == (
        "incident INC-12 is open on target shop since 2026-01-05 01:52 "
        "(the answers got worse; by dana)"
    )


@pytest.mark.parametrize("name", ["INC 12", "-x", "x" * 65, "a/b", "a\nb"])
def test_what_cannot_be_typed_again_is_no_id(name):
    with pytest.raises(ValidationError):
        incident(id=name)


@pytest.mark.parametrize(
    ("outcome", "open_"),
    [("resolved", False), ("handed_over", True), ("undone", True), ("stopped", True),
     ("failed", True), ("dirty", True)],
)  # fmt: skip
def test_a_persons_incident_ends_with_a_run_that_put_it_right(outcome, open_):
    ended = incident(run="7Q2K").run_ended(outcome, LATER)
    assert ended.open is open_
    assert ended.outcome == outcome
    if not open_:
        assert (ended.closed_at, ended.closed_by) == (LATER, "run 7Q2K, which put it right")


@pytest.mark.parametrize(
    ("outcome", "open_"),
    [("resolved", False), ("handed_over", False), ("undone", False), ("stopped", False),
     ("failed", True), ("dirty", True)],
)  # fmt: skip
def test_an_alerts_incident_ends_with_the_alert_unless_something_may_be_left(outcome, open_):
    rings = incident(run="7Q2K", alerts=("a one", "a two"))
    assert rings.run_ended(outcome, LATER).open
    half = rings.alert_over("a one", LATER)
    assert half.run_ended(outcome, LATER).open
    assert half.alert_over("a two", LATER).open, "its run goes on"
    assert half.run_ended(outcome, LATER).alert_over("a two", LATER).open is open_
    assert half.alert_over("a two", LATER).run_ended(outcome, LATER).open is open_


def test_an_alert_for_which_nothing_was_started_ends_it():
    closed = incident(alerts=("a one",)).alert_over("a one", LATER)
    assert closed.closed_by == "its alerts, which are over"


def test_an_alert_that_rings_again_is_not_over():
    again = incident(run="7Q2K", alerts=("a one",)).alert_over("a one", LATER).told_of("a one")
    assert again.ringing
    assert again.run_ended("resolved", LATER).open


@given(st.lists(st.tuples(st.sampled_from(["fires", "over"]), st.sampled_from("abc"))))
def test_however_alerts_come_it_rings_as_long_as_one_does(told):
    seen, ringing = incident(run="7Q2K"), set()
    for what, name in told:
        if what == "fires":
            seen = seen.told_of(name)
            ringing.add(name)
        else:
            seen = seen.alert_over(name, LATER)
            ringing.discard(name)
        assert seen.ringing == bool(ringing)
        assert seen.open, "its run goes on"
