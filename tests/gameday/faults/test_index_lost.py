"""`index_lost`: an empty index in the place of the one that is searched."""

from gameday.faults.index_lost import IndexLost
from tests.gameday.steps.kept import Shelf


def test_it_is_the_empty_one_unless_another_is_named():
    assert IndexLost().change() == "empty"
    assert IndexLost(to="passages_empty").change() == "passages_empty"


async def test_a_store_that_warns_of_an_empty_index_does_not_keep_it_off():
    shelf = Shelf("passages_41", stocks=())
    kept = shelf.kept()
    assert await kept.backend.ready("empty") != ""
    assert await IndexLost().why_not_ready(kept) == ""
    undo = await IndexLost().snapshot(kept)
    fault = IndexLost()
    assert undo == await fault.snapshot(kept)
    await fault.inject(kept, "f1")
    assert shelf.value == "empty"
    await fault.restore(kept, "f1", undo)
    assert shelf.value == "passages_41"


def test_it_is_for_the_index_alone():
    assert IndexLost.misplaced("component/index") == ""
    assert IndexLost.misplaced("component/corpus") == "component/index"
