"""The scorer `contains`."""

import pytest
from pydantic import ValidationError

from gameday.scorers.contains import Contains


@pytest.mark.parametrize(
    ("settings", "answer", "score"),
    [
        ({"any": ("30 days", "a month")}, "Within 30 DAYS of it.", 1.0),
        ({"any": ("30 days", "a month")}, "Within a week.", 0.0),
        ({"all": ("refund", "card")}, "Refunds go to the card.", 1.0),
        ({"all": ("refund", "card")}, "Refunds go nowhere.", 0.0),
        ({"all": ("refund",), "any": ("card", "cash")}, "A refund in cash", 1.0),
        ({"all": ("refund",), "any": ("card", "cash")}, "A refund in kind", 0.0),
        ({"all": ("refund",), "any": ("card", "cash")}, "Cash", 0.0),
        ({"any": ("STRASSE",)}, "Die Straße", 1.0),
        ({"any": ("x",)}, "", 0.0),
        ({"none": ("sorry",)}, "It is free.", 1.0),
        ({"none": ("sorry",)}, "Sorry!", 0.0),
        ({"all": ("free",), "none": ("sorry",)}, "Sorry, it is free.", 0.0),
        ({"any": ("Free",), "case": "exact"}, "It is free.", 0.0),
        ({"any": ("Free",), "case": "exact"}, "Free it is.", 1.0),
        ({"any": ("FREE",), "case": "lower"}, "It is free.", 1.0),
        ({"any": ("STRASSE",), "case": "lower"}, "Die Straße", 0.0),
    ],
)
def test_score(settings, answer, score):
    assert Contains(**settings).score_text(answer) == score


@pytest.mark.parametrize("settings", [{}, {"any": ()}, {"any": ("",)}, {"all": ("a", "")}])
def test_a_scorer_that_everything_satisfies_is_refused(settings):
    with pytest.raises(ValidationError):
        Contains(**settings)
