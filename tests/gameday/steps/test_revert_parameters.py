"""`revert_parameters`: back to before the edit, or to a version; others' edits stay."""

from gameday.steps.revert_parameters import RevertParameters
from tests.gameday.steps import reverting
from tests.gameday.steps.kept import Shelf

TO_BEFORE, TO_VERSION = RevertParameters(), RevertParameters(to=reverting.OTHER)


async def test_it_goes_back_before_the_edit_and_stays_there():
    await reverting.goes_back_before_the_edit(TO_BEFORE)


async def test_what_others_have_set_meanwhile_stays():
    await reverting.leaves_others_edits_alone(TO_BEFORE)


async def test_what_it_could_not_take_back_is_left_to_the_fault():
    await reverting.leaves_an_edit_that_it_could_not_take_back_to_the_fault(TO_BEFORE)


async def test_without_an_edit_there_is_no_before():
    await reverting.needs_an_edit_to_go_before(TO_BEFORE)


async def test_a_version_is_set_and_goes_back_by_compare_and_set():
    await reverting.goes_to_a_version_and_back(TO_VERSION)


async def test_a_version_that_is_gone_is_refused_before():
    await reverting.refuses_a_version_that_is_gone(TO_VERSION)


def test_what_the_front_door_calls_it():
    told = Shelf().kept().component
    assert TO_BEFORE.seen_as(told) == ""
    assert TO_VERSION.seen_as(told) == reverting.OTHER
    assert RevertParameters(to=7, shows="v7").seen_as(told) == "v7"
    assert TO_BEFORE.goes_before
    assert not TO_VERSION.goes_before
