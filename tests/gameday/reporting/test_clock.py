"""The clock of the response and of the restore, read off made-up samples."""

from gameday.domain.record import Moment
from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.samples import Samples
from gameday.domain.window import Window
from gameday.reporting.clock import read_response, read_restore
from tests.gameday.reporting.runs import at

INJECT = Moment(requested_at=at(10.0), confirmed_at=at(10.01))
RESTORE = Moment(requested_at=at(20.0), confirmed_at=at(20.5))


def sample(due_s, took_s=0.1, served_by="primary", tries=(), outcome=Outcome.OK):
    return Sample(
        seq=int(due_s * 1000),
        case="c",
        intended_at=at(due_s),
        finished_at=at(due_s + took_s),
        send_lag_ms=0,
        latency_ms=took_s * 1000,
        outcome=outcome,
        served_by=served_by,
        attempts=tuple(Attempt(provider=p, outcome=o, elapsed_ms=ms) for p, o, ms in tries),
    )


def fell_back(due_s, took_s=0.4):
    tries = (("primary", "refused", 50), ("primary", "timeout", 100), ("secondary", "ok", 200))
    return sample(due_s, took_s, "secondary", tries)


def failed(due_s):
    tries = (("primary", "refused", 20),)
    return sample(due_s, 0.05, None, tries, Outcome.HTTP_ERROR)


def respond(samples, good_in_a_row):
    return read_response(INJECT, "primary", Samples.of(samples), good_in_a_row)


def test_the_moments_add_up_from_the_attempts():
    clock = respond([failed(10.1), fell_back(10.2)], 1)
    assert clock.detected_at == at(10.12)
    assert clock.called_at == at(10.35)  # after both failed attempts
    assert clock.first_good_at == at(10.6)
    assert clock.all_good_at == at(10.6)


def test_nothing_happened_where_nobody_else_was_called():
    clock = respond([failed(10.1), failed(10.2)], 1)
    assert clock.detected_at == at(10.12)
    assert (clock.called_at, clock.first_good_at, clock.all_good_at) == (None, None, None)


def test_an_answer_of_nobody_in_particular_is_not_from_elsewhere():
    clock = respond([sample(11, served_by=None)], 1)
    assert clock.first_good_at is None


def test_no_moment_is_before_the_fault_or_after_the_answer():
    early = fell_back(9.9, took_s=0.2)  # due before the fault, and its times do not add up
    clock = respond([early], 1)
    assert clock.detected_at == at(10.0)
    assert clock.called_at == at(10.05)
    late = respond([fell_back(10.1, took_s=0.01)], 1)
    assert late.detected_at == late.called_at == at(10.11)


def test_all_good_needs_enough_good_answers_after_the_last_bad_one():
    seen = [failed(10.1), fell_back(10.2), failed(11.0), *(fell_back(12 + i) for i in range(3))]
    assert respond(seen, 3).all_good_at == at(14.4)
    assert respond(seen, 4).all_good_at is None


def windows(*recovered, baseline=("primary",)):
    before = tuple(sample(i, served_by=name) for i, name in enumerate(baseline))
    return {
        "baseline": Window("baseline", at(0), at(10), before),
        "recovered": Window("recovered", at(20.5), at(40), recovered),
    }


def test_nothing_bad_after_the_restore_is_zero_seconds():
    restore = read_restore(RESTORE, "primary", windows(sample(21), sample(22)), 2)
    assert (restore.seconds, restore.last_bad_at) == (0.0, None)
    assert (restore.requested_at, restore.effective_at) == (at(20), at(20.5))


def test_an_answer_from_elsewhere_is_not_yet_recovered():
    seen = windows(fell_back(21), sample(22), sample(23))
    assert read_restore(RESTORE, "primary", seen, 2).seconds == 0.9
    assert read_restore(RESTORE, "primary", seen, 2).last_bad_at == at(21.4)
    assert read_restore(RESTORE, "primary", seen, 3).seconds is None


def test_an_answer_in_flight_at_the_restore_counts_when_it_ends_after_it():
    in_flight = Window("transition", at(0), at(40), (fell_back(20.3), failed(19.9)))
    seen = {**windows(sample(21), sample(22)), "transition": in_flight}
    assert read_restore(RESTORE, "primary", seen, 2).last_bad_at == at(20.7)


def test_a_provider_that_served_nobody_before_is_not_waited_for():
    seen = windows(sample(21), sample(22))
    assert read_restore(RESTORE, "spare", seen, 2).seconds == 0.0


def test_without_samples_or_restore_nobody_knows():
    assert read_restore(RESTORE, "primary", windows(), 1).seconds is None
    assert read_restore(None, "primary", windows(sample(21)), 1).effective_at is None
