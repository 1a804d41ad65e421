"""`disable_tool`: one tool out of use, the others untouched, and back to what was there."""

from typing import Any

import pytest

from gameday.domain.errors import ChangedByOthersError, ComponentError
from gameday.steps.disable_tool import DisableTool
from tests.gameday.steps.kept import Shelf

STEP = DisableTool(tool="orders")
LIST, SWITCHES = ["orders", "tickets"], {"orders": True, "tickets": True}


@pytest.mark.parametrize(
    ("value", "without"),
    [(LIST, ["tickets"]), (SWITCHES, {"orders": False, "tickets": True}), (["orders"], [])],
)
async def test_it_is_out_of_use_and_then_back(value: Any, without: Any):
    shelf = Shelf(value)
    kept = shelf.kept(previous=None)
    assert await STEP.ready(kept) == ""
    undo = await STEP.snapshot(kept)
    assert shelf.value == value
    for _ in range(2):
        await STEP.act(kept, undo)
        assert shelf.value == without
        assert await STEP.verify(kept, undo) == ""
        assert await STEP.verify_undone(kept, undo)
    for _ in range(2):
        await STEP.undo(kept, undo)
        assert shelf.value == value
        assert await STEP.verify_undone(kept, undo) == ""
        assert await STEP.verify(kept, undo)


async def test_what_somebody_else_has_switched_meanwhile_stays():
    shelf = Shelf(LIST)
    kept = shelf.kept()
    undo = await STEP.snapshot(kept)
    await STEP.act(kept, undo)
    shelf.value = ["tickets", "search"]
    with pytest.raises(ChangedByOthersError):
        await STEP.undo(kept, undo)
    assert shelf.value == ["tickets", "search"]
    assert await STEP.verify_undone(kept, undo)


async def test_a_mechanism_that_says_yes_and_does_nothing_is_found_out():
    shelf = Shelf(LIST)
    shelf.stubborn = True
    kept = shelf.kept()
    undo = await STEP.snapshot(kept)
    await STEP.act(kept, undo)
    assert 'the shelf is ["orders", "tickets"], not ["tickets"]' in await STEP.verify(kept, undo)


@pytest.mark.parametrize("value", [["tickets"], {"tickets": True}, {"orders": False}, []])
async def test_what_is_not_in_use_cannot_be_taken_out_of_it(value: Any):
    shelf = Shelf(value)
    assert "does not use orders" in await STEP.ready(shelf.kept())
    assert shelf.changes == []


@pytest.mark.parametrize("value", ["orders", True, None, 3])
async def test_a_value_of_another_shape_is_refused_before_anything(value: Any):
    shelf = Shelf(value)
    with pytest.raises(ComponentError, match="neither a list of the tools in use nor a switch"):
        await STEP.ready(shelf.kept())
    assert shelf.changes == []


def test_what_a_plan_and_a_report_say_of_it():
    told = Shelf().kept().component
    assert STEP.wanted(told) == "without orders"
    assert STEP.seen_as(told) == ""
    assert DisableTool(tool="orders", shows="no-orders").seen_as(told) == "no-orders"
