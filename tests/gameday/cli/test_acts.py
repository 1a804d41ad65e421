"""What a run has changed is shown and put back by hand: the last change first, and honestly."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gameday.cli import acts as command
from gameday.cli.main import main
from gameday.domain.act import ActRecord, ActState
from gameday.domain.component import version_of
from gameday.domain.verdict import ExitCode
from tests.gameday.domain.test_act import record


class Injector:
    """As a client sees it. stays: the ids of acts that others have changed meanwhile."""

    def __init__(self, *records: ActRecord, stays: tuple[str, ...] = ()) -> None:
        self.records = {one.id: one for one in records}
        self.stays = stays
        self.undone: list[str] = []

    async def acts(self, run_id: str) -> list[ActRecord]:
        return [one for one in self.records.values() if one.run_id == run_id]

    async def undo_act(self, act_id: str) -> ActRecord:
        self.undone.append(act_id)
        known = self.records[act_id]
        if act_id in self.stays:
            return known.model_copy(update={"undo_failed": "it is theirs; decide who is right"})
        return known.model_copy(update={"state": ActState.UNDONE, "after": known.before})


FIRST = record(
    state=ActState.DONE, before=version_of("heron-4"), after=version_of("heron-4-2026-08"),
    approved_by=("bob",),
)  # fmt: skip
SECOND = record(state=ActState.NOT_DONE, id="7Q2K-act-2", unverified="it is x, not y")


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def run(injector: Injector, *argv: str) -> tuple[int, str, str]:
        monkeypatch.setattr(command, "InjectorClient", lambda *_: injector)
        monkeypatch.setenv("GAMEDAY_INJECTOR_TOKEN", "t")
        code = main(["acts", *argv, "--injector", "http://i", "--state", str(tmp_path)])
        told: Any = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_what_was_changed_by_whom_and_what_became_of_it(call: Callable[..., tuple[int, str, str]]):
    code, out, _ = call(Injector(FIRST, SECOND), "7Q2K")
    assert code == ExitCode.PASSED
    assert "done      7Q2K-act-1  pin_model on component/model, to previous" in out
    assert "heron-4 (" in out
    assert "asked by ada, approved by bob" in out
    assert "not done  7Q2K-act-2" in out
    assert "it is x, not y" in out


def test_put_back_in_reverse_order(call: Callable[..., tuple[int, str, str]]):
    injector = Injector(FIRST, SECOND)
    code, out, _ = call(injector, "7Q2K", "--undo")
    assert (code, injector.undone) == (ExitCode.PASSED, ["7Q2K-act-2", "7Q2K-act-1"])
    assert out.count("undone") == 2


def test_what_stays_is_said_and_the_others_go_back_all_the_same(
    call: Callable[..., tuple[int, str, str]],
):
    injector = Injector(FIRST, SECOND, stays=("7Q2K-act-2",))
    code, out, _ = call(injector, "7Q2K", "--undo", "--json")
    assert (code, len(injector.undone)) == (ExitCode.DIRTY, 2)
    assert [one["state"] for one in json.loads(out)] == ["not_done", "undone"]
    code, out, _ = call(injector, "7Q2K", "--undo")
    assert (code, "NOT PUT BACK: it is theirs; decide who is right" in out) == (5, True)


def test_of_a_run_that_changed_nothing_it_says_so(call: Callable[..., tuple[int, str, str]]):
    code, _, err = call(Injector(FIRST), "OTHER")
    assert code == ExitCode.BAD_FILE
    assert "run OTHER has changed nothing that this injector knows of" in err
