"""A gate asks in whole rounds, no more than it may, and is seldom wrong about what it says."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.deploy_gate import DeployGate, budget
from gameday.domain.detection import Detect
from gameday.domain.price import Price
from gameday.domain.quality_envelope import Verdict
from gameday.domain.reference import About, RecordedCase, Reference
from gameday.domain.sample import Outcome, Sample
from gameday.domain.sketch import sketch_of
from gameday.domain.verdict import ExitCode

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
CASES = [f"c{number}" for number in range(10)]
DETECT = Detect(alpha=0.05, margin=0.10, tolerance=0.05, by=("changed", "envelope"))
PRICE = Price.model_validate({"input_usd_per_mtok": 1, "output_usd_per_mtok": 10})


def answered(draw, share):
    """One answer's sketch and score; right in a share of the cases."""
    return sketch_of(f"{draw.choice(('about', 'some', 'these'))} days"), float(
        draw.random() < share
    )


@pytest.fixture(scope="module")
def reference():
    draw, cases = random.Random(1), {}
    for case in CASES:
        sketches, scores = zip(*(answered(draw, 0.9) for _ in range(60)), strict=True)
        cases[case] = RecordedCase(sketches=sketches, scores=scores)
    about = About(
        target="shop", environment="staging", suite="shop", suite_digest="x",
        recorded_at=AT, expires_at=AT + timedelta(days=30), recorded_by="eva",
    )  # fmt: skip
    return Reference(about=about, answered_by={}, cases=cases)


def a_round(draw, share, number=0):
    return [
        Sample(
            seq=number * len(CASES) + place, case=case, outcome=Outcome.OK, tokens_out=5,
            intended_at=AT, finished_at=AT + timedelta(seconds=number, milliseconds=place),
            send_lag_ms=0, latency_ms=1, cost_usd=0.01, quality=score, sketch=sketch,
        )
        for place, case in enumerate(draw.sample(CASES, len(CASES)))
        for sketch, score in [answered(draw, share)]
    ]  # fmt: skip


def gated(reference, seed, share, rounds=60):
    draw, gate = random.Random(seed), DeployGate(reference.before(), DETECT, rounds * len(CASES))
    for number in range(rounds):
        if gate.over:
            break
        gate.see(a_round(draw, share, number))
    return gate.findings


@pytest.mark.parametrize(
    ("share", "verdict", "code"),
    [(0.9, Verdict.INSIDE, ExitCode.PASSED), (0.5, Verdict.OUTSIDE, ExitCode.FAILED)],
)
def test_most_verdicts_come_and_hardly_any_is_wrong(reference, share, verdict, code):
    found = [gated(reference, seed, share) for seed in range(60)]
    said = [one.verdict for one in found]
    assert said.count(verdict) >= 50
    wrong = {Verdict.INSIDE, Verdict.OUTSIDE} - {verdict}
    assert sum(one in wrong for one in said) <= 8  # of 60, at alpha 0.05: more at one in 1,000
    assert all(one.exit_code is code for one in found if one.verdict is verdict)


def test_without_a_verdict_nothing_passes(reference):
    found = gated(reference, 1, 0.9, rounds=1)
    assert (found.verdict, found.exit_code) == (Verdict.UNDECIDED, ExitCode.INCONCLUSIVE)
    assert found.requests == 10
    assert found.cost_usd == pytest.approx(0.1)


def test_nobody_answered_is_no_verdict_and_the_end(reference):
    gate = DeployGate(reference.before(), DETECT, 600)
    down = [one.changed(outcome=Outcome.TIMEOUT) for one in a_round(random.Random(1), 0.9)]
    gate.see(down)
    assert gate.over
    found = gate.findings
    assert (found.verdict, found.exit_code) == (Verdict.UNDECIDED, ExitCode.INCONCLUSIVE)
    assert found.problem == "none of 10 requests got an answer (10 timeout)"


def test_one_that_answers_some_is_judged_by_what_users_got(reference):
    draw, gate = random.Random(1), DeployGate(reference.before(), DETECT, 600)
    for number in range(10):
        gate.see(
            one.changed(outcome=Outcome.TIMEOUT) if place % 2 else one
            for place, one in enumerate(a_round(draw, 1.0, number))
        )
    assert gate.findings.verdict is Verdict.OUTSIDE


def test_a_budget_is_whole_rounds():
    found = budget([1, 1, 3], 22, [PRICE])
    assert (found.round, found.rounds, found.requests_max, found.at_once) == (5, 4, 20, 4)
    assert found.usd_max == pytest.approx(20 * 2000 * 10 / 1e6)
    assert budget([1, 1, 3], 5, []).usd_max is None
    assert budget([1, 1, 3], 4, []) is None
    assert budget([1] * 30, 100, []).at_once == 1
