"""What was measured outside, against numpy; and that no data is never taken for zero."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.reading import Reading, events, measure
from gameday.domain.slo import PromQuery, Ratio, RawRatio, Slo, Threshold, Timeslices

QUERY = PromQuery(query="up", prometheus="http://127.0.0.1:9090")
RATIO = Slo(at_least=0.99, ratio=Ratio(good=QUERY, total=QUERY))
BAD_RATIO = Slo(at_least=0.99, ratio=Ratio(bad=QUERY, total=QUERY))
GAUGES = Slo(at_least=0.99, ratio=Ratio(good=QUERY, total=QUERY, counter=False))
FAILURES = Slo(at_least=0.9, raw_ratio=RawRatio(raw=QUERY, of="failure"))
BELOW_2 = Slo(at_least=0.9, threshold=Threshold(metric=QUERY, op="lte", value=2))
START_S = 1_000.0


def reading(part, values, **changes):
    """One figure a second from the window's start to its end."""
    points = tuple((START_S + second, float(value)) for second, value in enumerate(values))
    given_fields = {
        "slo": "x",
        "window": "faulted",
        "part": part,
        "source": "up",
        "place": "http://127.0.0.1:9090",
        "asked_at": datetime(2026, 1, 5, tzinfo=UTC),
        "start_s": START_S,
        "end_s": START_S + max(0, len(values) - 1),
        "points": points,
    }
    return Reading(**{**given_fields, **changes})


def measured(slo, **series):
    return measure(slo, {part: reading(part, values) for part, values in series.items()})


steps = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=60)


@given(steps)
@settings(deadline=None)
def test_a_ratio_of_counters_is_numpys_ratio_of_differences(pairs):
    good = np.cumsum([g for g, _ in pairs])
    total = good + np.cumsum([b for _, b in pairs])
    grown = total[-1] - total[0]
    found = measured(RATIO, good=good, total=total)
    if grown == 0:
        assert found.share is None
        assert "no event" in found.why_not
    else:
        assert found.share == pytest.approx((good[-1] - good[0]) / grown)
        assert found.count == grown
        bad = total - good
        assert measured(BAD_RATIO, bad=bad, total=total).share == pytest.approx(found.share)


@given(steps, st.integers(1, 58))
@settings(deadline=None)
def test_a_counter_that_starts_again_loses_nothing_but_the_restart(pairs, at):
    counts = np.cumsum([g + b for g, b in pairs]).astype(float)
    at = min(at, len(counts) - 1)
    # Restarted between two figures: from there it counts from zero.
    restarted = np.concatenate([counts[:at], counts[at:] - counts[at - 1]])
    found = measured(RATIO, good=restarted, total=restarted)
    grown = counts[-1] - counts[0]
    if restarted[at] < restarted[at - 1]:
        assert (found.count or 0) == pytest.approx(grown)


@given(st.lists(st.floats(0, 4), min_size=1, max_size=50))
@settings(deadline=None)
def test_a_threshold_is_numpys_share_of_figures(values):
    assert measured(BELOW_2, metric=values).share == pytest.approx(np.mean(np.array(values) <= 2))


@pytest.mark.parametrize(
    ("op", "share"), [("lte", 2 / 3), ("lt", 1 / 3), ("gte", 2 / 3), ("gt", 1 / 3)]
)
def test_each_comparison_on_both_sides_of_its_bound(op, share):
    slo = Slo(at_least=0.5, threshold=Threshold(metric=QUERY, op=op, value=2))
    assert measured(slo, metric=[1, 2, 3]).share == pytest.approx(share)


def test_a_raw_ratio_of_failures_is_turned_round():
    assert measured(FAILURES, raw=[0.1, 0.3]).share == pytest.approx(0.8)
    assert measured(FAILURES, raw=[40, 60]).why_not == "50 is no ratio"


def test_amounts_of_the_moment_are_summed():
    found = measured(GAUGES, good=[9, 0, 9], total=[10, 0, 10])
    assert found.share == pytest.approx(0.9)
    assert found.count is None


