"""A slow drift is found among noise, nothing is found where there is none, and too little is said.

The long simulation is `python -m bench.creep`; here a short one of fixed seeds.
"""

import math
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.creep import (
    DRIFT,
    LOOK_WEEKS,
    SPAN_WEEKS,
    WEEKS_MIN,
    Series,
    find_all,
    find_creep,
    weeks_for,
    z_needed,
)
from gameday.domain.figure import Figure

FIRST = datetime(2026, 1, 19, tzinfo=UTC)  # a Monday, and a look


def figure(value=1000.0, **changes):
    told = {"of": "watch", "name": "latency_ms_p50", "unit": "ms", "value": value}
    return Figure.model_validate({**told, **changes})


def series(values, *, every_weeks=1, **changes):
    moments = [FIRST + timedelta(weeks=every_weeks * week, days=2) for week in range(len(values))]
    return Series(figure(values[-1], **changes), tuple(zip(moments, values, strict=True)))


def noisy(weeks, drift, seed, *, every_weeks=1, noise=0.1):
    """Weekly figures that drift by this share a quarter, with this much noise."""
    draw = random.Random(seed)
    steps = range(0, weeks, every_weeks)
    return [1000 * (1 + drift) ** (w / 13) * math.exp(noise * draw.gauss(0, 1)) for w in steps]


def seen_at(course, weeks):
    """The first look in so many weeks that says worse; None where none does."""
    for week in range(LOOK_WEEKS, weeks + 1, LOOK_WEEKS):
        if find_creep(course, FIRST + timedelta(weeks=week)).state == "worse":
            return week
    return None


def test_a_drift_of_5_percent_a_quarter_is_found_within_six_quarters():
    found = [seen_at(series(noisy(SPAN_WEEKS, DRIFT, seed)), SPAN_WEEKS) for seed in range(60)]
    assert sum(week is not None for week in found) >= 0.9 * len(found)


def test_where_nothing_gets_worse_at_most_one_in_twenty_raises_any_alarm_at_any_look():
    found = [seen_at(series(noisy(SPAN_WEEKS, 0.0, seed)), SPAN_WEEKS) for seed in range(60)]
    assert sum(week is not None for week in found) <= 0.05 * len(found)


def test_quarterly_points_alone_cannot_know_and_say_how_many_weeks_are_needed():
    for seed in range(200):
        course = series(noisy(SPAN_WEEKS, DRIFT, seed, every_weeks=13), every_weeks=13)
        creep = find_creep(course, FIRST + timedelta(weeks=SPAN_WEEKS))
        assert creep.state == "unknown"
        assert creep.weeks == 6
        assert creep.weeks_needed == weeks_for(0.1) - 6
        assert creep.sentence == (
            f"too little to know: 6 weeks have a figure, {creep.weeks_needed} more are needed"
        )


def test_the_weeks_that_it_asks_for_are_enough():
    """With so many weekly figures at this noise, the one look at their end sees 9 of 10."""
    weeks = math.ceil(weeks_for(0.1) / LOOK_WEEKS) * LOOK_WEEKS
    now = FIRST + timedelta(weeks=weeks)
    states = [find_creep(series(noisy(weeks, DRIFT, seed)), now).state for seed in range(200)]
    assert states.count("worse") >= 0.9 * len(states)


def test_what_drifts_is_called_steady_no_oftener_than_it_says():
    for weeks in (48, 56, 64):
        now = FIRST + timedelta(weeks=weeks)
        courses = (series(noisy(weeks, DRIFT, seed)) for seed in range(200))
        states = [find_creep(course, now).state for course in courses]
        assert states.count("steady") <= 0.1 * len(states)


def test_one_outlier_neither_makes_a_drift_nor_hides_one():
    calm, rising = noisy(SPAN_WEEKS, 0.0, 5), noisy(SPAN_WEEKS, DRIFT, 5)
    now = FIRST + timedelta(weeks=SPAN_WEEKS)
    for place in (0, 40, SPAN_WEEKS - 1):
        for course, state in ((calm, "steady"), (rising, "worse")):
            spoilt = [*course[:place], 40 * course[place], *course[place + 1 :]]
            assert find_creep(series(spoilt), now).state == state


def test_it_is_the_median_of_all_slopes_with_kendalls_variance():
    """Against numpy, with weeks that are the same and a week that is missing."""
    values = [round(value, -2) for value in noisy(30, 0.3, 3)]
    course = series(values)
    kept = Series(course.last, course.points[:11] + course.points[12:])
    creep = find_creep(kept, FIRST + timedelta(weeks=32))
    x = np.delete(np.arange(30), 11)
    y = np.delete(np.array(values), 11)
    later, earlier = np.tril_indices(29, -1)
    slopes = (y[later] - y[earlier]) / (x[later] - x[earlier])
    assert creep.drift == pytest.approx(13 * np.median(slopes) / np.median(y))
    assert creep.drift_low <= creep.drift <= creep.drift_high
    assert creep.weeks == 29
    assert creep.state == "worse"


@given(st.integers(0, 200), st.floats(0.001, 1e6))
def test_the_unit_makes_no_difference(seed, factor):
    values = noisy(40, 0.1, seed)
    now = FIRST + timedelta(weeks=40)
    one = find_creep(series(values), now)
    other = find_creep(series([factor * value for value in values]), now)
    assert other.state == one.state
    assert other.drift == pytest.approx(one.drift)
    assert other.weeks_needed == one.weeks_needed


