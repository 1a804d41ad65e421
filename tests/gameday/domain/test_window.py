"""How samples are sorted into windows, and what a window adds up to."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.window import Span, Window, cut_windows, served_most

START = datetime(2026, 1, 5, tzinfo=UTC)
INJECT = (10.0, 11.0)
RESTORE = (20.0, 21.0)
END = 30.0


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def sample(begin_s: float, end_s: float, **fields) -> Sample:
    return Sample(
        **{
            "seq": 0,
            "case": "a",
            "intended_at": at(begin_s),
            "finished_at": at(end_s),
            "send_lag_ms": 0.0,
            "latency_ms": 1000 * (end_s - begin_s),
            "outcome": Outcome.OK,
            **fields,
        }
    )


def cut(samples, *spans):
    return cut_windows(
        samples,
        started_at=START,
        ended_at=at(END),
        spans=[Span(at(a), at(b)) for a, b in spans],
    )


def where(begin_s, end_s, *spans):
    windows = cut([sample(begin_s, end_s)], *spans)
    return [name for name, window in windows.items() if len(window)]


@pytest.mark.parametrize(
    ("begin_s", "end_s", "name"),
    [
        (0.0, 1.0, "baseline"),
        (9.0, 9.999, "baseline"),
        (9.0, 10.0, "transition"),
        (9.9, 15.0, "transition"),
        (10.5, 10.6, "transition"),
        (11.0, 11.5, "transition"),
        (11.001, 12.0, "faulted"),
        (19.0, 19.99, "faulted"),
        (19.0, 20.5, "transition"),
        (5.0, 25.0, "transition"),
        (21.0, 22.0, "transition"),
        (21.001, 22.0, "recovered"),
        (29.9, 40.0, "recovered"),
    ],
)
def test_each_sample_has_its_window(begin_s, end_s, name):
    assert where(begin_s, end_s, INJECT, RESTORE) == [name]


def test_without_a_fault_there_is_only_a_baseline():
    windows = cut([sample(1, 2), sample(15, 16)])
    assert {name: len(window) for name, window in windows.items()} == {
        "baseline": 2,
        "transition": 0,
        "left": 0,
    }


@pytest.mark.parametrize("began_s", [1.0, 9.9, 12.0, 25.0])
def test_who_was_told_to_hang_up_is_in_no_other_window(began_s):
    gone = sample(began_s, began_s + 0.5, outcome=Outcome.LEFT)
    assert gone.left
    windows = cut([gone, sample(began_s, began_s + 0.5, seq=1)], INJECT, RESTORE)
    assert windows["left"].samples == (gone,)
    assert sum(len(window) for window in windows.values()) == 2


def test_without_a_restore_the_faulted_window_lasts():
    windows = cut([sample(1, 2), sample(25, 26)], INJECT)
    assert "recovered" not in windows
    assert len(windows["faulted"]) == 1


@given(
    st.lists(st.tuples(st.floats(0, END), st.floats(0, 15)), max_size=40),
    st.lists(st.floats(0.1, END - 0.1), min_size=4, max_size=4, unique=True).map(sorted),
    st.integers(0, 2),
)
def test_every_sample_is_in_exactly_one_window(rows, edges, held):
    spans = [(edges[0], edges[1]), (edges[2], edges[3])][:held]
    samples = [sample(a, a + took, seq=seq) for seq, (a, took) in enumerate(rows)]
    windows = cut(samples, *spans)
    assert sorted(s.seq for w in windows.values() for s in w.samples) == list(range(len(rows)))
    for window in windows.values():
        begins = [s.intended_at for s in window.samples]
        assert begins == sorted(begins)
        if window.name == "transition":
            continue
        for one in window.samples:
            for a, b in spans:
                assert one.finished_at < at(a) or one.intended_at > at(b)


def test_figures_of_a_window():
    ok = {"served_by": "primary", "quality": 1.0, "cost_usd": 0.002, "ttft_ms": 100.0}
    ok["passed"] = True
    failed = {"outcome": Outcome.TIMEOUT, "cost_usd": 0.001}
    tried = Attempt(provider="primary", outcome=Outcome.REFUSED, elapsed_ms=1)
    window = Window(
        "faulted",
        at(0),
        at(4),
        (
            sample(0, 1, **ok),
            sample(
                1, 3, **ok | {"served_by": None, "quality": 0.5, "passed": False, "ttft_ms": None}
            ),
            sample(2, 9, **failed, attempts=(tried,)),
            sample(3, 3.5, **ok),
        ),
    )
    assert (len(window), window.errors, window.error_rate, window.seconds) == (4, 1, 0.25, 4.0)
    assert list(window.latencies_ms()) == [500, 1000, 2000]
    assert window.latency_ms(0.5) == 1000
    assert window.ttft_ms(0.99) == 100
    assert window.served_by == {"primary": 2, "?": 1}
    assert window.quality == pytest.approx(2.5 / 4)
    assert window.unscored == 0
    assert window.cost_per_success_usd == pytest.approx(0.007 / 2), "for what passed the suite"
    assert window.samples.elapsed_ms("primary") == [1]
    assert window.samples[2].tried("primary")
    assert not window.samples[0].tried("primary")


def test_an_empty_window_has_no_figures():
    window = Window("faulted", at(0), at(1), ())
    assert not window
    assert window.error_rate is window.quality is window.cost_per_success_usd is None
    assert window.latency_ms(0.5) is None


def test_nothing_good_has_no_cost_of_its_own():
    window = Window("faulted", at(0), at(1), (sample(0, 1, outcome=Outcome.RESET, cost_usd=1.0),))
    assert window.cost_per_success_usd is None
    assert window.quality == 0.0


def test_an_answer_that_was_not_scored_counts_neither_way():
    scored = {"quality": 0.5}
    window = Window("faulted", at(0), at(3), (sample(0, 1, **scored), sample(1, 2), sample(2, 3)))
    assert (window.unscored, window.quality) == (2, 0.5)
    lost = sample(3, 4, outcome=Outcome.RESET)
    with_loss = Window("faulted", at(0), at(4), (sample(0, 1, **scored), sample(1, 2), lost))
    assert with_loss.quality == 0.25, "who got no answer got nothing"
    assert Window("faulted", at(0), at(2), (sample(0, 1), sample(1, 2))).quality is None


def test_only_the_last_answer_of_a_conversation_is_rated():
    """One that ended in its first turn got no answer; that counts as 0, as for any request."""
    talked = [
        sample(0, 1, turn=0, turns_left=1),
        sample(1, 2, turn=1, quality=0.8),
        sample(2, 3, turn=0, turns_left=1, outcome=Outcome.TIMEOUT),
    ]
    window = Window("faulted", at(0), at(10), talked)
    assert len(window.samples.rated) == 2
    assert window.quality == pytest.approx(0.4)


answers = st.tuples(st.floats(0, 1e4), st.booleans(), st.floats(0, 1))


@given(st.lists(answers, min_size=1))
def test_figures_of_a_window_are_numpys(rows):
    """An independent oracle, over columns."""
    samples = [
        sample(
            0,
            1,
            seq=seq,
            latency_ms=latency_ms,
            outcome=Outcome.OK if good else Outcome.RESET,
            quality=quality if good else None,
            passed=good or None,
            cost_usd=latency_ms / 1e6,
        )
        for seq, (latency_ms, good, quality) in enumerate(rows)
    ]
    window = Window("faulted", at(0), at(1), samples)
    good_ms = [latency_ms for latency_ms, good, _ in rows if good]
    assert window.quality == pytest.approx(np.mean([good * quality for _, good, quality in rows]))
    for quantile in (0.05, 0.5, 0.95, 0.99):
        rank = max(1, math.ceil(quantile * len(good_ms) - 1e-9))
        oracle = np.sort(good_ms)[rank - 1] if good_ms else None
        assert window.latency_ms(quantile) == oracle
    if good_ms:
        spent = np.sum([latency_ms / 1e6 for latency_ms, *_ in rows])
        assert window.cost_per_success_usd == pytest.approx(spent / len(good_ms))


@pytest.mark.parametrize(
    ("begin_s", "end_s", "name"),
    [
        (12.0, 13.0, "faulted"),
        (14.5, 15.5, "transition"),
        (16.1, 17.0, "responded"),
        (19.5, 20.5, "transition"),
        (22.0, 23.0, "recovered"),
    ],
)
def test_a_response_parts_the_time_of_the_fault(begin_s, end_s, name):
    windows = cut_windows(
        [sample(begin_s, end_s)],
        started_at=START,
        ended_at=at(END),
        spans=[Span(at(a), at(b)) for a, b in (INJECT, (15.0, 16.0), RESTORE)],
        names=("baseline", "faulted", "responded", "recovered"),
    )
    assert [one for one, window in windows.items() if len(window)] == [name]
    assert (windows["responded"].started_at, windows["responded"].ended_at) == (at(16), at(20))


@pytest.mark.parametrize(
    ("served_by", "most"),
    [
        ({"primary": 3, "secondary": 4}, "secondary"),
        ({"?": 9, "primary": 1}, "primary"),
        ({"?": 9}, None),
        ({}, None),
    ],
)
def test_who_served_most_is_among_those_who_are_named(served_by, most):
    assert served_most(served_by) == most
