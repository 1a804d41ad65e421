"""The scorer `citation`."""

import pytest
from pydantic import ValidationError

from gameday.domain.scorer import Answered
from gameday.scorers.citation import Citation

GIVEN = ("refunds.md", "plans.md")


@pytest.mark.parametrize(
    ("settings", "text", "sources", "score"),
    [
        ({}, "30 days [refunds.md].", GIVEN, 1.0),
        ({}, "30 days [1], 19 euro [2].", GIVEN, 1.0),
        ({}, "30 days [3].", GIVEN, 0.0),
        ({}, "30 days [made-up.md].", GIVEN, 0.0),
        ({}, "30 days [refunds.md] [made-up.md].", GIVEN, 0.0),
        ({}, "30 days.", GIVEN, 0.0),
        ({}, "30 days [refunds.md].", (), 0.0),
        ({}, "30 days [refunds.md].", None, None),
        ({}, "30 days.", None, 0.0),
        ({"any": ("refunds.md",)}, "30 days [1].", GIVEN, 1.0),
        ({"any": ("refunds.md",)}, "30 days [2].", GIVEN, 0.0),
        ({"any": ("refunds.md",), "grounded": False}, "30 days [refunds.md].", None, 1.0),
        ({"any": ("refunds.md",), "grounded": False}, "30 days [plans.md].", None, 0.0),
        ({"any": ("refunds.md",), "grounded": False}, "30 days [1].", None, None),
        ({"any": ("refunds.md",), "grounded": False}, "[refunds.md] [other]", GIVEN, 1.0),
        ({"mark": r"\(source: ([^)]+)\)"}, "30 days (source: plans.md)", GIVEN, 1.0),
    ],
)
def test_score(settings, text, sources, score):
    assert Citation(**settings).score(Answered(text, sources=sources)) == score


def test_a_mark_without_a_group_is_refused():
    with pytest.raises(ValidationError, match="expected a group in mark"):
        Citation(mark=r"\[\d+\]")
