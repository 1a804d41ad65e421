"""The steps that set a component to a named value: in force, read back, and back again."""

from typing import Any

import pytest
from pydantic import ValidationError

from gameday.catalog.kinds import steps
from gameday.domain.errors import ChangedByOthersError
from gameday.steps._set import SetStep
from gameday.steps.feature_off import FeatureOff
from gameday.steps.pin_model import PinModel
from gameday.steps.set_budget import SetBudget
from gameday.steps.shift_traffic import ShiftTraffic
from tests.gameday.steps.kept import Shelf

# Each: what it is on, how it stands before, and what it is set to.
CASES: dict[type[SetStep], tuple[set[str], Any, Any]] = {
    FeatureOff: ({"feature"}, "on", "queue"),
    PinModel: ({"model"}, "heron-4", "heron-4-2026-08"),
    SetBudget: ({"budget"}, 1000.0, 2.5),
    ShiftTraffic: ({"route", "gateway"}, "primary", "secondary"),
}
every_kind = pytest.mark.parametrize("kind", CASES)


def shelf_of(kind: type[SetStep]) -> tuple[SetStep, Shelf, Any, Any]:
    _, before, to = CASES[kind]
    return kind(to=to), Shelf(before, stocks=(to,)), before, to


def test_every_kind_is_tried_here():
    assert {kind for _, kind in steps.kinds() if issubclass(kind, SetStep)} == CASES.keys()


@every_kind
def test_what_it_is_for(kind: type[SetStep]):
    step, places = shelf_of(kind)[0], CASES[kind][0]
    assert kind.components == places
    assert step.misplaced(f"component/{min(places)}") == ""
    expected = " or ".join(f"component/{one}" for one in sorted(places))
    assert step.misplaced("component/prompt") == step.misplaced("action/feature") == expected


@every_kind
async def test_set_and_put_back_twice_each(kind: type[SetStep]):
    step, shelf, before, to = shelf_of(kind)
    kept = shelf.kept()
    assert await step.ready(kept) == ""
    undo = await step.snapshot(kept)
    assert shelf.value == before
    for _ in range(2):
        await step.act(kept, undo)
        assert (shelf.value, await step.verify(kept, undo)) == (to, "")
        assert await step.verify_undone(kept, undo)
    for _ in range(2):
        await step.undo(kept, undo)
        assert (shelf.value, await step.verify_undone(kept, undo)) == (before, "")
        assert await step.verify(kept, undo)


@every_kind
async def test_what_others_have_set_meanwhile_stays(kind: type[SetStep]):
    step, shelf, _, _ = shelf_of(kind)
    kept = shelf.kept()
    undo = await step.snapshot(kept)
    await step.act(kept, undo)
    shelf.value = "theirs"
    with pytest.raises(ChangedByOthersError):
        await step.undo(kept, undo)
    assert shelf.value == "theirs"


@every_kind
async def test_what_cannot_work_is_known_before(kind: type[SetStep]):
    step, shelf, _, to = shelf_of(kind)
    shelf.stocks.clear()
    refused = f"component lab/model cannot be {kind.done}: {to} is not to be had"
    assert refused in await step.ready(shelf.kept())
    shelf.value = to
    assert "already, so that this changes nothing" in await step.ready(shelf.kept())
    assert shelf.changes == []


async def test_previous_is_what_the_target_file_says():
    step, shelf = ShiftTraffic(to="previous"), Shelf("primary", stocks=("secondary",))
    kept = shelf.kept(previous="secondary")
    undo = await step.snapshot(kept)
    await step.act(kept, undo)
    assert (shelf.value, await step.verify(kept, undo)) == ("secondary", "")
    assert "has no `previous`" in await step.ready(shelf.kept(previous=None))


def test_a_feature_is_off_unless_another_safe_state_is_named():
    told = Shelf().kept().component
    assert FeatureOff().wanted(told) == "off"
    assert FeatureOff(to="queue", shows="asleep").seen_as(told) == "asleep"
    assert FeatureOff().seen_as(told) == ""


@pytest.mark.parametrize("to", [-1, "25", True, None])
def test_a_budget_is_an_amount(to: Any):
    with pytest.raises(ValidationError):
        SetBudget(to=to)
    assert SetBudget(to=0).to == 0
