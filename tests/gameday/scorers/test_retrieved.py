"""The scorer `retrieved`."""

import pytest

from gameday.domain.scorer import Answered
from gameday.scorers.retrieved import Retrieved


@pytest.mark.parametrize(
    ("wanted", "sources", "score"),
    [
        (("refunds.md",), ("plans.md", "refunds.md"), 1.0),
        (("refunds.md",), ("plans.md",), 0.0),
        (("refunds.md",), (), 0.0),
        (("refunds.md",), None, None),
        (("refunds.md", "plans.md"), ("plans.md",), 1.0),
        (("refunds-*",), ("refunds-2.md",), 1.0),
        (("refunds.md",), ("Refunds.md",), 0.0),
    ],
)
def test_score(wanted, sources, score):
    assert Retrieved(any=wanted).score(Answered("30 days.", sources=sources)) == score