def test_slices_of_time_are_good_or_bad_as_a_whole():
    slo = RATIO.model_copy(update={"timeslices": Timeslices(length="10s", target=0.9)})
    total = np.arange(0, 310, 10)  # 10 a second, 30 s
    good = total.copy()
    good[15:] -= 5  # 5 of the second slice's 100: 95 %, which is enough
    assert measured(slo, good=good, total=total).share == 1
    good[16:] -= 6  # 11 of them: 89 %
    found = measured(slo, good=good, total=total)
    assert (found.share, found.count, found.what) == (pytest.approx(2 / 3), 3, "slices")
    long = RATIO.model_copy(update={"timeslices": Timeslices(length="31s", target=0.9)})
    assert "no slice of 31 s" in measured(long, good=good, total=total).why_not


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"points": ()}, "the answer is empty"),
        ({"problem": "3 of 30 figures are NaN or infinite"}, "NaN"),
        ({"problem": "http://127.0.0.1:9090 does not answer"}, "does not answer"),
        # Stale for the last 20 s, and missing in the middle.
        ({"end_s": START_S + 50}, "no figure for 20 s of the window"),
        ({"start_s": START_S - 9}, "no figure for 9 s of the window"),
    ],
)
def test_no_data_is_unknown_and_never_zero(changes, says):
    good = reading("good", range(31), **changes)
    found = measure(RATIO, {"good": good, "total": reading("total", range(31))})
    assert found.share is None
    assert found.why_not.startswith("no data of good: ")
    assert says in found.why_not


def test_a_figure_now_and_then_is_no_gap_but_a_hole_is():
    points = reading("metric", [1] * 31).points
    few = [p for p in points if (p[0] - START_S) % 3 == 0]
    assert measure(BELOW_2, {"metric": reading("metric", [1] * 31, points=tuple(few))}).share == 1
    hole = [p for p in points if not 10 < p[0] - START_S < 16]
    found = measure(BELOW_2, {"metric": reading("metric", [1] * 31, points=tuple(hole))})
    assert "no figure for 6 s" in found.why_not


def test_one_figure_for_the_whole_window_is_enough_where_the_query_says_so():
    once = {"points": ((START_S + 30, 98.0),), "at_end": True, "end_s": START_S + 30}
    total = {**once, "points": ((START_S + 30, 100.0),)}
    found = measure(
        RATIO, {"good": reading("good", [], **once), "total": reading("total", [], **total)}
    )
    assert (found.share, found.count) == (pytest.approx(0.98), None)


def test_what_nobody_read_is_unknown():
    assert measure(RATIO, {"good": reading("good", [1, 2])}).why_not == "nobody read total"


def test_parts_that_do_not_belong_together_are_unknown():
    assert "no share" in measured(RATIO, good=[0, 50], total=[0, 10]).why_not


def test_the_events_of_a_window_add_up_to_what_was_measured():
    good, total = np.arange(0, 31) * 9, np.arange(0, 31) * 10
    parts = {"good": reading("good", good), "total": reading("total", total)}
    found = events(RATIO, parts)
    assert len(found) == 30
    assert {(many, bad) for _, many, bad in found} == {(10, 1)}
    bad_parts = {"bad": reading("bad", total - good), "total": parts["total"]}
    assert events(BAD_RATIO, bad_parts) == found
    assert [bad for *_, bad in events(BELOW_2, {"metric": reading("metric", [1, 3])})] == [0, 1]
    assert [bad for *_, bad in events(FAILURES, {"raw": reading("raw", [0.25])})] == [0.25]


def test_what_tells_nothing_has_no_events():
    total = reading("total", range(31))
    assert events(RATIO, {"total": total}) == []
    assert events(RATIO, {"total": total, "good": reading("good", [], problem="no")}) == []
    sliced = RATIO.model_copy(update={"timeslices": Timeslices(length="10s", target=0.9)})
    assert events(sliced, {"total": total, "good": reading("good", range(31))}) == []
