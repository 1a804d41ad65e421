"""Errands: each asks the desk for just what it says, and changes no component."""

import pytest

from gameday.catalog.kinds import errands
from gameday.domain.errand import Done
from gameday.domain.runbook import DeedSpec

ASKED = {
    "notify": ({"say": "All is well"}, ("tell", "All is well"), "tells people: All is well"),
    "run_suite": (
        {"requests": 20, "rate": "2/s"},
        ("ask_suite", 20, 2.0),
        "asks the suite 20 times",
    ),
    "start_drill": (
        {"drill": "provider-outage"},
        ("start_drill", "provider-outage"),
        "starts the drill provider-outage",
    ),
    "stop_drills": ({}, ("stop_drills",), "stops every drill on this target"),
}


class Listening:
    """A desk that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def __getattr__(self, name: str):
        async def ask(*told: object) -> Done:
            self.asked.append((name, *told))
            return Done(sentence="done")

        return ask


def test_every_errand_is_tested_here():
    assert {kind for kind, _ in errands.kinds()} == ASKED.keys()


@pytest.mark.parametrize("kind", sorted(ASKED))
async def test_it_asks_for_what_it_says(kind):
    settings, asked, words = ASKED[kind]
    errand, desk = errands.make(DeedSpec(kind=kind, settings=settings)), Listening()
    assert await errand.run(desk) == Done(sentence="done")
    assert desk.asked == [asked]
    assert errand.words == words


def test_what_would_reach_beyond_the_drill_is_left_out_in_one():
    assert {kind: made.in_drill for kind, made in errands.kinds()} == {
        "notify": True,
        "run_suite": True,
        "start_drill": False,
        "stop_drills": False,
    }
