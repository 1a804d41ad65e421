"""A run as a message for Slack, inside Slack's bounds and unable to call anybody."""

import json
from dataclasses import replace

import pytest

from gameday.domain.result import CheckResult
from gameday.domain.verdict import Held
from gameday.exports.slack import Slack, message_of_run
from gameday.reporting.slack_blocks import HEADER_MAX, SECTION_MAX
from tests.gameday.exports.judged import judged_once
from tests.gameday.reporting.runs import EVERY_RUN

CALLS = "<!channel> <@U123> <#C1|general> <http://evil.example|click> & more"


def texts(message):
    yield message["text"]
    for block in message["blocks"]:
        for one in (*block.get("elements", ()), *([block["text"]] if "text" in block else ())):
            yield one["text"]


def assert_within_bounds(message):
    assert len(message["blocks"]) <= 50
    for block in message["blocks"]:
        if block["type"] == "header":
            assert block["text"]["type"] == "plain_text"
            assert 0 < len(block["text"]["text"]) <= HEADER_MAX
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= SECTION_MAX
        if block["type"] == "context":
            assert 0 < len(block["elements"]) <= 10
    assert len(json.dumps(message)) < 13_000


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_run_is_a_message(name):
    judged = judged_once(name)
    message = json.loads(Slack().render(judged))
    assert_within_bounds(message)
    assert message["text"].startswith(judged.result.verdict.upper())
    assert judged.result.run_id in "".join(texts(message))


def test_what_did_not_hold_comes_first_and_what_to_do_last():
    message = message_of_run(judged_once("failing").result)
    lines = next(text for text in texts(message) if text.startswith("*")).splitlines()
    assert lines[0].startswith("*no*  fallback: 0 answers")
    assert [line.split("*")[1] for line in lines] == sorted(
        (line.split("*")[1] for line in lines), key=["no", "unknown", "yes"].index
    )
    assert list(texts(message))[-1].startswith("next: mend what fallback says no to")


def test_text_of_others_calls_nobody_and_is_no_link():
    judged = judged_once("passing")
    check = CheckResult(kind="slo", name=CALLS, held=Held.NO, reason=CALLS)
    result = judged.result.model_copy(
        update={"checks": (check,), "hypothesis": CALLS, "summary": CALLS, "requested_by": CALLS}
    )
    message = message_of_run(result)
    marked = [text for text in texts(message) if "channel" in text]
    assert len(marked) >= 4
    for text in marked:
        assert "<" not in text
        assert ">" not in text
        assert "&lt;!channel&gt;" in text
    sections = [one for one in message["blocks"] if one["type"] == "section"]
    assert all(one["text"]["verbatim"] for one in sections)


def test_a_run_of_many_long_sentences_fits():
    judged = judged_once("passing")
    check = CheckResult(kind="slo", name="x", held=Held.YES, reason="<&>" * 2000)
    result = judged.result.model_copy(
        update={"checks": (check,) * 60, "summary": "<&>" * 5000, "drill": "d" * 400}
    )
    message = json.loads(Slack().render(replace(judged, result=result)))
    assert_within_bounds(message)
    for text in texts(message):
        assert text.count("&") == sum(text.count(one) for one in ("&amp;", "&lt;", "&gt;"))
