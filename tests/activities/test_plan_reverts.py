"""A plan while a drill goes on: by the ledger's line of before it, and by what the answers show."""

from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.ledger_lines import write_before
from activities.messages import PlanReverts
from activities.plan_reverts import RevertPlanActivities
from gameday.domain.drill import Drill
from gameday.store.run_folder import RunFolder
from tests.activities import test_ledger_lines
from tests.gameday.checks.staged import ARMED_AT, START, sample
from tests.gameday.checks.test_plan_finds import answers

ledger, run = test_ledger_lines.ledger, test_ledger_lines.run
STEPS = [
    {"step": "revert_prompt", "on": "component/prompt"},
    {"step": "revert_corpus", "on": "component/corpus"},
]


@pytest.fixture
def edited(run, tmp_path):
    """A drill with steps for prompt and corpus, whose answers to looked-up questions got worse."""
    windows = {"baseline": "20s", "faulted": "30s", "responded": "20s", "recovered": "5s"}
    changes = {
        "respond": STEPS, "respond_by": "plan", "detect": {"by": ["changed"]}, "windows": windows,
    }  # fmt: skip
    drill = Drill.model_validate(run.request.drill.model_dump() | changes)
    folder = tmp_path / "edited"
    before, during = answers(1), answers(2, bad=("retrieval",))
    made = [sample(i, START + timedelta(seconds=i / 20), **before(i)) for i in range(390)]
    made += [sample(i, ARMED_AT + timedelta(seconds=i / 20), **during(i)) for i in range(400)]
    RunFolder(folder).append_samples(made)
    return run.request.model_copy(update={"drill": drill, "folder": str(folder)})


async def planned(request, ledger, *done):
    wanted = PlanReverts(request=request, since=START, until=ARMED_AT, floor=ARMED_AT, done=done)
    return await ActivityEnvironment().run(RevertPlanActivities(ledger).plan_reverts, wanted)


async def test_what_differs_and_shows_is_put_back_and_what_does_not_is_left(
    edited, ledger, tmp_path
):
    await write_before(ledger, edited)
    (tmp_path / "corpus" / "refund.md").write_text("14 days")
    (tmp_path / "prompt").write_text("Be kind.")
    plan = await planned(edited, ledger)
    assert plan.order == ("corpus",)
    assert [one.component for one in plan.left] == ["prompt"]
    assert plan.steps[0].reason.startswith("shows in retrieval questions (evidence ")
    assert plan.left[0].changed.before == "Be brief."
    assert plan.left[0].changed.now == "Be kind."


async def test_what_was_put_back_already_is_not_put_back_again(edited, ledger, tmp_path):
    await write_before(ledger, edited)
    (tmp_path / "corpus" / "refund.md").write_text("14 days")
    plan = await planned(edited, ledger, "component/corpus")
    assert plan.order == ()
    assert plan.left[0].changed.why_not == "it was put back already, and reads otherwise"
    assert plan.unexplained == ("retrieval",)


async def test_what_the_drill_has_no_step_for_is_left(edited, ledger, tmp_path):
    drill = edited.drill.model_copy(update={"respond": edited.drill.respond[:1]})
    await write_before(ledger, edited)
    (tmp_path / "corpus" / "refund.md").write_text("14 days")
    plan = await planned(edited.model_copy(update={"drill": drill}), ledger)
    assert plan.left[0].reason == "it cannot be put back: the drill states no step for it"


async def test_without_a_line_of_before_nothing_can_be_named(edited, ledger):
    plan = await planned(edited, ledger)
    assert (plan.order, plan.left, plan.unexplained) == ((), (), ("retrieval",))
