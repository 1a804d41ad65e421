"""Questions in a drill: its own samples answer, those since the fault or since the last change."""

import time
from datetime import timedelta

import pytest

from activities.drill_witness import DrillWitness
from activities.ledger_lines import write_before
from activities.messages import PlanReverts
from gameday.domain.detection import Detect
from gameday.domain.quality_envelope import Verdict
from gameday.domain.sample import Attempt, Outcome
from gameday.domain.slo import Slo, Slos
from gameday.domain.verdict import Held
from gameday.store.run_folder import RunFolder
from tests.activities import test_ledger_lines, test_plan_reverts
from tests.gameday.checks.staged import ARMED_AT, START, sample
from tests.gameday.checks.test_plan_finds import answers

ledger, run = test_ledger_lines.ledger, test_ledger_lines.run
edited = test_plan_reverts.edited
DETECT = Detect(by=("changed", "envelope"))
LATER = ARMED_AT + timedelta(seconds=30)


def witness(request, ledger, floor=ARMED_AT):
    run = PlanReverts(request=request, since=START, until=ARMED_AT, floor=floor)
    return DrillWitness(run, ledger, time.monotonic())


async def quality(request, ledger, floor=ARMED_AT):
    asked = witness(request, ledger, floor)
    return await asked.quality(DETECT, requests_max=1, rate_per_s=1)


async def test_the_samples_since_the_fault_tell(edited, ledger):
    found = await quality(edited, ledger)
    assert found.verdict is Verdict.OUTSIDE
    assert found.requests == 400


async def test_what_came_before_the_last_change_does_not(edited, ledger):
    good = answers(1)
    made = [sample(i, LATER + timedelta(seconds=i / 20), **good(i)) for i in range(400)]
    RunFolder(edited.folder).append_samples(made)
    assert (await quality(edited, ledger, LATER)).verdict is Verdict.INSIDE


async def test_no_sample_yet_is_undecided(edited, ledger):
    found = await quality(edited, ledger, LATER)
    assert (found.verdict, found.requests) == (Verdict.UNDECIDED, 0)


async def test_the_component_that_the_drill_can_put_back_or_not(edited, ledger, tmp_path):
    """Whether there is a step for it is the runbook's own affair: the question is what changed."""
    await write_before(ledger, edited)
    (tmp_path / "corpus" / "refund.md").write_text("14 days")
    drill = edited.drill.model_copy(update={"respond": ()})
    request = edited.model_copy(update={"drill": drill})
    plan = await witness(request, ledger).changes(DETECT)
    assert plan.order == ("corpus",)


async def test_a_model_that_calls_itself_otherwise_has_changed(edited, ledger):
    renamed = answers(2, bad=("retrieval", "long", "short", "tool"))
    made = [
        sample(i, LATER + timedelta(seconds=i / 20), **(renamed(i) | {"model": "heron-5"}))
        for i in range(400)
    ]
    RunFolder(edited.folder).append_samples(made)
    plan = await witness(edited, ledger, LATER).changes(DETECT)
    assert plan.order == ("model",)
    assert "heron-5" in plan.steps[0].changed.now


@pytest.mark.parametrize(
    ("floor", "answered", "outcomes"),
    [(ARMED_AT, 400, {"ok": 400}), (LATER, 0, {"refused": 40})],
    ids=["served", "refused"],
)
async def test_what_became_of_the_requests_to_a_provider(edited, ledger, floor, answered, outcomes):
    made = [
        sample(
            i,
            LATER + timedelta(seconds=i / 20),
            attempts=(Attempt("primary", Outcome.REFUSED, 3.0), Attempt("second", Outcome.OK, 9.0)),
        )
        for i in range(40)
    ]
    if floor == LATER:
        RunFolder(edited.folder).append_samples(made)
    found = await witness(edited, ledger, floor).attempts("primary")
    assert (found.answered, found.outcomes) == (answered, outcomes)


async def test_an_objective_over_the_samples(edited, ledger):
    slos = Slos.model_validate({"availability": Slo(at_least=0.9).model_dump()})
    target = edited.target.model_copy(update={"slos": slos})
    request = edited.model_copy(update={"target": target})
    found = await witness(request, ledger).objective("availability")
    assert (found.held, found.reason) == (Held.YES, "100.0 % of 400 (objective 90 %)")
    assert (await witness(request, ledger, LATER).objective("availability")).held is Held.UNKNOWN
