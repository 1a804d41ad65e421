"""People are told where they are: in Slack, by a program, at an address; and why not, if not."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from temporalio.testing import ActivityEnvironment

from activities.channels import require_channel
from activities.messages import TellPeople
from activities.people import PeopleActivities
from gameday.catalog.misfit import Misfit, fit
from gameday.domain.channel import Channel
from gameday.domain.errors import FileError
from gameday.domain.statement import Statement
from gameday.domain.target import Target
from gameday.domain.value import Value
from gameday.domain.waiting import Waiting, waiting_drill
from tests.activities.slack_stand_in import TOKEN, slack
from tests.gameday.reporting.runs import passing_run

REQUEST = passing_run().record.request
UNTIL = datetime(2026, 11, 30, 3, 10, tzinfo=UTC)
WAITING = waiting_drill(REQUEST, UNTIL)


@pytest.fixture
def here():
    with slack() as stand_in:
        yield stand_in


@pytest.fixture(autouse=True)
def secrets(monkeypatch, here):
    monkeypatch.setenv("SLACK_HOOK", f"{here.url}/hook")
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)


def by_hook(**more) -> Channel:
    return Channel.model_validate({"slack": {"webhook": "env:SLACK_HOOK"} | more})


def by_bot(here, **more) -> Channel:
    place = {"token": "env:SLACK_TOKEN", "channel": "C0123ABCD", "api": f"{here.url}/api"}
    return Channel.model_validate({"slack": place | more})


async def tell(*channels: Channel, folder: Path = Path(), waiting=WAITING, say="") -> list[str]:
    wanted = TellPeople(
        target=REQUEST.target.model_copy(update={"notify": channels}),
        target_file=str(folder / "gameday.yaml"),
        run_id=REQUEST.run_id,
        environment=REQUEST.environment,
        waiting=waiting,
        say=say,
    )
    people = PeopleActivities(None, None)
    return list(await ActivityEnvironment().run(people.tell_people, wanted))


async def test_slack_is_told_what_is_asked_and_what_happens_if_nobody_answers(here):
    assert await tell(by_hook(), by_bot(here)) == []
    (hooks_path, by_webhook), (bots_path, by_token) = here.messages
    assert (hooks_path, bots_path) == ("/hook", "/api/chat.postMessage")
    assert by_token["channel"] == "C0123ABCD"
    shown = json.dumps(by_webhook)
    assert "*If nobody answers* by 2026-11-30 03:10 UTC: the run ends refused" in shown
    assert f"gameday approve {REQUEST.run_id}" in shown
    assert WAITING.digest in shown
    assert all(block["type"] != "actions" for block in by_webhook["blocks"])


async def test_each_button_holds_the_whole_statement(here):
    assert await tell(by_hook(buttons=True)) == []
    buttons = here.messages[0][1]["blocks"][-1]["elements"]
    said = [Statement.model_validate_json(one["value"]) for one in buttons]
    assert said == list(WAITING.statements().values())
    assert {one.digest for one in said} == {WAITING.digest}
    assert [one["text"]["text"] for one in buttons] == ["Approve", "Deny"]


async def test_a_question_has_a_button_for_each_choice(here):
    choices = {"safe_state": "off", "leave": "end"}
    asked = WAITING.model_copy(update={"choices": choices, "title": "Which?"})
    assert await tell(by_hook(buttons=True), waiting=asked) == []
    message = here.messages[0][1]
    assert [one["action_id"] for one in message["blocks"][-1]["elements"]] == [
        "gameday:safe_state", "gameday:leave",
    ]  # fmt: skip
    assert "*safe_state*  off" in json.dumps(message)


HOSTILE = "<!channel> <https://evil|look> & *all*\n\u202egnp"


async def test_what_others_wrote_calls_nobody(here):
    hostile = Waiting.model_validate(
        WAITING.model_dump() | {"title": HOSTILE, "lines": (HOSTILE * 90,), "asked_by": HOSTILE}
    )
    assert await tell(by_hook(), waiting=hostile) == []
    for block in here.messages[0][1]["blocks"][1:]:
        texts = [block["text"]] if "text" in block else block["elements"]
        for text in texts:
            assert "<" not in text["text"], text
            assert "\u202e" not in text["text"]
            assert text["verbatim"]


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ((200, '{"ok": false, "error": "ratelimited"}'), "Slack refuses it: ratelimited"),
        ((200, "<html>"), "Slack answers something that is no JSON"),
        ((429, "slow down"), "Slack answers 429: slow down"),
    ],
)
async def test_a_bot_that_is_not_heard_says_why(here, says, why):
    here.says = says
    assert await tell(by_bot(here)) == [why]


async def test_a_secret_that_is_missing_or_a_slack_that_is_away_is_told(here, monkeypatch):
    monkeypatch.setenv("SLACK_HOOK", "http://127.0.0.1:9/T000/B000/secret")
    (why,) = await tell(by_hook())
    assert why.startswith("Slack does not answer")
    assert "secret" not in why
    monkeypatch.delenv("SLACK_HOOK")
    assert await tell(by_hook()) == ["the secret env:SLACK_HOOK is not there"]
    with pytest.raises(FileError, match="env:SLACK_HOOK is not there"):
        require_channel(by_hook(), Path())


async def test_one_channel_that_fails_keeps_no_other_from_hearing(here, tmp_path):
    away = Channel(command=("./away",))
    program = tmp_path / "page"
    program.write_text("#!/bin/sh\ncat > told.json\n")
    program.chmod(0o755)
    failures = await tell(away, Channel(command=("./page",)), by_hook(), folder=tmp_path)
    assert len(failures) == 1
    assert failures[0].startswith("./away cannot be run")
    told = json.loads((tmp_path / "told.json").read_text())
    assert (told["digest"], told["says"]) == (WAITING.digest, ["approve", "deny"])
    assert told["otherwise"] == "the run ends refused, and nothing is touched"
    assert len(here.messages) == 1


async def test_a_runbook_says_a_sentence(here):
    assert await tell(by_hook(), waiting=None, say="All is well & <good>") == []
    assert here.messages[0][1]["text"] == "All is well &amp; &lt;good&gt;"


@pytest.mark.parametrize(
    ("channel", "why"),
    [
        ({}, "exactly one of command, post and slack"),
        ({"post": "http://x.example", "slack": {"webhook": "env:A"}}, "exactly one of command"),
        ({"slack": {}}, "exactly one of webhook and token"),
        ({"slack": {"token": "env:A"}}, "channel belongs to token"),
        ({"slack": {"webhook": "env:A", "channel": "C1"}}, "channel belongs to token"),
        ({"slack": {"webhook": "https://hooks.slack.com/T/B/x"}}, "pattern"),
        ({"command": ["page"], "key": "env:K"}, "key and sign belong to post"),
    ],
)
def test_a_channel_that_is_none_is_refused(channel, why):
    with pytest.raises(ValidationError, match=why):
        Channel.model_validate(channel)


CHANNELS = [
    (None, []),
    ({"command": ["page"]}, ["page"]),
    ([], []),
    ([{"command": ["page"]}, {"slack": {"webhook": "env:A"}}], ["page", "Slack"]),
]


@pytest.mark.parametrize(("given", "names"), CHANNELS)
def test_a_target_has_one_channel_or_several_or_none(given, names):
    """As a file is read, which converts no type."""

    class Told(Value):
        notify: Target.__annotations__["notify"] = None

    told = fit(Told, {"notify": given}).notify
    made = REQUEST.target.model_copy(update={"notify": told})
    assert [channel.name for channel in made.channels] == names


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"slack": {"webook": "env:A"}}, "did you mean 'webhook'"),
        ([{"command": ["page"]}, {"slack": {}}], "exactly one of webhook and token"),
        ({"comand": ["page"]}, "did you mean 'command'"),
        (3, "found 3"),
    ],
)
def test_a_wrong_channel_is_told_as_what_it_was_meant_to_be(given, says):
    class Told(Value):
        notify: Target.__annotations__["notify"] = None

    with pytest.raises(Misfit, match=says):
        fit(Told, {"notify": given})