@given(st.integers(0, 200))
def test_what_is_worse_one_way_is_better_the_other(seed):
    values = noisy(60, 0.1, seed)
    now = FIRST + timedelta(weeks=60)
    up, down = (find_creep(series(values, worse=way), now) for way in ("up", "down"))
    assert {up.state, down.state} in ({"worse", "better"}, {"steady"}, {"unknown"})
    assert up.drift == down.drift


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_told_makes_no_difference(draw):
    course = series(noisy(30, 0.2, 1))
    shuffled = list(course.points)
    draw.shuffle(shuffled)
    now = FIRST + timedelta(weeks=32)
    assert find_creep(Series(course.last, tuple(shuffled)), now) == find_creep(course, now)


def test_asking_every_day_is_no_further_look():
    """Between two looks the answer stays, whatever has come since: who asks often is not fooled."""
    course = series(noisy(60, 0.1, 2))
    month = [find_creep(course, FIRST + timedelta(weeks=40, days=day)) for day in range(28)]
    assert month.count(month[0]) == 28
    assert find_creep(course, FIRST + timedelta(weeks=44)).until > month[0].until


def test_a_busy_week_weighs_no_more_than_another():
    course = series(noisy(30, 0.0, 4))
    at, value = course.points[-1]
    busy = Series(course.last, (*course.points, *((at, value) for _ in range(500))))
    now = FIRST + timedelta(weeks=32)
    assert find_creep(busy, now) == find_creep(course, now)


@pytest.mark.parametrize(("weeks", "state"), [(WEEKS_MIN - 1, "unknown"), (WEEKS_MIN, "worse")])
def test_too_few_weeks_tell_nothing_however_clear_they_look(weeks, state):
    values = [1000.0 * 1.3**week * (1 + week % 3 / 50) for week in range(weeks)]
    assert find_creep(series(values), FIRST + timedelta(weeks=12)).state == state


def test_weeks_that_resemble_each_other_are_not_taken_for_a_drift():
    wrong = 0
    for seed in range(60):
        draw, off, values = random.Random(seed), 0.0, []
        for _ in range(SPAN_WEEKS):
            off = 0.3 * off + math.sqrt(0.91) * draw.gauss(0, 1)
            values.append(1000 * math.exp(0.1 * off))
        wrong += seen_at(series(values), SPAN_WEEKS) is not None
    assert wrong <= 0.05 * 60


def test_what_never_moves_is_steady_and_what_is_always_nought_too():
    now = FIRST + timedelta(weeks=40)
    for value in (0.0, 7.0):
        creep = find_creep(series([value] * 40), now)
        assert (creep.state, creep.drift) == ("steady", 0.0)


def test_a_figure_that_is_nought_in_most_weeks_can_get_worse():
    values = [0.0] * 30 + [0.1 * week for week in range(1, 31)]
    assert find_creep(series(values), FIRST + timedelta(weeks=60)).state == "worse"


@pytest.mark.parametrize(
    ("objective", "creeps", "said"),
    [
        (2000.0, True, "still inside its objective, for about"),
        (1100.0, False, "its objective is broken already"),
        (None, True, "a quarter"),
    ],
)
def test_it_creeps_while_the_objective_still_holds(objective, creeps, said):
    values = [1000.0 * (1 + 0.1 * week / 13) for week in range(60)]
    creep = find_creep(series(values, objective=objective), FIRST + timedelta(weeks=60))
    assert creep.state == "worse"
    assert creep.creeps is creeps
    assert said in creep.sentence


def test_how_long_the_objective_still_holds_is_on_the_line():
    values = [1000.0 + 10 * week for week in range(40)]
    creep = find_creep(series(values, objective=1500.0), FIRST + timedelta(weeks=40))
    assert creep.weeks_left == 11  # 1,390 now, and 10 more every week


def test_figures_that_are_looked_at_together_share_the_false_alarms():
    assert z_needed(10) > z_needed(1)
    one = series(noisy(40, 0.0, 1))
    alone = find_creep(one, FIRST + timedelta(weeks=40))
    among = find_all([one] * 10, FIRST + timedelta(weeks=40))[0]
    assert among.seen_from > alone.seen_from
    assert among.weeks_needed > alone.weeks_needed


def test_a_week_that_is_not_over_is_not_looked_at():
    creep = find_creep(series(noisy(60, 0.0, 1)), FIRST + timedelta(weeks=22, days=3))
    assert creep.weeks == 20
    assert creep.until == FIRST + timedelta(weeks=20)


@pytest.mark.parametrize(
    ("course", "within"),
    [
        (lambda week: 1.05**week, 16),  # twice as much every quarter
        (lambda week: 1 + (week / 30) ** 2, 40),
        (lambda week: 1.5 if week >= 20 else 1.0, 52),
    ],
    ids=["growth that compounds", "growth that quickens", "one step"],
)
def test_what_gets_worse_in_no_straight_line_is_seen_too(course, within):
    draw = random.Random(1)
    values = [1000 * course(w) * math.exp(0.03 * draw.gauss(0, 1)) for w in range(SPAN_WEEKS)]
    assert seen_at(series(values), SPAN_WEEKS) <= within
