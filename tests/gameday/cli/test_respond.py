"""`gameday respond`, before and beside Temporal: what it refuses, and what it shows."""

import io
from datetime import UTC, datetime

import pytest

from gameday.cli.main import main
from gameday.cli.respond_screen import RespondScreen
from gameday.domain.runbook_record import Outcome
from gameday.domain.runbook_request import Mode
from gameday.domain.verdict import ExitCode
from gameday.domain.waiting import Waiting
from tests.gameday.reporting.played import ASKED, INSIDE, REVERTED, make_played


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "what is done for good is done for an incident, and none is named"),
        (["--dry-run", "--input", "provider"], "--input provider: expected a name and a value"),
        (["--dry-run"], "nothing runs in"),
    ],
)
def test_what_it_cannot_begin_with(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    assert main(["respond", "model-regressed", *arguments]) == ExitCode.BAD_FILE
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.RESOLVED, 0), (Outcome.SHOWN, 0), (Outcome.UNDONE, 1), (Outcome.FAILED, 1),
        (Outcome.HANDED_OVER, 3), (Outcome.STOPPED, 4), (Outcome.DIRTY, 5), (None, 3),
    ],
)  # fmt: skip
def test_what_a_shell_sees(outcome, code):
    assert make_played(outcome=outcome).exit_code == code


def test_each_item_is_said_once_as_it_begins_and_as_it_ends():
    out = io.StringIO()
    screen = RespondScreen(out)
    begun = ASKED.model_copy(update={"ended_at": None, "answer": ""})
    for played in ([begun], [ASKED], [ASKED, REVERTED, INSIDE]):
        screen.show(make_played(*played))
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert [line[0] for line in lines if not line[0][0].isdigit()] == ["what", "back", "again"]
    assert "prompt: prompt, from support-v3" in out.getvalue()
    assert out.getvalue().count("-> end") == 1


def test_whoever_waits_is_told_what_to_type_and_what_happens_else():
    out = io.StringIO()
    at = datetime(2026, 11, 30, 2, 15, tzinfo=UTC)
    RespondScreen(out).ask(
        Waiting(
            run_id="7Q2K",
            target="lab",
            environment="lab",
            injector="http://127.0.0.1:1",
            asked_by="ada",
            digest="d" * 64,
            title="What now?",
            lines=(),
            until=at,
            choices={"off": "end"},
            otherwise="it goes on with off",
        )
    )
    assert "gameday approve 7Q2K --answer off" in out.getvalue()
    assert "if nobody does by 02:15:00: it goes on with off" in out.getvalue()


def test_the_end_says_the_outcome_first():
    out = io.StringIO()
    record = make_played(
        INSIDE, mode=Mode.LIVE, outcome=Outcome.HANDED_OVER, sentence="dana goes on"
    )
    RespondScreen(out).end(record)
    assert out.getvalue().splitlines()[1] == "HANDED_OVER   dana goes on"
