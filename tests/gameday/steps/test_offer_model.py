"""`offer_model`: what it offers, when that is refused, and that it goes back to what was in use."""

import pytest

from gameday.steps.offer_model import OfferModel
from tests.gameday.steps.kept import Shelf

OFFER = OfferModel(to="heron-4-2026-08")


async def test_a_model_is_offered_and_taken_out_of_use_again():
    shelf = Shelf()
    kept = shelf.kept(previous=None)
    undo = await kept.backend.snapshot()
    await OFFER.act(kept, undo)
    assert shelf.value == "heron-4-2026-08"
    assert await OFFER.verify(kept, undo) == ""
    await OFFER.undo(kept, undo)
    assert shelf.value == "heron-4"
    assert await OFFER.verify_undone(kept, undo) == ""


async def test_one_that_the_gate_has_sent_away_meanwhile_needs_no_undoing():
    shelf = Shelf()
    kept = shelf.kept()
    undo = await kept.backend.snapshot()
    await OFFER.act(kept, undo)
    shelf.value = "heron-4"  # the gate's own doing
    shelf.changes.clear()
    await OFFER.undo(kept, undo)
    assert await OFFER.verify_undone(kept, undo) == ""
    assert shelf.changes == []


@pytest.mark.parametrize(
    ("shelf", "why"),
    [
        (Shelf(), ""),
        (Shelf(stocks=()), "heron-4-2026-08 is not to be had"),
        (Shelf("heron-4-2026-08"), "uses heron-4-2026-08 already"),
    ],
    ids=["ready", "nowhere served", "in use already"],
)
async def test_what_can_be_known_against_it_is_known_before(shelf, why):
    said = await OFFER.ready(shelf.kept())
    assert why in said
    assert bool(said) == bool(why)
    assert shelf.changes == []


def test_the_front_door_may_call_it_by_another_name():
    told = Shelf().kept().component
    assert OFFER.seen_as(told) == "heron-4-2026-08"
    assert OfferModel(to="heron-4", shows="heron-4-2026-09").seen_as(told) == "heron-4-2026-09"
