"""A response by plans: one step, a look at the answers, and a new plan, until it names no more."""

from collections.abc import Sequence

import pytest
from temporalio import activity

from activities.messages import Arm, Armed, HoldEnded, PlanReverts
from gameday.domain.drill import Drill
from gameday.domain.plan import make_plan
from gameday.domain.revert_plan import Changed, Left, Revert, RevertPlan
from tests.workflows.stand_ins import StandIns
from tests.workflows.test_drill import at_work, request_for, start, until
from workflows.drill import DrillWorkflow

STEPS = [
    {"step": "revert_prompt", "on": "component/prompt"},
    {"step": "revert_parameters", "on": "component/parameters"},
    {"step": "revert_corpus", "on": "component/corpus"},
]
WINDOWS = {"baseline": "20s", "faulted": "30s", "responded": "20s", "recovered": "5s"}


def plan(*names: str, left: Sequence[str] = ("prompt",)) -> RevertPlan:
    def changed(name: str) -> Changed:
        return Changed(component=name, before="a", now="b")

    return RevertPlan(
        steps=tuple(Revert(changed=changed(one), chance=0.9, reason="it shows") for one in names),
        left=tuple(Left(changed=changed(one), chance=0.0, reason="no") for one in left),
    )


class Planning(StandIns):
    """Makes one plan after the other, and then one that has nothing to put back."""

    def __init__(self, *plans: RevertPlan) -> None:
        super().__init__()
        self.plans = [*plans, plan()]
        self.asked: list[PlanReverts] = []
        self.called: list[str] = []

    def all(self) -> list[object]:
        return [*super().all(), self.plan_reverts]

    @activity.defn(name="plan_reverts")
    async def plan_reverts(self, wanted: PlanReverts) -> RevertPlan:
        self.calls.append("plan")
        self.asked.append(wanted)
        return self.plans[len(self.asked) - 1]

    @activity.defn(name="respond")
    async def respond(self, wanted: Arm) -> Armed:
        self.called.append(wanted.injection.fault.on)
        return await super().respond(wanted)


def edited(run_id):
    request = request_for(run_id)
    changes = {
        "respond": STEPS,
        "respond_by": "plan",
        "windows": WINDOWS,
        "detect": {"by": ["changed"]},
    }
    drill = Drill.model_validate(request.drill.model_dump() | changes)
    made = make_plan(drill, request.target, request.environment)
    return request.model_copy(update={"drill": drill, "plan": made})


def order(here):
    return [call for call in here.calls if call != "hold"]


async def test_one_is_put_back_and_looked_at_before_the_next_plan(temporal):
    here = Planning(plan("corpus", "parameters"), plan("parameters"))
    async with at_work(temporal, here):
        await (await start(temporal, edited("PLN1"))).result()
    assert order(here)[3:13] == [
        "inject", "observe faulted", "plan", "respond", "observe responded", "plan", "respond",
        "observe responded", "plan", "restore by restore",
    ]  # fmt: skip
    assert here.called == ["component/corpus", "component/parameters"]
    first, second, third = here.asked
    assert [one.done for one in here.asked] == [
        (), ("component/corpus",), ("component/corpus", "component/parameters"),
    ]  # fmt: skip
    assert first.floor == here.record.inject.confirmed_at
    assert first.floor < second.floor < third.floor
    assert {one.until for one in here.asked} == {here.record.inject.requested_at}
    assert here.record.plans == tuple(here.plans)


async def test_what_was_called_is_held_and_all_that_could_have_been_is_cleared(temporal):
    here = Planning(plan("corpus"))
    async with at_work(temporal, here):
        await (await start(temporal, edited("PLN2"))).result()
    assert here.held == [("PLN2-0",), ("PLN2-0", "PLN2-step-2")]
    assert here.cleared == ["PLN2-0", "PLN2-step-2", "PLN2-step-1", "PLN2-step-0"]
    assert not here.armed


async def test_a_plan_that_puts_nothing_back_calls_nothing_and_says_so(temporal):
    here = Planning()
    async with at_work(temporal, here):
        await (await start(temporal, edited("PLN3"))).result()
    assert "respond" not in here.calls
    assert "observe responded" not in here.calls
    assert here.record.decided_at is None
    notes = [one.facts for one in here.record.events if one.what == "not_responded"]
    assert notes == [{"reason": "the plan puts nothing back"}]


async def test_the_decision_is_when_the_first_was_called(temporal):
    here = Planning(plan("corpus"), plan("parameters"))
    async with at_work(temporal, here):
        await (await start(temporal, edited("PLN4"))).result()
    record = here.record
    assert record.inject.confirmed_at < record.decided_at <= record.respond.requested_at
    assert record.decided_at < here.asked[1].floor


@pytest.mark.parametrize("where", ["first", "second"])
async def test_a_stop_between_two_steps_undoes_everything(temporal, where):
    here = Planning(plan("corpus"), plan("parameters"))
    here.observe_hangs = {"responded"} if where == "first" else set()
    async with at_work(temporal, here):
        handle = await start(temporal, edited("PLN5"))
        if where == "first":
            await until(lambda: "observe responded" in here.calls)
        else:
            await until(lambda: here.calls.count("respond") == 2)
        await handle.execute_update(DrillWorkflow.abort_now, "dana")
        here.observe_hangs = set()
        await handle.result()
    assert not here.armed
    assert set(here.cleared) == {"PLN5-0", "PLN5-step-0", "PLN5-step-1", "PLN5-step-2"}


async def test_a_lease_that_is_lost_ends_it_before_the_next_plan(temporal):
    here = Planning(plan("corpus"), plan("parameters"))
    here.observe_hangs = {"responded"}
    async with at_work(temporal, here):
        handle = await start(temporal, edited("PLN6"))
        await until(lambda: "observe responded" in here.calls)
        here.hold_ends = HoldEnded(why="the injector does not answer")
        await handle.result()
    assert here.calls.count("plan") == 1
    assert "no longer renewed" in here.record.invalid
    assert not here.armed
