"""The scorer `numeric`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.scorers.numeric import Numeric


@pytest.mark.parametrize(
    ("settings", "answer", "score"),
    [
        ({"value": 42}, "It is 42.", 1.0),
        ({"value": 42}, "It is 42.0, roughly", 1.0),
        ({"value": 42}, "It is 420.", 0.0),
        ({"value": 42}, "v42 and x42", 0.0),
        ({"value": 42}, "", 0.0),
        ({"value": 1234.5}, "$1,234.50 in all", 1.0),
        ({"value": 1234.5, "decimal": ","}, "1.234,50 Euro", 1.0),
        ({"value": -3}, "it was \u22123 degrees", 1.0),
        ({"value": 3}, "2-3 days", 1.0),
        ({"value": -3}, "2-3 days", 0.0),
        ({"value": 42, "tolerance": 0.5}, "42.5", 1.0),
        ({"value": 42, "tolerance": 0.5}, "42.51", 0.0),
        ({"value": 0.2, "tolerance": 0.1}, "0.3", 1.0),
        ({"value": 200, "relative": 0.01}, "198", 1.0),
        ({"value": 200, "relative": 0.01}, "197.9", 0.0),
        ({"value": 42, "which": "first"}, "42 or 43", 1.0),
        ({"value": 43, "which": "first"}, "42 or 43", 0.0),
        ({"value": 43, "which": "last"}, "42 or 43", 1.0),
        ({"value": 42, "which": "only"}, "42 or 43", 0.0),
        ({"value": 42, "which": "only"}, "42 of course", 1.0),
        ({"value": 42}, "9" * 5000, 0.0),
    ],
)
def test_score(settings, answer, score):
    assert Numeric(**settings).score_text(answer) == score


@given(st.decimals(min_value=-1_000_000, max_value=1_000_000, places=3, allow_nan=False))
def test_a_number_is_found_as_python_writes_it(number):
    for written in (f"{number:.3f}", f"{number:,.3f}"):
        assert Numeric(value=float(number)).score_text(f"So it is {written}.") == 1.0


def test_two_tolerances_are_one_too_many():
    with pytest.raises(ValidationError, match="tolerance or relative, not both"):
        Numeric(value=1, tolerance=1, relative=0.1)
