"""What the screen shows is true at that moment, and inert."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.cli.screen import Screen, figures, shares, table
from gameday.domain.progress import Progress


def progress(**changes):
    given_ = {
        "window": "faulted", "at": datetime.now(UTC), "seconds": 12.4, "n": 240, "errors": 3,
        "latency_ms_p95": 388.4, "quality": 0.912, "served_by": {"secondary": 230, "primary": 7},
    }  # fmt: skip
    return Progress(**{**given_, **changes})


def test_figures_come_with_their_units():
    assert figures(progress()) == (
        "240 requests   p95 388 ms   errors 1.2 %   secondary 97 % primary 3 %   quality 0.91"
    )


def test_what_is_not_known_is_not_a_number():
    empty = progress(n=0, errors=0, latency_ms_p95=None, quality=None, served_by={})
    assert figures(empty) == "0 requests   p95 –   errors –   nobody served   quality –"


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 1000), min_size=1))
def test_shares_add_up(served_by):
    percents = [int(word) for word in shares(served_by).split() if word.isdigit()]
    assert sum(percents) == pytest.approx(100, abs=len(served_by))


def test_markup_in_a_sentence_is_shown_and_not_obeyed():
    out = io.StringIO()
    Screen(out).say("[red]danger[/red] [link=file:///etc]x[/link]")
    assert out.getvalue() == "[red]danger[/red] [link=file:///etc]x[/link]\n"


def test_a_table_lines_up():
    assert table([("a", "long"), ("longer", "b")]) == ["a       long", "longer  b"]
    assert table([]) == []
