"""The breaker: opens after failures in a row, lets one trial through in each cooldown."""

import math

from lab.assistant.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def opened(cooldown_s: float = 0.5) -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(3, cooldown_s, clock)
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    return breaker, clock


def test_it_opens_after_three_failures_in_a_row() -> None:
    breaker, _ = opened()
    assert not breaker.allows()


def test_a_success_between_failures_starts_the_count_again() -> None:
    breaker = Breaker(3, 0.5)
    for _ in range(4):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows()


def test_each_cooldown_lets_one_trial_through() -> None:
    breaker, clock = opened()
    for _ in range(3):
        clock.now_s += 0.5
        assert [breaker.allows() for _ in range(3)] == [True, False, False]
        breaker.failed()


def test_a_trial_that_is_given_up_does_not_close_the_way_for_good() -> None:
    breaker, clock = opened()
    clock.now_s += 0.5
    assert breaker.allows()
    clock.now_s += 0.5
    assert breaker.allows()


def test_a_trial_that_succeeds_closes_it() -> None:
    breaker, clock = opened()
    clock.now_s += 0.5
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_without_an_end_of_the_cooldown_it_stays_open() -> None:
    breaker, clock = opened(math.inf)
    clock.now_s += 1e9
    assert not breaker.allows()
