"""The breaker: opens after some failures, lets one trial through in each cooldown."""

import math

import pytest

from lab.assistant.breaker import Breaker
from lab.assistant.settings import Caution

CAUTION = Caution(failures_to_open=3, of_last=10, cooldown_s=0.5, retry_after_s_max=5.0)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def opened(caution: Caution = CAUTION, cooldown_s: float | None = None) -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(caution, cooldown_s=cooldown_s, clock_s=clock)
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    return breaker, clock


def test_it_opens_after_three_failures_in_a_row() -> None:
    breaker, _ = opened()
    assert not breaker.allows()


def test_it_opens_when_three_of_the_last_ten_failed() -> None:
    breaker = Breaker(CAUTION)
    for failed in (True, False, False, False, True, False, False, False):
        breaker.failed() if failed else breaker.succeeded(0.0)
        assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_failures_that_lie_back_are_forgotten() -> None:
    breaker = Breaker(CAUTION)
    for _ in range(10):
        breaker.failed()
        for _ in range(9):
            breaker.succeeded(0.0)
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


def test_a_trial_that_succeeds_closes_it_and_forgets_the_failures() -> None:
    breaker, clock = opened()
    clock.now_s += 0.5
    assert breaker.allows()
    breaker.succeeded(clock.now_s)
    breaker.failed()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_an_answer_that_had_begun_before_it_opened_does_not_close_it() -> None:
    breaker, clock = opened()
    breaker.succeeded(clock.now_s - 1)
    assert not breaker.allows()


def test_one_hopeless_failure_is_enough() -> None:
    clock = Clock()
    breaker = Breaker(CAUTION, clock_s=clock)
    breaker.failed(at_once=True)
    assert not breaker.allows()
    clock.now_s += 0.5
    assert breaker.allows()


@pytest.mark.parametrize(("asked_s", "left_alone_s"), [(2.0, 2.0), (0.1, 0.5), (60.0, 5.0)])
def test_a_provider_is_left_alone_as_it_asked_within_reason(
    asked_s: float, left_alone_s: float
) -> None:
    clock = Clock()
    breaker = Breaker(CAUTION, clock_s=clock)
    breaker.failed(leave_alone_s=asked_s)
    assert breaker.trial_in_s() == pytest.approx(left_alone_s)
    clock.now_s += left_alone_s - 0.01
    assert not breaker.allows()
    clock.now_s += 0.02
    assert breaker.allows()


def test_a_later_failure_without_a_time_does_not_shorten_the_pause() -> None:
    clock = Clock()
    breaker = Breaker(CAUTION, clock_s=clock)
    breaker.failed(leave_alone_s=4.0)
    breaker.failed()
    assert breaker.trial_in_s() == pytest.approx(4.0)


def test_without_an_end_of_the_cooldown_it_stays_open() -> None:
    breaker, clock = opened(cooldown_s=math.inf)
    clock.now_s += 1e9
    assert not breaker.allows()
    assert breaker.trial_in_s() == math.inf


def test_one_that_never_closes_goes_on_with_trials() -> None:
    breaker, clock = opened(CAUTION.model_copy(update={"closes": False}))
    for _ in range(4):
        clock.now_s += 0.5
        assert [breaker.allows() for _ in range(3)] == [True, False, False]
        breaker.succeeded(clock.now_s)
