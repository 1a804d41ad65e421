"""The highest rate that holds."""

from hypothesis import given
from hypothesis import strategies as st

from bench.load.search import highest


def keeps_up_to(limit, asked=None):
    def trial(rate):
        if asked is not None:
            asked.append(rate)
        return rate if rate <= limit else None

    return trial


@given(first=st.floats(100, 50_000), limit=st.floats(200, 30_000))
def test_it_comes_within_a_few_percent_from_wherever_it_begins(first, limit):
    found = highest(keeps_up_to(limit), first, steps=20, halvings=3)
    assert limit / 1.5 ** (1 / 8) * 0.999 <= found <= limit


def test_what_never_holds_is_none():
    assert highest(keeps_up_to(0), 1_000.0, steps=4, halvings=3) is None


def test_a_rate_that_fails_once_has_another_chance():
    failed = []

    def trial(rate):
        if rate <= 4_000 and rate not in failed:
            failed.append(rate)
            return None
        return rate if rate <= 4_000 else None

    assert highest(trial, 1_000.0, steps=20, halvings=3) > 3_800


def test_it_takes_no_more_trials_than_it_may():
    asked = []
    assert highest(keeps_up_to(1e9, asked), 100.0, steps=2, halvings=5) == 225.0
    assert asked == [100.0, 150.0, 225.0]


def test_what_is_given_back_is_what_was_found_at_that_rate():
    found = highest(lambda rate: {"rate": rate} if rate <= 100 else None, 100.0, 3, 0)
    assert found == {"rate": 100.0}
