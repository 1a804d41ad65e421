"""What became of each slot, when it is too late, and when a game day is overdue."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.calendar import slots
from gameday.domain.game_day import Timetable
from gameday.domain.schedule import (
    LATE_MAX,
    Asked,
    DayRecord,
    Pause,
    Scheduled,
    ScheduleState,
    alarms,
    due,
    freeze_on,
    overdue_sentence,
    settled,
    slot_of,
    why_late,
)
from gameday.domain.verdict import Verdict
from tests.workflows.game_day_rig import request_of

APPLIED = datetime(2027, 1, 1, 12, tzinfo=UTC)
FREEZE = {"from": "2027-01-18", "to": "2027-01-19", "reason": "sale"}
WEEKLY = Timetable.model_validate(
    {"every": "week", "on": "monday", "at": "09:00", "grace_days": 3, "freezes": [FREEZE]}
)
MONDAYS = [datetime(2027, 1, day, 9, tzinfo=UTC) for day in (4, 11, 18, 25)]


def state(**changes):
    scheduled = Scheduled(
        name="weekly", title="t", file="/f.yaml", target="lab", environment="lab",
        target_file="/gameday.yaml", runs="/runs", timetable=WEEKLY, digest="d",
        applied_at=APPLIED, applied_by="ana", since=APPLIED,
    )  # fmt: skip
    kept = ScheduleState(scheduled=scheduled, settled_until=APPLIED)
    return kept.model_copy(update=changes)


def ran(slot, verdict=Verdict.PASSED, day_id="D1"):
    return DayRecord(slot_at=slot, outcome="started", at=slot, day_id=day_id, verdict=verdict,
                     ended_at=slot + timedelta(minutes=30))  # fmt: skip


def test_every_slot_has_its_word_once_it_can_start_no_more():
    kept = state(
        days=(ran(MONDAYS[0]),),
        pauses=(Pause(since=MONDAYS[3] - timedelta(days=1), why="ana: the migration"),),
    )
    found = settled(kept, MONDAYS[3] + timedelta(hours=1))
    assert [(day.slot_at, day.outcome) for day in found.days] == [
        (MONDAYS[0], "started"), (MONDAYS[1], "missed"), (MONDAYS[2], "frozen"),
        (MONDAYS[3], "paused"),
    ]  # fmt: skip
    assert found.days[2].reason == "2027-01-18 to 2027-01-19: sale"
    assert found.days[3].reason == "ana: the migration"
    assert settled(found, MONDAYS[3] + timedelta(hours=2)).days == found.days


def test_a_slot_that_may_still_start_is_not_missed():
    late = MONDAYS[0] + 2 * LATE_MAX
    assert settled(state(), late).days == ()
    (day,) = settled(state(), late + timedelta(minutes=2)).days
    assert day.outcome == "missed"


def test_what_temporal_calls_paused_is_not_called_missed():
    (day,) = settled(state(), MONDAYS[0] + timedelta(hours=1), paused=True).days
    assert day.outcome == "paused"


def test_a_start_takes_the_place_of_what_was_missed_before_a_backfill():
    missed = settled(state(), MONDAYS[0] + timedelta(hours=1))
    again = missed.with_day(ran(MONDAYS[0]))
    assert [day.outcome for day in again.days] == ["started"]
    ended = again.with_day(ran(MONDAYS[0], Verdict.FAILED))
    assert [day.verdict for day in ended.days] == [Verdict.FAILED]
    by_hand = ended.with_day(DayRecord(slot_at=None, outcome="started", at=APPLIED, day_id="D2"))
    assert len(by_hand.days) == 2
    assert by_hand.without("D2").days == ended.days


@given(st.lists(st.integers(0, 60 * 24), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_looking_often_says_the_same_as_looking_once(hours):
    moments = sorted(APPLIED + timedelta(hours=one) for one in hours)
    often = state()
    for moment in moments:
        often = settled(often, moment)
    once = settled(state(), moments[-1])
    assert [(day.slot_at, day.outcome) for day in often.days] == [
        (day.slot_at, day.outcome) for day in once.days
    ]
    known = {day.slot_at for day in once.days}
    expected = {slot.at for slot in slots(WEEKLY, APPLIED, max(once.settled_until, APPLIED))}
    assert known == expected


@pytest.mark.parametrize(
    ("started_after", "taken_after", "late"),
    [
        (timedelta(0), timedelta(0), False),
        (timedelta(0), LATE_MAX, False),
        (timedelta(0), LATE_MAX + timedelta(seconds=1), True),
        # Temporal caught up within its window, and then no worker took it.
        (LATE_MAX, LATE_MAX + timedelta(seconds=1), True),
        # A slot of long ago that Temporal starts now was asked for: a backfill.
        (timedelta(days=30), timedelta(days=30, minutes=10), False),
        (timedelta(days=30), timedelta(days=30, minutes=11), True),
    ],
)
def test_nothing_begins_late(started_after, taken_after, late):
    slot = MONDAYS[0]
    asked = Asked(day_id="D", scheduled_at=slot, started_at=slot + started_after,
                  at=slot + taken_after)  # fmt: skip
    assert bool(why_late(asked)) is late
    by_hand = Asked(day_id="D", scheduled_at=None, started_at=slot, at=slot + taken_after)
    assert bool(why_late(by_hand)) is (taken_after > LATE_MAX)


def test_a_trigger_has_no_slot():
    assert slot_of(WEEKLY, MONDAYS[0]) == MONDAYS[0]
    assert slot_of(WEEKLY, MONDAYS[0] + timedelta(seconds=1)) is None
    assert slot_of(WEEKLY, None) is None


def test_a_freeze_is_that_of_the_day_or_of_its_target(tmp_path):
    request = request_of(tmp_path, schedule=WEEKLY.model_dump(by_alias=True, mode="json"))
    assert freeze_on(request, MONDAYS[2]).reason == "sale"
    assert freeze_on(request, MONDAYS[1]) is None
    target = request.target.model_copy(update={"freezes": (freeze_on(request, MONDAYS[2]),)})
    bare = request_of(tmp_path).model_copy(update={"target": target})
    assert freeze_on(bare, MONDAYS[2]).reason == "sale"


def test_overdue_is_longer_than_the_period_and_the_grace():
    """Weekly with three days of grace: ten days."""
    kept = state(days=(ran(MONDAYS[0]),))
    until = MONDAYS[0] + timedelta(minutes=30, days=10)
    assert due(kept, until).overdue_since is None
    found = due(kept, until + timedelta(seconds=1))
    assert found.overdue_since == until
    assert overdue_sentence(found) == (
        "weekly is OVERDUE since 2027-01-14: last rehearsed on 2027-01-04, and due every 7 days "
        "with 3 of grace"
    )


@pytest.mark.parametrize(
    ("verdict", "counts"),
    [(Verdict.PASSED, True), (Verdict.FAILED, True), (Verdict.INCONCLUSIVE, True),
     (Verdict.REFUSED, False), (Verdict.ABORTED, False), (None, False)],
)  # fmt: skip
def test_a_day_that_rehearsed_nothing_does_not_count(verdict, counts):
    kept = state(days=(ran(MONDAYS[1], verdict),))
    now = MONDAYS[1] + timedelta(days=7)  # eleven days after it was applied
    assert (due(kept, now).overdue_since is None) is counts
    never = due(state(), APPLIED + timedelta(days=10, seconds=1))
    assert "never rehearsed" in overdue_sentence(never)


def test_alarms_are_the_same_until_something_else_happens():
    kept = settled(state(), MONDAYS[1] + timedelta(hours=1))
    found = due(kept, MONDAYS[1] + timedelta(hours=1))
    told = dict(alarms(found))
    first, second = (f"schedule weekly missed 2027-01-{day}T09:00:00Z" for day in ("04", "11"))
    assert list(told) == [first, second]
    assert "was missed and is not run late" in told[first]
    later = due(settled(kept, MONDAYS[1] + timedelta(days=2)), MONDAYS[1] + timedelta(days=2))
    assert set(dict(alarms(later))) == {*told, "schedule weekly overdue 2027-01-11T12:00:00Z"}
    after = due(kept.with_day(ran(MONDAYS[2])), MONDAYS[2])
    assert alarms(after) == ()
