"""The check `holds_up_to`: the rate at which an objective breaks, and none that nobody can know."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from gameday.checks.holds_up_to import HoldsUpTo
from gameday.domain.arrivals import RateCurve, even_arrivals
from gameday.domain.check import Seen
from gameday.domain.offered import Offered
from gameday.domain.plan import plan_window
from gameday.domain.slo import Slo
from gameday.domain.verdict import Held
from gameday.domain.window import Window
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    FAILED,
    START,
    TARGET,
    planned,
    sample,
    seen,
)

CURVE = RateCurve(10, [(10, 20), (60, 20), (60, 20)])  # at the peak from 40 s to 60 s
CHECK = HoldsUpTo.model_validate({"name": "latency_p95", "rate": "60/s"})
AVAILABLE = HoldsUpTo.model_validate({"name": "availability", "rate": "60/s"})


def rising(make, *, until_s: float = 60.0) -> Seen:
    """A run that breaks nothing; `make` says what is special about the request at a rate."""
    samples = []
    for seq, at_s in enumerate(even_arrivals(CURVE)):
        if at_s >= until_s:
            break
        if at_s >= 20.0:
            fields = make(CURVE.rate_at(at_s), seq)
            samples.append(sample(seq, START + timedelta(seconds=at_s), **fields))
    peak = Window(
        "peak", START + timedelta(seconds=20), START + timedelta(seconds=until_s), tuple(samples)
    )
    run = seen(load=Offered(CURVE), load_started_at=START)
    return replace(run, windows={"baseline": run.windows["baseline"], "peak": peak})


def slow_from(rate_per_s: float, slow_ms: float = 1240.0):
    return lambda rate, _: BY_PRIMARY | {"latency_ms": slow_ms if rate >= rate_per_s else 200.0}


def test_an_objective_that_holds_all_the_way():
    finding = CHECK.judge(rising(slow_from(1000)))
    assert finding.held is Held.YES
    assert finding.reason.startswith("latency_p95 held up to 60/s: 200 ms of 1")
    assert "requests there; the worst stretch was 200 ms, at 10/s to " in finding.reason


def test_the_rate_at_which_it_broke_is_named_with_its_figure():
    finding = CHECK.judge(rising(slow_from(40)))
    assert finding.held is Held.NO
    broke, held, wanted = re.match(
        r"latency_p95 broke at ([\d.]+)/s to [\d.]+/s: 1,240 ms of \d+ requests "
        r"\(objective 1,000 ms\); it held up to ([\d.]+)/s, (\d+)/s are wanted",
        finding.reason,
    ).groups()
    assert float(held) <= float(broke) <= 40.0 + 1.0
    assert float(broke) > 37.0
    assert wanted == "60"


def test_one_that_never_held_says_so():
    reason = CHECK.judge(rising(slow_from(0))).reason
    assert reason.startswith("latency_p95 broke at 10/s to ")
    assert "it never held" in reason


@pytest.mark.parametrize(("late", "held"), [(0.045, Held.YES), (0.055, Held.NO)])
def test_all_requests_at_the_rate_are_judged_as_one(late, held):
    """Too little to be out by more than chance in one stretch alone."""

    def make(rate, seq):
        is_late = rate > 59.5 and (seq * 0.618034) % 1 < late
        return BY_PRIMARY | {"latency_ms": 1240.0 if is_late else 200.0}

    finding = CHECK.judge(rising(make))
    assert finding.held is held, finding.reason
    assert held is Held.YES or "broke at 59.4/s to 60/s: 1,240 ms of 12" in finding.reason


def test_a_little_more_than_is_forgiven_in_one_stretch_is_chance():
    """Two failures in a row are more than half a per cent of any stretch; so many are luck."""

    def make(_, seq):
        return FAILED if seq in (400, 410) else BY_PRIMARY

    assert AVAILABLE.judge(rising(make)).held is Held.YES

    def more(_, seq):
        return FAILED if 400 <= seq < 405 else BY_PRIMARY

    assert "availability broke at" in AVAILABLE.judge(rising(more)).reason


def test_a_break_at_the_peak_alone_is_found():
    finding = CHECK.judge(rising(slow_from(59.9)))
    assert finding.held is Held.NO
    assert "broke at 59.4/s to 60/s" in finding.reason or "broke at 60/s" in finding.reason


@pytest.mark.parametrize(("slow_ms", "held"), [(1000.0, Held.YES), (1000.4, Held.NO)])
def test_on_the_objective_it_holds_and_beyond_it_does_not(slow_ms, held):
    finding = CHECK.judge(rising(slow_from(0, slow_ms)))
    assert finding.held is held
    assert held is Held.YES or "1,000.4 ms" in finding.reason


def test_who_got_no_answer_got_none_in_time():
    def make(rate, _):
        return FAILED if rate >= 50 else BY_PRIMARY

    finding = CHECK.judge(rising(make))
    assert finding.held is Held.NO
    assert "no answer of" in finding.reason


def test_too_few_at_the_rate_are_unknown_and_tell_how_far_it_held():
    finding = CHECK.judge(rising(slow_from(1000), until_s=43.0))
    assert finding.held is Held.UNKNOWN
    assert finding.reason.startswith("194 requests came at 60/s, and 200 are needed to")
    assert finding.reason.endswith("it held up to 60/s")


def test_nothing_seen_is_unknown():
    run = rising(slow_from(1000))
    empty = replace(run.windows["peak"], samples=())
    run = replace(run, windows={"peak": empty})
    assert CHECK.judge(run).held is Held.UNKNOWN
    nowhere = TARGET.model_copy(update={"slos": {}})
    assert "no objective latency_p95" in CHECK.judge(replace(run, target=nowhere)).reason


def rising_plan(lasts_s: float):
    load = Offered(CURVE)
    peak = plan_window("peak", lasts_s, load).model_copy(
        update={"begins_s_min": 20.0, "begins_s_max": 25.0}
    )
    return replace(planned(), load=load, windows={"faulted": peak})


@pytest.mark.parametrize(("lasts_s", "enough"), [(23.5, True), (22.8, False)])
def test_the_plan_needs_enough_requests_at_the_rate(lasts_s, enough):
    said = CHECK.cannot_decide(rising_plan(lasts_s))
    assert (said == "") is enough
    assert enough or said.startswith("latency_p95: needs 200 requests at 60/s, so 3.3 s of it; the")


def test_a_rate_that_the_load_never_has_is_refused():
    check = HoldsUpTo.model_validate({"name": "latency_p95", "rate": "70/s"})
    assert check.cannot_decide(rising_plan(40)) == (
        "latency_p95: the load goes up to 60/s, in no window to 70/s"
    )
    assert "no objective latency_p50" in HoldsUpTo.model_validate(
        {"name": "latency_p50", "rate": "60/s"}
    ).cannot_decide(rising_plan(40))


def test_an_objective_that_another_system_measures_cannot_be_told_by_rate():
    elsewhere = Slo.model_validate(
        {"at_least": 0.99, "raw_ratio": {"raw": {"query": "good", "prometheus": "http://x"}}}
    )
    target = TARGET.model_copy(update={"slos": {"latency_p95": elsewhere}})
    run = replace(rising(slow_from(1000)), target=target)
    assert "measured by another system" in CHECK.judge(run).reason
    assert "measured by another system" in CHECK.cannot_decide(
        replace(rising_plan(40), target=target)
    )
