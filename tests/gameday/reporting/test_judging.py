"""A stored run is judged: felt or not, check by check, and never passed without evidence."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import pytest

from gameday.domain.check import Check, Finding, Seen, unknown
from gameday.domain.gate import Call
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.plan import Planned
from gameday.domain.verdict import ExitCode, Held, Stop, Verdict
from gameday.reporting.judging import Logs, Makers, judge_run, samples_at_fault
from tests.gameday.reporting.runs import (
    MadeRun,
    aborted_run,
    at,
    failing_run,
    inconclusive_run,
    make_drill,
    make_fault,
    make_request,
    passing_run,
    refused_run,
    run_without_samples,
)
from tests.gameday.reporting.stand_ins import MAKERS, Broken, Unsure, make_check


def judge(run: MadeRun, makers: Makers = MAKERS):
    return judge_run(run.record, run.samples, run.logs, makers)


@pytest.mark.parametrize(
    ("make", "verdict", "sentence"),
    [
        (passing_run, Verdict.PASSED, "all 7 checks held"),
        (failing_run, Verdict.FAILED, "0 answers from secondary"),
        (inconclusive_run, Verdict.INCONCLUSIVE, "was not felt: none of 600 requests tried"),
        (aborted_run, Verdict.ABORTED, "stopped by ana after 8 s"),
        (refused_run, Verdict.REFUSED, "has no rule that allows"),
        (run_without_samples, Verdict.INCONCLUSIVE, "not one sample was recorded"),
    ],
)
def test_each_kind_of_run_has_its_verdict(make: Callable[[], MadeRun], verdict, sentence):
    decision = judge(make()).decision
    assert decision.verdict is verdict
    assert sentence in decision.reason


def test_the_windows_are_cut_where_the_world_was_changed():
    judged = judge(passing_run())
    assert {n: len(w) for n, w in judged.windows.items()} == {
        "baseline": 399,
        "faulted": 594,
        "recovered": 239,
        "transition": 8,
        "left": 0,
    }
    assert judged.windows["faulted"].served_by == {"secondary": 594}


class Listening(Check):
    """Keeps what it was shown."""

    heard: ClassVar[list[Seen]] = []

    def judge(self, seen: Seen) -> Finding:
        self.heard.append(seen)
        return unknown("it only listens")

    def cannot_decide(self, planned: Planned) -> str:
        return ""


def test_checks_see_every_faulted_provider_once_and_what_the_gates_saw():
    faults = [
        {"kind": "latency", "on": f"provider/{name}", "latency_ms": 9}
        for name in ("secondary", "primary")
    ]
    request = make_request("7Q2K", make_drill(faults=faults))
    call = Call(provider="primary", request_id="r-00001", started_at=at(1))
    run = replace(passing_run().with_record(request=request), calls={"primary": (call,)})
    Listening.heard.clear()
    judge(run, replace(MAKERS, check=lambda _: Listening()))
    seen = Listening.heard[0]
    assert seen.faulted_provider == "secondary"
    assert seen.faulted_providers == ("secondary", "primary")
    assert seen.calls == {"primary": (call,)}
    assert set(seen.served_log) == {"primary", "secondary"}


def test_a_stored_run_is_judged_by_its_logs(tmp_path):
    call = Call(provider="primary", request_id="r-00001", started_at=at(1))
    run = replace(passing_run(), calls={"primary": (call,), "secondary": ()})
    assert Logs.read(run.store(tmp_path)) == run.logs


def test_what_was_cut_on_the_way_into_the_fault_counts_as_met():
    run = passing_run()
    judged = judge(run)
    met = samples_at_fault(run.record, judged.windows)
    assert len(met) > len(judged.windows["faulted"])
    assert [s.intended_at for s in met] == sorted(s.intended_at for s in met)
    assert all(s.intended_at < at(50.02) for s in met)


def test_the_fault_was_felt_with_its_numbers():
    (felt,) = judge(passing_run()).faults
    assert felt.felt.felt
    assert felt.provider == "primary"
    assert "requests tried primary and were refused" in felt.felt.sentence


def test_a_check_that_breaks_is_unknown_and_never_a_pass():
    makers = replace(MAKERS, check=lambda spec: Broken(kind=spec.kind, name="x"))
    judged = judge(passing_run(), makers)
    assert {j.held for j in judged.judgements} == {Held.UNKNOWN}
    assert judged.judgements[0].reason == (
        "the check could not judge: ZeroDivisionError: division by zero"
    )
    assert judged.decision.verdict is Verdict.INCONCLUSIVE


def test_one_unknown_among_yeses_is_inconclusive():
    def check(spec):
        return Unsure(kind=spec.kind) if spec.kind == "envelope" else make_check(spec)

    assert judge(passing_run(), replace(MAKERS, check=check)).decision.reason == (
        "too few requests to say"
    )


def test_a_check_of_an_unknown_kind_or_setting_is_unknown():
    record = passing_run().record
    drill = record.request.drill
    odd = drill.model_copy(update={"checks": (drill.checks[0].model_copy(update={"kind": "odd"}),)})
    run = passing_run().with_record(request=record.request.model_copy(update={"drill": odd}))
    judged = judge(run, Makers())
    assert judged.judgements[0].held is Held.UNKNOWN
    assert "unknown check 'odd'" in judged.judgements[0].reason


def test_a_fault_that_cannot_be_asked_is_not_felt():
    def broken(spec):
        raise RuntimeError("no such plug-in")

    judged = judge(passing_run(), replace(MAKERS, fault=broken))
    assert judged.decision.verdict is Verdict.INCONCLUSIVE
    assert "not known: RuntimeError: no such plug-in" in judged.decision.reason


def test_every_fault_must_be_felt():
    silent = make_fault("provider/secondary", id="7Q2K-2")
    run = passing_run().with_record(faults=(make_fault(), silent))
    judged = judge(run)
    assert [fault.felt.felt for fault in judged.faults] == [True, False]
    assert judged.decision.verdict is Verdict.INCONCLUSIVE


def test_nothing_is_judged_where_nothing_was_broken():
    judged = judge(aborted_run())
    assert {j.reason for j in judged.judgements} == {"not judged: nothing was broken"}
    assert judged.response.detected_at is None
    assert list(judged.windows) == ["baseline", "transition", "left"]


def test_a_run_that_injected_nothing_and_has_no_reason_is_inconclusive():
    run = aborted_run().with_record(stop=None)
    assert judge(run).decision.reason == "no fault was injected, so nothing was rehearsed"


DIRTY = make_fault(state=FaultState.STUCK, cleared_by=None, cleared_at=None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"faults": (DIRTY,)}, ExitCode.DIRTY),
        ({"faults": (DIRTY,), "stop": Stop(by="operator", reason="stop")}, ExitCode.DIRTY),
        ({"stop": Stop(by="operator", reason="stop")}, ExitCode.ABORTED),
        ({"stop": Stop(by="guard", reason="guard")}, ExitCode.ABORTED),
        ({"closed_by": "guardian"}, ExitCode.ABORTED),
        ({"closed_by": "", "ended_at": None}, ExitCode.ABORTED),
        (
            {"faults": (make_fault(cleared_by=ClearedBy.LEASE, cleared_at=at(40)),)},
            ExitCode.INCONCLUSIVE,
        ),
        ({"restore": None}, ExitCode.INCONCLUSIVE),
    ],
)
def test_a_run_with_good_answers_only_passes_when_all_else_is_in_order(changes, code):
    assert judge(passing_run().with_record(**changes)).decision.exit_code == code


def test_a_run_that_nobody_closed_ends_with_the_last_that_is_known():
    run = passing_run().with_record(ended_at=None, closed_by="")
    assert judge(run).ended_at == max(sample.finished_at for sample in run.samples)
