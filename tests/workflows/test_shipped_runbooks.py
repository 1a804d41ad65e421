"""Each shipped runbook, played: dry, so that it touches nothing, and to the end that it is for."""

from pathlib import Path

import pytest

from gameday.catalog.runbook_files import load_runbook
from gameday.domain.runbook_record import RunbookRecord
from gameday.domain.runbook_request import Mode
from tests.workflows.played import Incident, playing, start_of

RUNBOOKS = Path(__file__).resolve().parents[2] / "runbooks"
# What each is for: what the questions answer at first and then, and what it then does.
PLAYS: dict[str, tuple[dict[str, list[str]], list[str]]] = {
    "model-regressed": (
        {"envelope": ["outside", "inside"], "ledger_diff": ["unrecorded"]},
        ["pin_model"],
    ),
    "provider-down": (
        {"provider_reachable": ["no"], "slo": ["missed"], "envelope": ["inside"]},
        ["shift_traffic"],
    ),
    "quota-exhausted": (
        {"provider_reachable": ["no"], "slo": ["met"], "envelope": ["inside"]},
        ["shift_traffic", "set_budget"],
    ),
    "corpus-poisoned": (
        {"ledger_diff": ["corpus"], "envelope": ["inside"]},
        ["revert_corpus"],
    ),
    "cost-runaway": (
        {"slo": ["missed", "met"], "envelope": ["inside"]},
        ["set_budget", "pin_model"],
    ),
    "gateway-compromised": (
        {"envelope": ["inside"]},
        ["shift_traffic", "http", "http"],
    ),
    "safe-state": ({"slo": ["met"]}, ["feature_off"]),
}


async def played(environment, name: str, here: Incident, mode: Mode) -> RunbookRecord:
    here.before = {"corpus": "tree 1", "prompt": "v3"}
    start = start_of(load_runbook(RUNBOOKS / f"{name}.yaml"), mode)
    async with playing(environment, here, start) as run:
        return await run.result()


def changes(here: Incident) -> list[str]:
    return [call.removeprefix("act ") for call in here.calls if call.startswith("act ")]


def test_each_shipped_runbook_is_played_here():
    assert {path.stem for path in RUNBOOKS.glob("*.yaml")} == PLAYS.keys()


@pytest.mark.parametrize("name", sorted(PLAYS))
async def test_a_dry_run_asks_and_touches_nothing(name, hurried_temporal):
    answers, does = PLAYS[name]
    here = Incident(**answers)
    record = await played(hurried_temporal, name, here, Mode.DRY_RUN)
    assert record.outcome == "shown"
    assert {call.split()[0] for call in here.calls} <= {"ask"}  # nobody is told or asked, either
    assert record.sentence.startswith(f"it would do: {does[0]} on ")


@pytest.mark.parametrize("name", sorted(PLAYS))
async def test_it_does_what_it_is_for_and_sees_that_it_helped(name, hurried_temporal):
    answers, does = PLAYS[name]
    here = Incident(**answers)
    here.approves = {"dana"}
    record = await played(hurried_temporal, name, here, Mode.LIVE)
    assert changes(here) == does
    assert record.outcome == "resolved", record.sentence
    assert here.calls[-1] == "errand notify"


# Who are asked for a yes, and say nothing.
SILENCE = {
    "model-regressed": ["feature_off"],
    "corpus-poisoned": ["feature_off"],
    "cost-runaway": ["set_budget"],
    "gateway-compromised": ["shift_traffic", "feature_off"],
}


@pytest.mark.parametrize("name", sorted(SILENCE))
async def test_when_nobody_answers_the_declared_default_is_taken(name, hurried_temporal):
    answers, _ = PLAYS[name]
    here = Incident(**answers)
    record = await played(hurried_temporal, name, here, Mode.LIVE)
    assert changes(here) == SILENCE[name]
    assert any(one.answer == "nobody" for one in record.played)
    assert record.outcome == "handed_over"


@pytest.mark.parametrize("name", ["model-regressed", "provider-down", "quota-exhausted"])
async def test_what_did_not_help_is_taken_back(name, hurried_temporal):
    answers, does = PLAYS[name]
    here = Incident(**{**answers, "envelope": ["outside"]})
    here.approves = {"dana"}
    record = await played(hurried_temporal, name, here, Mode.LIVE)
    undone = [call.removeprefix("undo ") for call in here.calls if call.startswith("undo ")]
    assert undone == does[::-1]
    assert record.outcome == "undone"
