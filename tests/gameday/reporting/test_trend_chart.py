"""The course of a figure: where its runs stand, and what is said in words."""

from datetime import timedelta

import pytest

from gameday.domain.verdict import Verdict
from gameday.reporting.trend_chart import HEIGHT, WIDTH, make_trend_chart
from tests.gameday.reporting.rows import P95, make_figure, make_row


def test_one_run_has_no_course():
    assert make_trend_chart(P95, [make_row(0, 300)]) is None
    assert make_trend_chart(P95, [make_row(0, 300), make_row(1)]) is None
    assert make_trend_chart("faulted quality", [make_row(0, 300), make_row(1, 300)]) is None


def test_runs_stand_where_their_time_puts_them():
    chart = make_trend_chart(P95, [make_row(0, 300), make_row(1, 400), make_row(10, 500)])
    first, second, third = (dot.x for dot in chart.dots)
    assert (second - first) * 9 == pytest.approx(third - second, abs=1)
    assert [dot.y for dot in chart.dots] == sorted((dot.y for dot in chart.dots), reverse=True)
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in chart.dots)


def test_runs_of_one_moment_are_drawn():
    chart = make_trend_chart(P95, [make_row(0, 300), make_row(0, 400)])
    assert len({dot.x for dot in chart.dots}) == 1


def test_runs_of_one_day_are_told_apart_by_the_time():
    rows = [make_row(0, 300), make_row(0, 400)]
    later = rows[1].model_copy(update={"started_at": rows[1].started_at + timedelta(hours=2)})
    chart = make_trend_chart(P95, [rows[0], later])
    assert (chart.first, chart.last) == ("10:00", "12:00")
    over_days = make_trend_chart(P95, [make_row(0, 300), make_row(1, 400)])
    assert (over_days.first, over_days.last) == ("21 Nov 2026", "28 Nov 2026")


@pytest.mark.parametrize("value", [0.0, 1e-9, 1e9])
def test_any_size_has_ticks(value):
    chart = make_trend_chart(P95, [make_row(n, figures=(make_figure(value, objective=None),))
                                   for n in range(2)])  # fmt: skip
    assert len(chart.ticks) >= 2
    assert chart.objective is None


def test_the_objective_is_on_the_scale_though_every_figure_is_below():
    chart = make_trend_chart(P95, [make_row(0, 10), make_row(1, 20)])
    assert chart.objective.at < min(dot.y for dot in chart.dots)
    assert chart.objective.at >= 0


def test_it_says_the_same_in_words():
    rows = [make_row(0, 300), make_row(1, 900, verdict=Verdict.FAILED), make_row(2, 250)]
    chart = make_trend_chart(P95, rows)
    assert chart.description == (
        "3 runs. 300 ms on 21 Nov 2026, 250 ms on 5 Dec 2026; between 250 ms and 900 ms. "
        "The objective is 1,000 ms."
    )
    assert chart.dots[1].words == "28 Nov 2026, run R1: 900 ms, failed"
    assert [dot.verdict for dot in chart.dots] == ["passed", "failed", "passed"]
