"""Waits: what a workflow is told to wait for."""

import pytest

from gameday.catalog.kinds import waits
from gameday.domain.errand import Pause
from gameday.domain.errors import FileError
from gameday.domain.runbook import DeedSpec, QuestionSpec


def pause(kind: str, **settings) -> Pause:
    return waits.make(DeedSpec(kind=kind, settings=settings)).pause


def test_people_are_asked_a_question():
    assert pause("ask_person", question="What now?") == Pause(people="What now?")
    assert dict(waits.kinds())["ask_person"].asks_people


def test_a_time_goes_by():
    assert pause("wait_until", seconds="90s") == Pause(seconds=90.0)


def test_a_question_is_asked_until_it_is_answered_so():
    asked = {"ask": "slo", "slo": "availability"}
    assert pause("wait_until", question=asked, **{"is": ["met"]}, every="5s") == Pause(
        until=QuestionSpec(kind="slo", settings={"slo": "availability"}),
        answers=("met",),
        every_s=5.0,
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"seconds": "5s", "question": {"ask": "slo"}, "is": ["met"]},
        {"question": {"ask": "slo"}},
    ],
)
def test_neither_or_both_is_refused(settings):
    with pytest.raises(FileError):
        pause("wait_until", **settings)
