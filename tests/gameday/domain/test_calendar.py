"""The calendar: two years written out by hand, clocks that change, and all against brute force."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.domain.calendar import (
    WEEKDAYS,
    Calendar,
    Fields,
    Freeze,
    disputed,
    freeze_at,
    next_slots,
    period,
    slots,
)

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
         "Asia/Kathmandu", "Pacific/Apia", "UTC")  # fmt: skip
START = datetime(2026, 11, 30, tzinfo=UTC)


def berlin(**given):
    return Calendar.model_validate({"time_zone": "Europe/Berlin", **given})


def of(calendar, since=START, until=START + timedelta(days=731)):
    return list(slots(calendar, since, until))


def test_two_years_of_quarters_with_daylight_saving_and_a_freeze():
    """Ten in the morning in Berlin is nine in winter and eight in summer; a freeze takes one."""
    calendar = berlin(
        every="quarter",
        on="first tuesday",
        freezes=[{"from": "2027-12-18", "to": "2028-01-09", "reason": "year-end freeze"}],
    )
    assert [(f"{slot.at:%Y-%m-%d %H:%M}", slot.local, slot.frozen) for slot in of(calendar)] == [
        ("2027-01-05 09:00", "2027-01-05 10:00", ""),
        ("2027-04-06 08:00", "2027-04-06 10:00", ""),
        ("2027-07-06 08:00", "2027-07-06 10:00", ""),
        ("2027-10-05 08:00", "2027-10-05 10:00", ""),
        ("2028-01-04 09:00", "2028-01-04 10:00", "2027-12-18 to 2028-01-09: year-end freeze"),
        ("2028-04-04 08:00", "2028-04-04 10:00", ""),
        ("2028-07-04 08:00", "2028-07-04 10:00", ""),
        ("2028-10-03 08:00", "2028-10-03 10:00", ""),
    ]


def test_two_years_of_weeks_change_their_hour_on_the_right_sundays():
    found = of(berlin(every="week", on="monday"))
    assert len(found) == 105
    assert {slot.local[-5:] for slot in found} == {"10:00"}
    hours = {slot.local[:10]: slot.at.hour for slot in found}
    changes = [day for (day, hour), before in zip(
        list(hours.items())[1:], list(hours.values()), strict=False) if hour != before]  # fmt: skip
    # The first Monday after each last Sunday of March and October.
    assert changes == ["2027-03-29", "2027-11-01", "2028-03-27", "2028-10-30"]


@pytest.mark.parametrize(
    ("zone", "on", "at", "day", "utc"),
    [
        ("Europe/Berlin", "sunday", "02:30", "2027-03-28", "2027-03-28 01:30"),  # shown as 03:30
        ("Europe/Berlin", "sunday", "02:30", "2027-10-31", "2027-10-31 00:30"),  # the first one
        ("America/New_York", "sunday", "02:30", "2027-03-14", "2027-03-14 07:30"),
        ("America/New_York", "sunday", "01:30", "2027-11-07", "2027-11-07 05:30"),
        (
            "Australia/Lord_Howe",
            "sunday",
            "02:15",
            "2027-10-03",
            "2027-10-02 15:45",
        ),  # half an hour
    ],
)
def test_a_time_that_is_skipped_or_comes_twice_is_one_moment(zone, on, at, day, utc):
    calendar = Calendar.model_validate({"time_zone": zone, "every": "week", "on": on, "at": at})
    around = datetime.fromisoformat(day).replace(tzinfo=UTC)
    found = of(calendar, around - timedelta(days=3), around + timedelta(days=3))
    assert [(f"{slot.at:%Y-%m-%d %H:%M}", slot.local) for slot in found] == [(utc, f"{day} {at}")]
    why = disputed(calendar, around - timedelta(days=3), around + timedelta(days=3))
    assert why.startswith(f"{at} on {day} ")
    assert not disputed(calendar, around + timedelta(days=3), around + timedelta(days=30))


def test_two_names_of_one_moment_are_one_slot_and_the_order_is_that_of_time():
    """02:30 does not exist and stands for 03:30; 03:00 of the same rule comes before it."""
    calendar = berlin(fields={"days": [28], "months": [3], "hours": [2, 3], "minutes": [0, 30]})
    found = of(calendar, datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 30, tzinfo=UTC))
    assert [(f"{slot.at:%H:%M}", slot.local[-5:]) for slot in found] == [
        ("01:00", "03:00"), ("01:30", "03:30"),
    ]  # fmt: skip


def test_the_edges_are_open_and_closed_and_next_slots_agree():
    calendar = berlin(every="month", on="second wednesday", at="09:15")
    first, second = next_slots(calendar, START, 2)
    assert (first.local, second.local) == ("2026-12-09 09:15", "2027-01-13 09:15")
    assert of(calendar, first.at, second.at) == [second]
    assert of(calendar, first.at - timedelta(seconds=1), first.at) == [first]
    never = Calendar(fields=Fields(months=(2,), days=(29,), hours=(1,), weekdays=("monday",)))
    assert next_slots(never, datetime(2027, 1, 1, tzinfo=UTC), 3) == []


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({"every": "week", "on": "tuesday"}, 7),
        ({"every": "month", "on": "fourth friday"}, 35),
        ({"every": "quarter", "on": "first tuesday"}, 91),
        ({"every": "quarter", "on": "first tuesday", "months": [3, 9]}, 189),
        ({"fields": {"months": [2], "days": [29], "hours": [10]}}, 1464),
    ],
)
def test_the_period_is_the_longest_time_between_two_slots(given, days):
    assert period(Calendar.model_validate(given), START) == timedelta(days=days)


def test_a_freeze_has_both_its_days_by_the_clocks_of_its_zone():
    freeze = Freeze.model_validate({"from": "2026-12-18", "to": "2026-12-19", "reason": "why"})
    at = datetime(2026, 12, 17, 23, 0, tzinfo=UTC)  # midnight in Berlin
    assert freeze_at([freeze], at, "Europe/Berlin") is freeze
    assert freeze_at([freeze], at - timedelta(seconds=1), "Europe/Berlin") is None
    assert freeze_at([freeze], at, "UTC") is None
    end = datetime(2026, 12, 19, 23, 0, tzinfo=UTC)
    assert freeze_at([freeze], end, "Europe/Berlin") is None
    assert freeze_at([freeze], end - timedelta(seconds=1), "Europe/Berlin") is freeze
    assert freeze.words == "2026-12-18 to 2026-12-19: why"


MINUTES = (0, 15, 30, 59)
rules = st.builds(
    Fields,
    months=st.lists(st.integers(1, 12), min_size=1, max_size=4).map(tuple),
    days=st.lists(st.integers(1, 29), min_size=1, max_size=12).map(tuple),
    weekdays=st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7).map(tuple),
    hours=st.lists(st.integers(0, 23), min_size=1, max_size=3).map(tuple),
    minutes=st.lists(st.sampled_from(MINUTES), min_size=1, max_size=2).map(tuple),
)


def by_brute_force(rule, zone, since, until):
    """Every time of the wall clock that such a rule can name, one after the other."""
    moments = set()
    first = since.date() - timedelta(days=4)
    for day in (first + timedelta(days=n) for n in range((until - since).days + 9)):
        for hour, minute in itertools.product(range(24), MINUTES):
            wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
            fits = (
                wall.month in rule.months and wall.day in rule.days
                and WEEKDAYS[wall.weekday()] in rule.weekdays
                and wall.hour in rule.hours and wall.minute in rule.minutes
            )  # fmt: skip
            moments |= {wall.astimezone(UTC)} if fits else set()
    return sorted(moment for moment in moments if since < moment <= until)


@given(
    rules, st.sampled_from(ZONES), st.dates(date(2010, 1, 1), date(2035, 1, 1)),
    st.integers(1, 40), st.lists(st.integers(0, 40), max_size=2),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_slots_are_those_of_brute_force_in_order_and_frozen_as_their_day_is(
    rule, zone, first, length, frozen
):
    since = datetime(first.year, first.month, first.day, 5, 7, tzinfo=UTC)
    until = since + timedelta(days=length)
    freezes = tuple(
        Freeze.model_validate({"from": first + timedelta(days=n), "to": first + timedelta(days=n),
                               "reason": f"freeze {n}"})
        for n in frozen
    )  # fmt: skip
    calendar = Calendar(time_zone=zone, fields=rule, freezes=freezes)
    found = list(slots(calendar, since, until))
    assert [slot.at for slot in found] == by_brute_force(rule, zone, since, until)
    days = {freeze.from_ for freeze in freezes}
    for slot in found:
        assert bool(slot.frozen) == (slot.at.astimezone(ZoneInfo(zone)).date() in days)


@given(rules, st.sampled_from(ZONES), st.dates(date(2020, 1, 1), date(2030, 1, 1)),
       st.integers(0, 60), st.integers(0, 60))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_two_stretches_have_together_what_both_have_as_one(rule, zone, first, one, other):
    calendar = Calendar(time_zone=zone, fields=rule)
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    middle = since + timedelta(days=one, hours=3)
    until = middle + timedelta(days=other, minutes=1)
    apart = [*slots(calendar, since, middle), *slots(calendar, middle, until)]
    assert apart == list(slots(calendar, since, until))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "expected either every (with on and at) or fields"),
        ({"every": "week", "on": "first tuesday"}, "every week needs a day such as 'tuesday'"),
        ({"every": "month", "on": "tuesday"}, "needs a day such as 'first tuesday'"),
        ({"every": "month", "on": "last friday"}, "found 'last friday'"),
        ({"every": "month", "on": "first monday", "months": [2]}, "months belongs to"),
        ({"every": "week", "on": "monday", "fields": {"hours": [1]}}, "either every"),
        ({"fields": {"hours": [1]}, "at": "10:00"}, "a rule of their own"),
        ({"fields": {"hours": [1], "months": [2], "days": [30]}}, "no month of [2] has a day 30"),
        ({"every": "week", "on": "monday", "time_zone": "Berlin"}, "found 'Berlin'"),
        ({"every": "week", "on": "monday", "time_zone": "../etc"}, "found '../etc'"),
        ({"every": "week", "on": "monday", "freezes": [
            {"from": "2027-01-02", "to": "2027-01-01", "reason": "x"}]}, "before it begins"),
    ],
)  # fmt: skip
def test_a_rule_that_means_nothing_is_refused(given, sentence):
    with pytest.raises(ValidationError) as refused:
        Calendar.model_validate(given)
    assert sentence in str(refused.value)


def test_a_calendar_says_itself_in_words():
    assert berlin(every="quarter", on="first tuesday").words == (
        "every quarter on first tuesday at 10:00, Europe/Berlin"
    )
    fields = berlin(fields={"days": [1, 15], "hours": [9]})
    assert fields.words == "days 1, 15; hours 9; Europe/Berlin"


@pytest.mark.parametrize(
    "given", [{"every": "week", "on": "monday"}, {"fields": {"hours": [9]}, "freezes": [
        {"from": "2027-01-01", "to": "2027-01-02", "reason": "why"}]}],
)  # fmt: skip
def test_a_calendar_is_read_as_it_was_written(given):
    calendar = berlin(**given)
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar
