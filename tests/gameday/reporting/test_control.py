"""What the control group shares is not blamed on the fault."""

import random
from dataclasses import replace

import pytest

from gameday.domain.check import Check, Finding, Seen, yes_if
from gameday.domain.plan import Planned
from gameday.domain.record import Moment
from gameday.domain.sample import Sample
from gameday.domain.verdict import Held, Verdict
from gameday.reporting.judging import Makers, judge_run
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import (
    MadeRun,
    at,
    by_primary,
    failing_run,
    make_fault,
    make_samples,
    passing_run,
)

SLOW_MS = 3_000.0
FAULTED_S = (21.0, 49.0)


def slowed(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """A bad hour of whoever answers: everything slow while the fault is there."""

    def is_slow(sample: Sample) -> bool:
        return FAULTED_S[0] < sample.seq / 20 < FAULTED_S[1]

    return tuple(s.changed(latency_ms=SLOW_MS) if is_slow(s) else s for s in samples)


def beside(run: MadeRun, control: tuple[Sample, ...]) -> MadeRun:
    """The run with a control group, whose requests were due at the same moments."""
    of_control = (s.changed(group="control", seq=s.seq + 100_000) for s in control)
    return replace(run, samples=(*run.samples, *of_control))


UNTOUCHED = make_samples(by_primary, 62.0, seed=9)
SLOW_RUN = replace(passing_run(), samples=slowed(passing_run().samples))


def latency(judged):
    return next(check for check in judged.judgements if check.name == "latency_p95")


def judge(run):
    return judge_run(run.record, run.samples, run.logs)


def test_both_groups_degrading_equally_ends_inconclusive_with_that_reason():
    judged = judge(beside(SLOW_RUN, slowed(UNTOUCHED)))
    assert latency(judged).held is Held.UNKNOWN
    assert judged.decision.verdict is Verdict.INCONCLUSIVE
    assert judged.decision.reason.startswith(
        "the control group, which no fault touched, is as bad (3,000 ms"
    )
    assert "the fault cannot be blamed: 3,000 ms" in judged.decision.reason


def test_a_fault_that_only_the_experiment_feels_is_blamed():
    judged = judge(beside(SLOW_RUN, UNTOUCHED))
    assert latency(judged).held is Held.NO
    assert judged.decision.verdict is Verdict.FAILED


def test_a_control_group_too_small_to_tell_excuses_nothing():
    judged = judge(beside(SLOW_RUN, slowed(UNTOUCHED)[::20]))
    assert latency(judged).held is Held.NO


@pytest.mark.parametrize("reached", [0, 3])
def test_a_control_group_that_a_fault_has_reached_excuses_nothing(reached):
    """Gates tell the requests whose answers they changed by their ids."""
    of_control = [s.changed(request_id=f"control-{s.seq}") for s in slowed(UNTOUCHED)]
    ids = [s.request_id for s in of_control if s.seq / 20 > FAULTED_S[0]][:reached]
    gate = {"hits": 100, "matches": 100, "request_ids": ["somebody's", *ids]}
    faults = (make_fault(evidence={"gate_at_clear": gate}),)
    judged = judge(beside(SLOW_RUN.with_record(faults=faults), tuple(of_control)))
    assert latency(judged).held is (Held.NO if reached else Held.UNKNOWN)
    if reached:
        assert latency(judged).reason.endswith(
            "the control group is as bad, and excuses nothing: a fault reached 3 of its requests"
        )


def test_what_holds_needs_no_excuse():
    judged = judge(beside(passing_run(), slowed(UNTOUCHED)))
    assert latency(judged).held is Held.YES
    assert judged.decision.verdict is Verdict.PASSED


def test_a_fallback_is_never_excused_by_those_who_needed_none():
    """Nobody in the control group falls back, which says nothing of those who must."""
    judged = judge(beside(failing_run(), make_samples(by_primary, 42.0, seed=9)))
    assert next(c for c in judged.judgements if c.kind == "fallback").held is Held.NO


@pytest.mark.parametrize("control", [UNTOUCHED, slowed(UNTOUCHED)])
def test_no_figure_of_the_experiment_has_the_control_group_in_it(control):
    alone, both = judge(passing_run()), judge(beside(passing_run(), control))
    for name, window in alone.windows.items():
        assert window.samples == both.windows[name].samples
    assert alone.response == both.response
    assert alone.restore == both.restore
    assert alone.at_fault == both.at_fault


def test_the_report_shows_both_groups(tmp_path):
    run = beside(passing_run(), slowed(UNTOUCHED))
    folder = run.store(tmp_path)
    result = write_reports(folder, folder.read_record(), folder.read_samples())
    assert result.control["faulted"].latency_ms.p95 == SLOW_MS
    assert result.windows["faulted"].latency_ms.p95 < SLOW_MS
    assert result.load.scheduled == len(run.samples)
    for report in (folder.markdown_file, folder.html_file):
        assert "faulted, control" in report.read_text()
    assert f"{len(run.samples):,}" in folder.markdown_file.read_text()  # of all that was asked


def test_a_run_without_a_control_group_shows_none(tmp_path):
    folder = passing_run().store(tmp_path)
    result = write_reports(folder, folder.read_record(), folder.read_samples())
    assert result.control == {}
    assert ", control" not in folder.markdown_file.read_text()


def test_random_halves_never_make_a_yes_a_no():
    """Whoever is in the control group, the experiment's own yes stays."""
    draw = random.Random(3)
    samples = [
        s.changed(group=draw.choice(["experiment", "experiment", "control"]))
        for s in passing_run().samples
    ]
    judged = judge(replace(passing_run(), samples=tuple(samples)))
    assert latency(judged).held is Held.YES


class Quick(Check):
    """Whether a window's p95 is below a second, and compared with the control group's."""

    window: str

    def judge(self, seen: Seen) -> Finding:
        window = seen.window(self.window)
        return yes_if(window.latency_ms(0.95) < 1000, "slow")

    def compares(self, seen: Seen) -> bool:
        return True

    def cannot_decide(self, planned: Planned) -> str:
        return ""


@pytest.mark.parametrize(("window", "held"), [("faulted", Held.UNKNOWN), ("responded", Held.NO)])
def test_what_a_response_does_to_everybody_is_not_excused(window, held):
    """The system's own change reaches the control group too, which so has nothing to say."""
    run = SLOW_RUN.with_record(respond=Moment(requested_at=at(35), confirmed_at=at(35.1)))
    run = beside(run, slowed(UNTOUCHED))
    makers = Makers(check=lambda _: Quick(window=window))
    judged = judge_run(run.record, run.samples, run.logs, makers)
    assert judged.windows.keys() >= {"faulted", "responded"}
    assert {judgement.held for judgement in judged.judgements} == {held}
