"""Objectives by other systems' figures: both sides of the bound, and no data."""

from datetime import UTC, datetime

import pytest

from gameday.checks.slo import Slo as Check
from gameday.domain.alerts import Alerts
from gameday.domain.reading import Reading
from gameday.domain.slo import Slos
from tests.gameday.checks.staged import TARGET, planned, seen

QUERY = {"query": "up", "prometheus": "http://127.0.0.1:1"}
RATIO = {"at_least": 0.99, "ratio": {"good": QUERY, "total": QUERY}}
SLICED = {**RATIO, "at_least": 0.9, "timeslices": {"length": "10s", "target": 0.95}}
ALERTS = Alerts(prometheus="http://127.0.0.1:1", scrape_interval="5s")


def reading(part, end, **changes):
    """A counter that grows evenly from 0 to `end` within 30 s."""
    points = tuple((1000.0 + second, end * second / 30) for second in range(31))
    fields = {"slo": "x", "window": "faulted", "part": part, "source": "up", "place": "p"}
    times = {"asked_at": datetime(2026, 1, 5, tzinfo=UTC), "start_s": 1000.0, "end_s": 1030.0}
    return Reading(**{**fields, **times, "points": points, **changes})


def judged(slo, *readings, window="faulted"):
    target = TARGET.model_copy(update={"slos": Slos.model_validate({"x": slo})})
    found = {(r.slo, r.window): {} for r in readings}
    for one in readings:
        found[one.slo, one.window][one.part] = one
    return Check(name="x", window=window).judge(seen(target=target, readings=found))


@pytest.mark.parametrize(
    ("good", "held", "says"),
    [(594, "yes", "99.0 % of 600 events"), (593, "no", "98.8 % of 600 events")],
)
def test_a_share_of_events_on_both_sides_of_its_bound(good, held, says):
    finding = judged(RATIO, reading("good", good), reading("total", 600))
    assert finding.held == held
    assert says in finding.reason
    assert "(objective 99 %)" in finding.reason


def test_so_few_that_one_decides_cannot_tell():
    finding = judged(RATIO, reading("good", 60), reading("total", 60))
    assert finding.held == "unknown"
    assert finding.reason == "60 events cannot tell x; 100 are needed"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"points": ()}, "no data of good: the answer is empty"),
        ({"problem": "http://p does not answer"}, "no data of good: http://p does not answer"),
        ({"window": "baseline"}, "nobody read good"),
    ],
)
def test_no_data_is_unknown(changes, says):
    finding = judged(RATIO, reading("good", 600, **changes), reading("total", 600))
    assert finding.held == "unknown"
    assert says in finding.reason


def test_another_window_is_named():
    parts = [reading(part, 600, window="baseline") for part in ("good", "total")]
    assert "in the baseline window" in judged(RATIO, *parts, window="baseline").reason


@pytest.mark.parametrize(
    ("slo", "faulted_s", "says"),
    [
        (RATIO, 20.0, ""),
        (RATIO, 19.0, "x needs 20 s of figures; the faulted window has 19 s"),
        (SLICED, 100.0, ""),
        (SLICED, 99.0, "x needs 100 s of figures"),
    ],
)
def test_windows_must_hold_enough_scrapes_and_slices(slo, faulted_s, says):
    slos = Slos.model_validate({"x": slo})
    target = TARGET.model_copy(update={"slos": slos, "alerts": ALERTS})
    sentence = Check(name="x").cannot_decide(planned(target=target, faulted=faulted_s))
    assert sentence.startswith(says)
    assert bool(sentence) == bool(says)
