"""The last runs beside each other."""

import pytest

from gameday.domain.verdict import Held, Verdict
from gameday.reporting.side_by_side import compared_heads, compared_rows
from tests.gameday.reporting.rows import P95, make_check, make_figure, make_row


def row_of(name, rows):
    return {row[0]: row[1:] for row in compared_rows(rows)}[name]


def test_every_row_is_as_long_as_its_heads():
    rows = [make_row(0, 300, checks=[make_check()]), make_row(1), make_row(2, 200)]
    for count in (1, 2, 3):
        heads = compared_heads(rows[:count])
        assert {len(row) for row in compared_rows(rows[:count])} == {len(heads)}


@pytest.mark.parametrize(
    ("before", "last", "said"),
    [
        (400, 300, "−25 %, better"),
        (300, 400, "+33 %, worse"),
        (300, 300, "same"),
        (300, 301, "about the same"),
        (0, 3, "worse, from 0"),
    ],
)
def test_a_figure_says_how_it_differs_from_the_run_before(before, last, said):
    assert row_of(P95, [make_row(0, 9), make_row(1, before), make_row(2, last)])[-1] == said


def test_of_a_figure_that_should_be_high_less_is_worse():
    rows = [
        make_row(n, figures=(make_figure(value, name="quality", unit="share", worse="down"),))
        for n, value in enumerate((0.9, 0.45))
    ]
    assert row_of("faulted quality", rows) == ("0.90", "0.45", "−50 %, worse")


def test_a_figure_that_a_run_has_not_is_not_compared():
    assert row_of(P95, [make_row(0, 300), make_row(1)]) == ("300 ms", "–", "–")


def test_verdicts_and_checks_are_compared_as_words():
    rows = [
        make_row(0, checks=[make_check()]),
        make_row(1, checks=[make_check(Held.NO)], verdict=Verdict.FAILED),
    ]
    assert row_of("Verdict", rows) == ("passed", "failed", "changed")
    assert row_of("check slo x", rows) == ("yes", "no", "changed")


def test_of_two_checks_of_one_name_the_worse_is_told():
    checks = [make_check(Held.YES), make_check(Held.NO), make_check(Held.UNKNOWN)]
    assert row_of("check slo x", [make_row(0, checks=checks)]) == ("no",)
