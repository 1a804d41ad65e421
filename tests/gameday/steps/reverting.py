"""What every step must do that puts a component back; each has a test file of its own."""

from dataclasses import replace

import pytest

from gameday.domain.errors import ChangedByOthersError, ComponentError
from gameday.domain.step import Edited, Kept
from gameday.steps._revert import RevertStep
from tests.gameday.steps.kept import Shelf

BEFORE, EDIT, OTHER = "support-v3", "support-v4", "support-v2"


async def edited(shelf: Shelf) -> Kept:
    """The shelf as a fault has left it, and as a step of the same run finds it."""
    kept = shelf.kept()
    undo = await kept.backend.snapshot()
    await kept.backend.change(EDIT, undo)
    return replace(kept, edited=Edited(to=EDIT, undo=undo))


async def goes_back_before_the_edit(step: RevertStep) -> None:
    shelf = Shelf(BEFORE)
    kept = await edited(shelf)
    undo = await step.snapshot(kept)
    assert await step.verify(kept, undo) != ""
    for _ in range(2):
        await step.act(kept, undo)
        assert shelf.value == BEFORE
        assert await step.verify(kept, undo) == ""
    await step.undo(kept, undo)  # would put the bad edit back
    assert shelf.value == BEFORE
    assert await step.verify_undone(kept, undo) == ""


async def leaves_others_edits_alone(step: RevertStep) -> None:
    shelf = Shelf(BEFORE)
    kept = await edited(shelf)
    undo = await step.snapshot(kept)
    shelf.value = "theirs"
    with pytest.raises(ChangedByOthersError, match="theirs"):
        await step.act(kept, undo)
    assert shelf.value == "theirs"
    assert "theirs" in await step.verify_undone(kept, undo)


async def leaves_an_edit_that_it_could_not_take_back_to_the_fault(step: RevertStep) -> None:
    shelf = Shelf(BEFORE)
    kept = await edited(shelf)
    undo = await step.snapshot(kept)
    shelf.stubborn = True
    await step.act(kept, undo)
    assert await step.verify(kept, undo) != ""
    assert await step.verify_undone(kept, undo) == ""  # the fault's own restore is still to come


async def needs_an_edit_to_go_before(step: RevertStep) -> None:
    with pytest.raises(ComponentError, match="nobody knows what was before it"):
        await step.snapshot(Shelf(BEFORE).kept())


async def goes_to_a_version_and_back(step: RevertStep) -> None:
    shelf = Shelf(BEFORE, stocks=(OTHER,))
    kept = await edited(shelf)
    assert await step.ready(kept) == ""
    undo = await step.snapshot(kept)
    await step.act(kept, undo)
    assert shelf.value == OTHER
    assert await step.verify(kept, undo) == ""
    await step.undo(kept, undo)
    assert shelf.value == EDIT
    assert await step.verify_undone(kept, undo) == ""


async def refuses_a_version_that_is_gone(step: RevertStep) -> None:
    shelf = Shelf(BEFORE, stocks=())
    assert f"{OTHER} is not to be had" in await step.ready(await edited(shelf))
