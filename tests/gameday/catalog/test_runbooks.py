"""The shipped runbooks keep what their guide promises, on every way that they can be played."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from gameday.catalog.files import drill_names, load_drill
from gameday.catalog.kinds import questions, waits
from gameday.catalog.runbook_files import load_runbook, sort_of
from gameday.domain.question import UNKNOWN
from gameday.domain.runbook import END, RESERVED, Ask, Do, Runbook

ROOT = Path(__file__).resolve().parents[3]
FILES = {path.stem: path for path in sorted((ROOT / "runbooks").glob("*.yaml"))}
SEVEN = {
    "model-regressed", "provider-down", "quota-exhausted", "corpus-poisoned", "cost-runaway",
    "gateway-compromised", "safe-state",
}  # fmt: skip
SAFE = frozenset({"feature_off", "set_budget"})  # stop the damage, whatever it is
Step = tuple[Ask | Do, str]  # an item, and what came of it


@pytest.fixture(params=sorted(FILES))
def runbook(request) -> Runbook:
    return load_runbook(FILES[request.param])


def outcomes(runbook: Runbook, item: Ask | Do) -> Iterator[tuple[str, str]]:
    """What may come of an item, and the place that each leads to."""
    following = runbook.following(item.name)
    if isinstance(item, Ask):
        for answer in questions.make(item).answers:
            yield answer, item.after(answer) or following
    elif item.choices:
        yield from item.choices.items()
        yield "nobody", item.nobody or END
    else:
        yield "done", item.then or following
        if sort_of(item) == "step":
            yield "failed", item.if_not or "handed over"
        if item.approvals:
            yield "nobody", item.nobody or "handed over"


def ways(runbook: Runbook, place: str) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Every way from a place on, with the place where it ends."""
    if place in (*RESERVED, "handed over"):
        yield (), place
        return
    item = runbook.item(place)
    for outcome, to in outcomes(runbook, item):
        for rest, end in ways(runbook, to):
            yield ((item, outcome), *rest), end


def every_way(runbook: Runbook) -> list[tuple[tuple[Step, ...], str]]:
    return list(ways(runbook, runbook.play[0].name))


def changes(item: Ask | Do) -> bool:
    return isinstance(item, Do) and sort_of(item) == "step"


def test_there_are_the_seven_and_each_is_called_as_its_file():
    assert FILES.keys() >= SEVEN
    for name, path in FILES.items():
        assert load_runbook(path).runbook == name


def test_each_is_rehearsed_by_a_drill():
    rehearsed = {
        drill.respond_with.runbook
        for _, _, path in drill_names()
        if (drill := load_drill(path)).respond_with is not None
    }
    assert rehearsed >= SEVEN


def test_unknown_is_no_yes(runbook):
    """An answer that nobody could give changes nothing, but for what stops the damage."""
    for way, _ in every_way(runbook):
        for (_, outcome), (item, _) in pairwise(way):
            if outcome == UNKNOWN and changes(item):
                assert item.kind in SAFE or item.approvals, (runbook.runbook, item.name)


def test_whoever_is_asked_and_says_nothing_has_a_declared_way(runbook):
    for item in runbook.play:
        if isinstance(item, Do) and (item.approvals or item.choices):
            assert item.nobody is not None, item.name


def test_bringing_back_another_version_needs_a_person_and_stopping_the_damage_none(runbook):
    for item in runbook.play:
        if changes(item):
            brings_back = item.kind.startswith(("revert_", "pin_")) or item.on.startswith("action/")
            assert bool(item.approvals) is brings_back, item.name


def test_no_way_ends_as_if_all_were_well_without_asking_after_the_last_change(runbook):
    for way, end in every_way(runbook):
        done = [
            place for place, (item, outcome) in enumerate(way)
            if changes(item) and outcome == "done"
        ]  # fmt: skip
        if not done or end != END:
            continue
        after = way[done[-1] + 1 :]
        last = way[done[-1]][0]
        asked = [
            outcome for item, outcome in after
            if isinstance(item, Ask) and outcome in questions.make(item).well
        ]  # fmt: skip
        people = any(isinstance(item, Do) and item.choices for item, _ in after)
        gave_up = any(changes(item) and outcome == "failed" for item, outcome in after)
        assert asked or people or gave_up or last.kind == "feature_off", [
            (item.name, outcome) for item, outcome in way
        ]


def test_every_way_tells_people_or_asks_them(runbook):
    told = {"notify", "ask_person"}
    for way, end in every_way(runbook):
        if end == END:
            assert any(item.kind in told for item, _ in way), [item.name for item, _ in way]


def test_a_wait_for_people_is_not_longer_than_half_an_hour(runbook):
    for item in runbook.play:
        if isinstance(item, Do) and item.kind in dict(waits.kinds()):
            assert item.within <= 1800
        if isinstance(item, Do):
            assert item.approve_within <= 1800
