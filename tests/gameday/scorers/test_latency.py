"""The scorer `latency`."""

import pytest

from gameday.domain.scorer import Answered
from gameday.scorers.latency import Latency


@pytest.mark.parametrize(("latency_ms", "score"), [(500.0, 1.0), (500.1, 0.0), (None, None)])
def test_score(latency_ms, score):
    assert Latency(ms_max=500).score(Answered("a", latency_ms=latency_ms)) == score
