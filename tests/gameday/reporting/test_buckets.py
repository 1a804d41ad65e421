"""Every sample is in one bucket, and there are never too many of them."""

from hypothesis import given
from hypothesis import strategies as st

from gameday.reporting.buckets import BUCKETS_MAX, make_buckets
from tests.gameday.reporting.runs import START, by_primary, make_samples

SAMPLES = make_samples(by_primary, 40)


@given(st.floats(1, 1e6))
def test_every_sample_is_in_one_bucket(seconds):
    buckets = make_buckets(SAMPLES, {}, START, seconds)
    assert sum(bucket.requests for bucket in buckets) == len(SAMPLES)
    assert len(buckets) <= max(BUCKETS_MAX + 1, 41)
    width = buckets[0].width_s
    for place, bucket in enumerate(buckets):
        assert bucket.start_s == place * width


def test_a_run_without_samples_still_has_a_time_axis():
    buckets = make_buckets((), {}, START, 5)
    assert [bucket.requests for bucket in buckets] == [0] * 5
    assert buckets[0].latency_ms(0.95) is None
