"""`pin_model`: what it sets, when it is refused, and that it goes back to what was there."""

import pytest

from gameday.domain.errors import ChangedByOthersError
from gameday.steps.pin_model import PinModel
from tests.gameday.steps.kept import Shelf


async def test_previous_is_what_the_target_names():
    shelf = Shelf()
    kept = shelf.kept()
    undo = await kept.backend.snapshot()
    await PinModel().act(kept, undo)
    assert shelf.value == "heron-4-2026-08"
    assert await PinModel().verify(kept, undo) == ""
    await PinModel().undo(kept, undo)
    assert shelf.value == "heron-4"
    assert await PinModel().verify_undone(kept, undo) == ""


async def test_a_version_is_set_as_it_is_named():
    shelf = Shelf()
    kept = shelf.kept()
    await PinModel(to="heron-3").act(kept, await kept.backend.snapshot())
    assert shelf.value == "heron-3"


async def test_what_others_have_set_meanwhile_stays():
    shelf = Shelf()
    kept = shelf.kept()
    undo = await kept.backend.snapshot()
    await PinModel().act(kept, undo)
    shelf.value = "heron-5"
    with pytest.raises(ChangedByOthersError, match=r"heron-5: neither heron-4-2026-08.* nor heron"):
        await PinModel().undo(kept, undo)
    assert shelf.value == "heron-5"


async def test_a_mechanism_that_says_yes_and_does_nothing_is_found_out():
    shelf = Shelf()
    shelf.stubborn = True
    kept = shelf.kept()
    undo = await kept.backend.snapshot()
    await PinModel().act(kept, undo)
    assert await PinModel().verify(kept, undo) == "the shelf is heron-4, not heron-4-2026-08"


@pytest.mark.parametrize(
    ("shelf", "told", "why"),
    [
        (Shelf(), {}, ""),
        (Shelf(stocks=()), {}, "heron-4-2026-08 is not to be had"),
        (Shelf(), {"previous": None}, "has no `previous`"),
        (Shelf("heron-4-2026-08"), {}, "at heron-4-2026-08 already"),
    ],
    ids=["ready", "no warm standby", "nothing named", "pinned already"],
)
async def test_what_can_be_known_against_it_is_known_before(shelf, told, why):
    said = await PinModel().ready(shelf.kept(**told))
    assert why in said
    assert bool(said) == bool(why)
    assert shelf.changes == []


def test_the_front_door_may_call_it_by_another_name():
    told = Shelf().kept().component
    assert PinModel().seen_as(told) == "heron-4-2026-08"
    assert PinModel(shows="heron-2026-08-06").seen_as(told) == "heron-2026-08-06"
    assert PinModel(to="heron-3").seen_as(told) == "heron-3"
    assert PinModel().seen_as(Shelf().kept(previous=None).component) == ""
