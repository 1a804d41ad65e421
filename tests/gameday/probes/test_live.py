import random
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.sample import Outcome, Sample
from gameday.domain.window import Window
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
    left = [sample(seq, at_s=0.1).changed(outcome=Outcome.LEFT) for seq in range(10, 20)]
    live.take([sample(0), *left, sample(1)])
    progress = live.progress(START + timedelta(seconds=1))
    assert (progress.n, progress.errors) == (2, 0)
    assert len(live) == 12
    assert live.good_in_a_row == 2


def test_the_figures_so_far_are_those_of_the_whole_window():
    rng = random.Random(7)
    live = LiveWindow("faulted", START, home=None)
    taken = []
    for look in range(20):
        fresh = [
            sample(50 * look + i, good=rng.random() > 0.1).changed(latency_ms=rng.uniform(50, 900))
            for i in range(50)
        ]
        live.take(fresh)
        taken += fresh
        window = Window("faulted", START, START, tuple(taken))
        progress = live.progress(START + timedelta(seconds=look))
        assert progress.latency_ms_p95 == window.latency_ms(0.95)
        assert progress.quality == pytest.approx(window.quality)
        assert (progress.errors, progress.served_by) == (window.errors, window.served_by)


def test_the_control_group_is_in_no_figure_of_the_window():
    live = LiveWindow("faulted", START, home=None)
    live.take([sample(0), *(sample(n, good=False).changed(group="control") for n in range(1, 9))])
    progress = live.progress(START + timedelta(seconds=1))
    assert (len(live), progress.n, progress.errors, live.good_in_a_row) == (1, 1, 0, 1)


def test_during_a_response_an_answer_of_another_version_is_not_good_yet():
    live = LiveWindow("responded", START, home=None, seen_as="heron-1")
    live.take([sample(n).changed(model="heron-1") for n in range(3)])
    assert live.good_in_a_row == 3
    live.take([sample(3).changed(model="heron")])
    assert live.good_in_a_row == 0
    live.take([sample(4).changed(model="assistant", version="heron-1")])
    live.take([sample(5).changed(model=None, version=None)])  # it names none: the gate will tell
    assert live.good_in_a_row == 2
