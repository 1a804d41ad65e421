"""The scorer `finish_reason`."""

import pytest

from gameday.domain.scorer import Answered
from gameday.scorers.finish_reason import FinishReason


@pytest.mark.parametrize(
    ("reason", "score"), [("stop", 1.0), ("STOP", 1.0), ("length", 0.0), (None, None)]
)
def test_score(reason, score):
    assert FinishReason(any=("stop", "end_turn")).score(Answered("a", reason)) == score
