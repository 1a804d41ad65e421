"""The picture shows every extreme, breaks where nobody answered, and stays inside its frame."""

import random
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from gameday.domain.samples import Samples
from gameday.reporting.chart import make_chart
from gameday.reporting.drawn import Drawn
from gameday.reporting.judging import judge_run
from tests.gameday.reporting.runs import (
    EVERY_RUN,
    by_primary,
    failing_run,
    impatient_run,
    make_samples,
    passing_run,
)
from tests.gameday.reporting.stand_ins import MAKERS


def drawn(run):
    samples = Samples.of(run.samples)
    return Drawn(run.record, judge_run(run.record, samples, run.logs, MAKERS), samples)


def series(chart):
    return {each.name: each for panel in chart.panels for each in panel.series}


@pytest.mark.parametrize("width", [976, 340])
@pytest.mark.parametrize("name", EVERY_RUN)
def test_everything_is_inside_the_frame(name, width):
    chart = make_chart(drawn(EVERY_RUN[name]()), width)
    xs = [tick.at for tick in chart.times]
    xs += [x for mark in chart.marks for x in (mark.x, mark.label_x)]
    for panel in chart.panels:
        for each in panel.series:
            for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", each.path):
                xs.append(float(x))
                assert panel.top <= float(y) <= panel.bottom
    assert all(chart.left <= x <= chart.right for x in xs)
    assert chart.panels[-1].bottom < chart.height


def test_the_bands_meet_where_the_world_was_changed():
    chart = make_chart(drawn(passing_run()), 976)
    assert [phase.name for phase in chart.phases] == ["baseline", "faulted", "recovered"]
    faulted = chart.phases[1]
    assert chart.fault is not None
    assert chart.fault.x == faulted.x
    assert chart.fault.label == "connections refused"
    assert chart.felt is not None
    assert chart.felt.x >= chart.fault.x
    assert [mark.number for mark in chart.marks] == [1, 2, 3, 4]
    spots = [mark.label_x for mark in chart.marks]
    assert all(later - earlier >= 20 for earlier, later in pairwise(spots))


def test_a_line_breaks_where_nobody_answered():
    whole = series(make_chart(drawn(passing_run()), 976))["p95"].path
    broken = series(make_chart(drawn(failing_run()), 976))["p95"].path
    assert whole.count("M") == 1
    assert broken.count("M") == 2


def test_a_silent_change_is_seen_in_the_quality_and_in_words():
    def worse_later(draw: random.Random, due_s: float):
        return {**by_primary(draw, due_s), "quality": 1.0 if due_s < 30 else 0.4}

    chart = make_chart(drawn(replace(passing_run(), samples=make_samples(worse_later, 62))), 976)
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", series(chart)["quality"].path)]
    panel = next(panel for panel in chart.panels if panel.series[0].name == "quality")
    assert heights[:30] == [panel.top] * 30
    assert all(y == pytest.approx(panel.bottom - 0.4 * panel.height) for y in heights[30:])
    assert "quality 0.40" in chart.description


def test_where_nothing_was_scored_no_quality_is_drawn():
    def unscored(draw: random.Random, due_s: float):
        return {**by_primary(draw, due_s), "quality": None}

    chart = make_chart(drawn(replace(passing_run(), samples=make_samples(unscored, 62))), 976)
    assert "quality" not in series(chart)


def test_one_slow_answer_among_thousands_is_seen():
    samples = list(make_samples(by_primary, 62))
    slow = samples[500].changed(latency_ms=9_000.0)
    run = replace(passing_run(), samples=(*samples[:500], slow, *samples[501:]))
    chart = make_chart(drawn(run), 976)
    latency = chart.panels[0]
    assert "log scale" in latency.title
    tops = [float(y) for y in re.findall(r"V([\d.]+)h", series(chart)["range"].path)]
    ninth_second = min(tops)
    assert ninth_second - latency.top < latency.height * 0.2  # near the top of 10 to 10,000 ms


def test_answers_and_losses_stack_to_all_requests():
    chart = make_chart(drawn(failing_run()), 976)
    names = [each.label for each in chart.panels[-1].series]
    assert names == ["primary", "no answer"]
    top_of = {tick.label: tick.at for tick in chart.panels[-1].ticks}
    lost = series(chart)["failed"].path
    assert f"V{top_of['20']:g}" in lost


def test_who_served_is_told_apart_and_the_unnamed_are_shown():
    def nameless(draw: random.Random, due_s: float):
        return {**by_primary(draw, due_s), "served_by": None}

    run = replace(passing_run(), samples=make_samples(nameless, 62))
    assert [s.label for s in make_chart(drawn(run), 976).panels[-1].series] == ["unknown"]


def test_the_words_for_those_who_cannot_see_it_hold_the_numbers():
    words = make_chart(drawn(passing_run()), 976).description
    assert "faulted: 594 requests" in words
    assert "answered by secondary 594" in words
    empty = make_chart(drawn(EVERY_RUN["without_samples"]()), 976).description
    assert empty == "No request was recorded."


def test_clients_who_were_told_to_hang_up_are_not_drawn_as_failed():
    picture = drawn(impatient_run())
    assert len(picture.samples) - len(picture.samples.stayed) == 111
    assert sum(bucket.failed for bucket in picture.buckets) == sum(
        bucket.failed for bucket in drawn(passing_run()).buckets
    )
    assert {bucket.phase for bucket in picture.buckets} <= {
        "baseline",
        "faulted",
        "recovered",
        "transition",
    }
    assert "left:" not in make_chart(picture, 976).description
