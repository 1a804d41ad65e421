"""`gameday incident`: opened, listed and closed by a person."""

import json

import pytest

from gameday.cli.main import main
from gameday.store.incidents import Incidents
from tests.gameday.serve.served import folder_of


@pytest.fixture
def gameday(tmp_path, capsys, monkeypatch):
    """The command, where no Temporal is known."""
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = folder_of(tmp_path)

    def call(what, *argv):
        here = ["--state", str(folder / ".gameday")]
        if what == "open":
            here += ["--target", str(folder / "gameday.yaml")]
        code = main(["incident", what, *argv, *here])
        return code, capsys.readouterr()

    return call


def test_an_incident_is_opened_shown_and_closed(gameday, tmp_path):
    code, said = gameday("open", "answers cite \x1b[2Jnothing", "--id", "INC-12", "--as", "dana")
    assert code == 0, said.err
    head, what, stopped = said.out.splitlines()
    assert head.startswith("INC-12  open  lab/lab  since 20")
    assert what == "    answers cite [2Jnothing; by dana"
    assert stopped == "  no Temporal is known here, so no drill was told to end"
    _, said = gameday("list", "--json")
    (shown,) = json.loads(said.out)
    assert (shown["id"], shown["environment"], shown["closed_at"]) == ("INC-12", "lab", None)
    code, said = gameday("close", "INC-12", "--as", "erik")
    assert code == 0
    assert "closed" in said.out
    assert " by erik" in said.out
    _, said = gameday("list")
    assert said.out == "no incident is open\n"
    _, said = gameday("list", "--all")
    assert said.out.startswith("INC-12  closed")


def test_what_is_told_twice_is_one_incident(gameday, tmp_path):
    for _ in range(2):
        assert gameday("open", "slow", "--id", "INC-12")[0] == 0
    assert len(Incidents(tmp_path / ".gameday").all()) == 1


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("close", "INC-9"), "there is no incident INC-9"),
        (("open", "slow", "--id", "INC 12"), "cannot be what an incident is called"),
        (("open", ""), "cannot be what an incident is called"),
        (("open", "slow", "--environment", "moon"), "has the environments lab; moon was named"),
    ],
)
def test_a_mistake_is_told_with_the_way_on(gameday, argv, says):
    code, said = gameday(*argv)
    assert code == 2
    assert says in said.err
    assert "\n  next  " in said.err


def test_one_that_was_closed_is_neither_opened_nor_closed_again(gameday):
    assert gameday("open", "slow", "--id", "INC-12")[0] == 0
    assert gameday("close", "INC-12")[0] == 0
    code, said = gameday("open", "slow again", "--id", "INC-12")
    assert code == 2
    assert "incident INC-12 is closed, and was on target lab" in said.err
    code, said = gameday("close", "INC-12")
    assert code == 2
    assert "is closed already" in said.err
