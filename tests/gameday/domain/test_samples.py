"""Columns give the same answers as looking at each sample, whatever is asked."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.samples import Samples
from tests.gameday.domain.test_sample import NOW

attempts = st.lists(
    st.builds(Attempt, st.sampled_from("ab"), st.sampled_from(Outcome), st.floats(0, 100)),
    max_size=3,
)
milliseconds = st.integers(0, 50).map(lambda ms: timedelta(milliseconds=ms))


@st.composite
def many(draw):
    """Up to 30 samples; few values, so that much is equal."""
    count = draw(st.integers(0, 30))
    return [
        Sample(
            seq=seq,
            case=draw(st.sampled_from("xyz")),
            intended_at=(due := NOW + draw(milliseconds)),
            finished_at=due + draw(milliseconds),
            send_lag_ms=0,
            latency_ms=draw(st.integers(0, 5)),
            ttft_ms=draw(st.none() | st.integers(0, 5)),
            outcome=draw(st.sampled_from([Outcome.OK, Outcome.OK, Outcome.CUT, Outcome.LEFT])),
            served_by=draw(st.sampled_from(["a", "b", None])),
            attempts=tuple(draw(attempts)),
            quality=draw(st.none() | st.floats(0, 1)),
            request_id=f"r-{seq}",
        )
        for seq in range(count)
    ]


def in_order(samples):
    return sorted(samples, key=lambda sample: (sample.intended_at, sample.seq))


@given(many(), st.data())
def test_they_are_a_sequence_by_time(made, data):
    samples, ordered = Samples.of(made), in_order(made)
    assert list(samples) == ordered
    assert samples == ordered
    assert len(samples) == len(made)
    assert [samples[place] for place in range(len(made))] == ordered
    start, stop = data.draw(st.integers(0, 30)), data.draw(st.integers(0, 30))
    assert samples[start:stop] == ordered[start:stop]
    assert (samples == [*ordered, *ordered]) is (not made)
    assert bool(samples) is bool(made)


@given(many(), milliseconds)
def test_conditions_choose_what_a_loop_would(made, ms):
    samples, at = Samples.of(made), NOW + ms
    assert samples.good == in_order(s for s in made if s.good)
    assert samples.stayed == in_order(s for s in made if not s.left)
    by_a = samples.where("served_by", lambda name: name == "a")
    assert by_a == in_order(s for s in made if s.served_by == "a")
    tried = samples.where("attempts", lambda way: any(name == "a" for name, _ in way))
    assert tried == in_order(s for s in made if s.tried("a"))
    assert samples.before("intended_at", at) == in_order(s for s in made if s.intended_at < at)
    assert samples.since("finished_at", at) == in_order(s for s in made if s.finished_at >= at)
    assert samples.after("finished_at", at) == in_order(s for s in made if s.finished_at > at)
    slow = samples.where_number("ttft_ms", (2.0).__lt__)
    assert slow == in_order(s for s in made if s.ttft_ms is not None and s.ttft_ms > 2)
    long = samples.where_elapsed("a", lambda elapsed_ms: elapsed_ms > 50)
    assert long == in_order(
        s for s in made if any(a.provider == "a" and a.elapsed_ms > 50 for a in s.attempts)
    )


@given(many())
def test_chosen_ones_are_sets(made):
    samples = Samples.of(made)
    good, by_a = samples.good, samples.where("served_by", lambda name: name == "a")
    assert good & by_a == in_order(s for s in made if s.good and s.served_by == "a")
    assert good | by_a == in_order(s for s in made if s.good or s.served_by == "a")
    assert good - by_a == in_order(s for s in made if s.good and s.served_by != "a")
    assert (good - by_a).where("case", lambda case: case == "x") == in_order(
        s for s in made if s.good and s.served_by != "a" and s.case == "x"
    )


def test_rows_of_different_columns_are_only_ever_put_together():
    one, other = Samples.of([]), Samples.of([])
    with pytest.raises(AssertionError, match="nothing in common"):
        _ = one & other
    assert (one | other) == []


@given(many())
def test_figures_are_those_of_a_loop(made):
    samples, good = Samples.of(made), [s for s in made if s.good]
    assert list(samples.good.numbers("latency_ms")) == [s.latency_ms for s in good]
    assert list(samples.numbers("ttft_ms")) == [s.ttft_ms for s in made if s.ttft_ms is not None]
    assert samples.good.texts("request_id") == [s.request_id for s in good]
    assert samples.good.tally("served_by") == Counter(s.served_by for s in good)
    assert samples.tally("attempts") == Counter(s.way for s in made)
    assert samples.elapsed_ms("b") == [
        a.elapsed_ms for s in made for a in s.attempts if a.provider == "b"
    ]
    by_case = samples.by_value("case", "quality")
    assert {case: list(values) for case, values in by_case.items()} == {
        case: [s.quality or 0.0 for s in made if s.case == case] for case in {s.case for s in made}
    }


@given(many())
def test_the_most_frequent_comes_first(made):
    counts = list(Samples.of(made).tally("case").values())
    assert counts == sorted(counts, reverse=True)


@given(many())
def test_first_and_last_and_what_follows(made):
    samples = Samples.of(made)
    ended = sorted(made, key=lambda sample: sample.finished_at)  # equal ones as they are stored
    assert samples.sorted_by("finished_at") == ended
    first, last = samples.first_by("finished_at"), samples.last_by("finished_at")
    assert first == (ended[0] if ended else None)
    assert (last and last.finished_at) == (ended[-1].finished_at if ended else None)
    bad = [place for place, sample in enumerate(ended) if not sample.good]
    following = ended[bad[-1] + 1 :] if bad else ended
    assert samples.following(samples - samples.good) == in_order(following)


@given(many(), st.sampled_from([0.001, 0.007, 1.0]))
def test_stretches_of_time_hold_each_once(made, width_s):
    found = Samples.of(made).stretches("intended_at", NOW, width_s)
    assert in_order(s for some in found.values() for s in some) == in_order(made)
    for place, some in found.items():
        for sample in some:
            since_s = round((sample.intended_at - NOW).total_seconds(), 6)
            assert place == int(since_s * 1e6 // (width_s * 1e6))


@given(many())
def test_the_first_of_each_kind(made):
    found = Samples.of(made).kinds("case", "outcome")
    expected = {}
    for sample in made:
        expected.setdefault((sample.case, sample.outcome), sample)
    assert found == expected


@given(many())
def test_pairs_are_sorted(made):
    pairs = Samples.of(made).pairs("latency_ms", "send_lag_ms")
    assert pairs == sorted((s.latency_ms, s.send_lag_ms) for s in made)


def test_more_values_than_a_byte_has_are_told_apart():
    made = [
        Sample(
            seq=seq,
            case=f"case-{seq % 300}",
            intended_at=NOW,
            finished_at=NOW,
            send_lag_ms=0,
            latency_ms=1,
            outcome=Outcome.OK,
        )
        for seq in range(900)
    ]
    samples = Samples.of(made)
    assert samples.tally("case") == Counter(s.case for s in made)
    assert len(samples.where("case", lambda case: case == "case-299")) == 3


@given(many())
def test_seconds_are_counted(made):
    counts = Samples.of(made).per_second("finished_at", NOW - timedelta(seconds=1))
    since_s = [(s.finished_at - NOW).total_seconds() + 1 for s in made]
    assert counts == Counter(int(at_s) for at_s in since_s)


@given(many())
def test_combinations_are_counted(made):
    expected = Counter((sample.case, sample.served_by) for sample in made)
    assert Samples.of(made).tallies("case", "served_by") == expected


@given(many())
def test_texts_by_value_leave_empty_ones_out(made):
    texts = [
        sample.changed(sketch="" if sample.seq % 3 else f"{sample.seq:08x}") for sample in made
    ]
    found = Samples.of(texts).good.texts_by_value("case", "sketch")
    for case in "xyz":
        own = [s.sketch for s in texts if s.case == case and s.good and s.sketch]
        assert sorted(found.get(case, [])) == sorted(own)
    assert all(found.values())
