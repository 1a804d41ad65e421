"""The short form of the benchmark, and that its courses are what their names say."""

import json
import math
import random
import subprocess
import sys
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest

from bench.creep import report
from bench.creep.__main__ import GOALS
from bench.creep.courses import CALM, DRIFTING, QUARTERLY, Course
from bench.creep.looks import first_alarm, ours, t_needed, t_test
from gameday.domain.creep import SPAN_WEEKS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document():
    argv = [sys.executable, "-m", "bench.creep", "--quick", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_lane_has_its_figures_and_every_goal_its_answer(document):
    assert set(document["goals"]) == {goal.name for goal in GOALS}
    assert {goal["met"] for goal in document["goals"].values()} <= {"yes", "no"}
    lanes = {course.name for course in (*CALM, *DRIFTING, QUARTERLY)}
    assert lanes == document["figures"].keys() - {"systems"}
    assert document["figures"]["quarterly_drifting"]["ours_unknown"] == 1


def test_it_reads_as_a_table_and_as_a_section(document):
    assert "quarterly_is_unknown" in report.table(document)
    section = report.markdown(document)
    assert "12 made-up systems of each kind" in section
    assert "A short run: its figures judge nothing" in section


def logs_of(course, seed=1):
    figures = course.draw(random.Random(seed))
    return np.array(list(figures)), np.log(list(figures.values()))


def test_a_course_has_the_drift_the_noise_and_the_resemblance_that_it_is_named_for():
    slopes, noises, follows = [], [], []
    for seed in range(200):
        weeks, logs = logs_of(Course("x", drift=0.05, resembles=0.3), seed)
        slope, centre = np.polyfit(weeks, logs, 1)
        left = logs - slope * weeks - centre
        slopes.append(slope)
        noises.append(stdev(left))
        follows.append(np.corrcoef(left[1:], left[:-1])[0, 1])
    assert math.exp(13 * fmean(slopes)) == pytest.approx(1.05, abs=0.005)
    assert fmean(noises) == pytest.approx(0.1, rel=0.05)
    assert fmean(follows) == pytest.approx(0.3, abs=0.06)  # a little less in short courses


def test_one_outlier_is_one_week_and_a_quarterly_course_has_six():
    _, plain = logs_of(Course("x"))
    _, spoilt = logs_of(Course("x", outlier=3.0))
    assert sorted(np.round(spoilt - plain, 6))[-2:] == [0.0, round(math.log(3), 6)]
    assert list(QUARTERLY.draw(random.Random(1))) == [0, 13, 26, 39, 52, 65]


@pytest.mark.parametrize(("freedom", "quantile"), [(10, 3.5674), (30, 3.0197), (76, 2.8877)])
def test_students_quantile_is_near_the_tables_one(freedom, quantile):
    """At 1 - 0.05 * 4 / 78, by numpy: the share of a million draws beyond it."""
    draws = np.random.default_rng(1).standard_t(freedom, 2_000_000)
    assert np.mean(draws > t_needed(freedom)) == pytest.approx(0.05 * 4 / 78, rel=0.06)
    assert t_needed(freedom) == pytest.approx(quantile, abs=0.2)


@pytest.mark.parametrize("look", [ours, t_test])
def test_both_ways_see_what_is_plain_and_only_that(look):
    plain = {week: 1000.0 * 1.05**week + week % 3 for week in range(SPAN_WEEKS)}
    assert first_alarm(look, plain) == 12
    calm = {week: 1000.0 + week % 3 for week in range(SPAN_WEEKS)}
    assert first_alarm(look, calm) is None
