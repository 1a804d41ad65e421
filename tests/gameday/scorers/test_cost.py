"""The scorer `cost`."""

import pytest

from gameday.domain.scorer import Answered
from gameday.scorers.cost import Cost


@pytest.mark.parametrize(("cost_usd", "score"), [(0.002, 1.0), (0.0021, 0.0), (None, None)])
def test_score(cost_usd, score):
    assert Cost(usd_max=0.002).score(Answered("a", cost_usd=cost_usd)) == score
