from datetime import UTC, datetime, timedelta

from gameday.domain.drill import AbortCondition
from gameday.domain.sample import Outcome, Sample
from gameday.probes.live import LiveWindow

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def sample(seq, *, good=True, at_s=0.0, served_by="primary"):
    moment = START + timedelta(seconds=at_s)
    return Sample(
        seq=seq,
        case="c",
        intended_at=moment,
        finished_at=moment,
        send_lag_ms=0,
        latency_ms=100,
        outcome=Outcome.OK if good else Outcome.TIMEOUT,
        served_by=served_by if good else None,
        quality=1.0 if good else None,
    )


def guard(above=0.5, for_="3s"):
    return AbortCondition.model_validate({"metric": "error_rate", "above": above, "for": for_})


def second_of(second, *, bad):
    return [sample(10 * second + i, good=i >= bad, at_s=second + i / 10) for i in range(10)]


def looks(live, bad_by_second, guards):
    """What each look, one a second, says."""
    said = []
    for second, bad in enumerate(bad_by_second):
        live.take(second_of(second, bad=bad))
        said.append(live.tripped(guards, START + timedelta(seconds=second + 0.95)))
    return said


def test_a_guard_trips_after_its_time_and_says_the_numbers():
    said = looks(LiveWindow("faulted", START, home=None), [8] * 5, [guard()])
    assert said[:3] == ["", "", ""]
    assert said[3] == "error_rate was 0.8, over 0.5, for 3 s"


def test_one_good_second_starts_a_guards_time_anew():
    assert not any(looks(LiveWindow("faulted", START, home=None), [8, 8, 0, 8, 8, 8], [guard()]))


def test_a_value_on_the_bound_does_not_trip():
    assert not any(looks(LiveWindow("faulted", START, home=None), [5] * 8, [guard()]))


def test_too_few_answers_neither_trip_nor_calm_a_guard():
    live = LiveWindow("faulted", START, home=None)
    assert not any(looks(live, [8, 8], [guard()]))
    assert live.tripped([guard()], START + timedelta(seconds=3.5)) == ""
    live.take(second_of(5, bad=9))
    assert live.tripped([guard()], START + timedelta(seconds=5.95)) != ""


def test_good_in_a_row_counts_only_the_home_provider():
    live = LiveWindow("recovered", START, home="primary")
    live.take([sample(0), sample(1), sample(2, served_by="secondary"), sample(3)])
    assert live.good_in_a_row == 1
    live.take([sample(4), sample(5, good=False)])
    assert live.good_in_a_row == 0


def test_samples_before_the_floor_belong_to_another_window():
    live = LiveWindow("faulted", START, home=None)
    live.take([sample(0, at_s=-0.1), sample(1, at_s=0.0)])
    assert len(live) == 1
    progress = live.progress(START + timedelta(seconds=2))
    assert (progress.n, progress.errors, progress.served_by) == (1, 0, {"primary": 1})


def test_a_client_that_left_is_neither_good_nor_an_error():
    live = LiveWindow("faulted", START, home=None)
    left = [
        sample(seq, at_s=0.1).model_copy(update={"outcome": Outcome.LEFT}) for seq in range(10, 20)
    ]
    live.take([sample(0), *left, sample(1)])
    progress = live.progress(START + timedelta(seconds=1))
    assert (progress.n, progress.errors) == (2, 0)
    assert len(live) == 12
    assert live.good_in_a_row == 2
    assert live.tripped([guard(above=0.0, for_="1ms")], START + timedelta(seconds=1)) == ""
