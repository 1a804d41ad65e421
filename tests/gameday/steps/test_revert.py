"""The steps that put a component back: before the edit, or to a version; others' edits stay."""

from dataclasses import replace

import pytest

from gameday.catalog.kinds import steps
from gameday.domain.errors import ChangedByOthersError, ComponentError
from gameday.domain.step import Edited, Kept
from gameday.steps._revert import RevertStep
from gameday.steps.revert_corpus import RevertCorpus
from gameday.steps.revert_parameters import RevertParameters
from gameday.steps.revert_prompt import RevertPrompt
from tests.gameday.steps.kept import Shelf

KINDS = {
    RevertCorpus: {"corpus", "index"},
    RevertParameters: {"parameters"},
    RevertPrompt: {"prompt"},
}
BEFORE, EDIT, OTHER = "support-v3", "support-v4", "support-v2"
every_kind = pytest.mark.parametrize("kind", KINDS)


def test_every_kind_is_tried_here():
    assert {kind for _, kind in steps.kinds() if issubclass(kind, RevertStep)} == KINDS.keys()


@every_kind
def test_what_it_is_for_and_what_the_front_door_calls_it(kind):
    told = Shelf().kept().component
    assert kind.components == KINDS[kind]
    assert kind().seen_as(told) == ""
    assert kind(to=OTHER).seen_as(told) == OTHER
    assert kind(to=7, shows="v7").seen_as(told) == "v7"
    assert kind().goes_before
    assert not kind(to=OTHER).goes_before


async def edited(shelf: Shelf) -> Kept:
    """The shelf as a fault has left it, and as a step of the same run finds it."""
    kept = shelf.kept()
    undo = await kept.backend.snapshot()
    await kept.backend.change(EDIT, undo)
    return replace(kept, edited=Edited(to=EDIT, undo=undo))


@every_kind
async def test_it_goes_back_before_the_edit_and_stays_there(kind):
    step = kind()
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


@every_kind
async def test_what_others_have_set_meanwhile_stays(kind):
    step = kind()
    shelf = Shelf(BEFORE)
    kept = await edited(shelf)
    undo = await step.snapshot(kept)
    shelf.value = "theirs"
    with pytest.raises(ChangedByOthersError, match="theirs"):
        await step.act(kept, undo)
    assert shelf.value == "theirs"
    assert "theirs" in await step.verify_undone(kept, undo)


@every_kind
async def test_what_it_could_not_take_back_is_left_to_the_fault(kind):
    step = kind()
    shelf = Shelf(BEFORE)
    kept = await edited(shelf)
    undo = await step.snapshot(kept)
    shelf.stubborn = True
    await step.act(kept, undo)
    assert await step.verify(kept, undo) != ""
    assert await step.verify_undone(kept, undo) == ""  # the fault's own restore is still to come


@every_kind
async def test_without_an_edit_there_is_no_before(kind):
    with pytest.raises(ComponentError, match="nobody knows what was before it"):
        await kind().snapshot(Shelf(BEFORE).kept())


@every_kind
async def test_a_version_is_set_and_goes_back_by_compare_and_set(kind):
    step = kind(to=OTHER)
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


@every_kind
async def test_a_version_that_is_gone_is_refused_before(kind):
    step = kind(to=OTHER)
    shelf = Shelf(BEFORE, stocks=())
    assert f"{OTHER} is not to be had" in await step.ready(await edited(shelf))
