from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.vitals import Vital, cpu_share, find_silent

START = datetime(2026, 11, 21, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def vital(ends_s, cpu_s, seconds=1.0, generator=0):
    return Vital(
        generator=generator, at=at(ends_s), seconds=seconds, cpu_s=cpu_s, in_flight=0, unrecorded=0
    )


def test_the_busiest_generator_counts():
    vitals = [vital(1, 0.2), vital(2, 0.4), vital(1, 0.9, generator=1), vital(2, 0.7, generator=1)]
    assert cpu_share(vitals, START, at(2)) == pytest.approx(0.8)


def test_a_second_counts_with_the_part_that_lies_inside():
    vitals = [vital(1, 1.0), vital(2, 0.0)]
    assert cpu_share(vitals, at(0.5), at(2)) == pytest.approx(0.5 / 1.5)
    assert cpu_share(vitals, at(0.5), at(0.9)) == pytest.approx(1.0)


def test_a_process_that_stood_still_spent_its_time_over_all_of_it():
    assert cpu_share([vital(4, 0.5, seconds=4.0)], START, at(4)) == pytest.approx(0.125)


def test_nobody_knows_where_nothing_was_noted():
    assert cpu_share([], START, at(1)) is None
    assert cpu_share([vital(1, 0.5)], at(5), at(6)) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0, 20), st.floats(0, 20))
def test_it_lies_between_the_least_and_the_most(shares, one, other):
    vitals = [vital(second + 1, share) for second, share in enumerate(shares)]
    share = cpu_share(vitals, at(min(one, other)), at(max(one, other)))
    assert share is None or min(shares) - 1e-6 <= share <= max(shares) + 1e-6


def test_a_generator_that_left_no_note_is_silent_and_one_that_stood_still_is_not():
    by_second = [vital(second, 0.1) for second in range(1, 11)]
    stood_still = vital(10, 0.1, seconds=10.0, generator=1)
    killed = [vital(second, 0.1, generator=2) for second in range(1, 4)]
    found = find_silent([*by_second, stood_still, *killed], START, at(10), generators=4)
    assert found == {2: pytest.approx(7.0), 3: pytest.approx(10.0)}


@pytest.mark.parametrize(("noted_s", "is_silent"), [(7, False), (6, True)])
def test_the_last_notes_of_a_busy_host_may_be_late(noted_s, is_silent):
    whole = [vital(second, 0.1) for second in range(1, 11)]
    noted = [vital(second, 0.1, generator=1) for second in range(1, noted_s + 1)]
    assert bool(find_silent([*whole, *noted], START, at(10), generators=2)) is is_silent


def test_seconds_before_the_load_began_are_missed_by_nobody():
    noted = [vital(second, 0.1, generator=g) for second in range(8, 11) for g in (0, 1)]
    assert find_silent(noted, START, at(10), generators=2) == {}
