"""content_filter: before the model as a 400, after it as a 200 that ends for the filter."""

import json

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, headers_of, made, passes_what_is_no_chat
from tests.gameday.faults.judged import ELSEWHERE, answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS

GOOD = window([answered(quality=1.0)] * 19 + [answered(quality=0.0)])
PROMPT, ANSWER = made("content_filter"), made("content_filter", where="answer")


@pytest.mark.parametrize(
    ("dialect", "code"),
    [("openai", "invalid_prompt"), ("azure_openai", "content_filter"), ("anthropic", None)],
)
def test_a_prompt_gets_a_400(dialect: str, code: str | None):
    assert PROMPT.misfit(find(dialect)) == ""
    answer = given(PROMPT, dialect)
    assert answer.status == 400
    assert error_of(answer).get("code") == code


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer_begins_and_ends_for_the_filter(dialect: str):
    whole = json.loads(given(ANSWER, dialect, stream=False).body)
    if dialect == "anthropic":
        assert whole["stop_reason"] == "refusal"
        assert whole["content"][0]["text"]
    else:
        assert whole["choices"][0]["finish_reason"] == "content_filter"
        assert whole["choices"][0]["message"]["content"]
    streamed = given(ANSWER, dialect)
    assert streamed.status == 200
    assert headers_of(streamed)["content-type"].startswith("text/event-stream")
    reason = b'"refusal"' if dialect == "anthropic" else b'"content_filter"'
    assert reason in streamed.body


def test_a_list_of_models_stays_what_it_is():
    assert passes_what_is_no_chat(ANSWER)


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="content_filter"):
        made("content_filter", where="both")


@pytest.mark.parametrize("fault", [PROMPT, ANSWER])
def test_felt_by_the_finish_reason_or_the_attempt(fault):
    for one in (answered(finish_reason="content_filter"), at_primary(Outcome.HTTP_ERROR)):
        felt = fault.felt(counted(1), "primary", GOOD, window([one]))
        assert felt.sentence == (
            "the gate changed 1 of 1 answers; 1 request tried primary and was declined there"
        )


def test_felt_by_worthless_answers_when_the_reason_was_hidden():
    hidden = window([answered(quality=0.0, finish_reason="stop")] * 10)
    felt = ANSWER.felt(counted(10), "primary", GOOD, hidden)
    assert felt.sentence.endswith("10 requests tried primary and got an answer with a quality of 0")


def test_not_felt():
    usual = window([answered(quality=1.0)] * 18 + [answered(quality=0.0)] * 2)
    for seen in (GOOD, usual, window([ELSEWHERE])):
        assert not ANSWER.felt(counted(5), "primary", GOOD, seen).felt
    assert not ANSWER.felt(counted(0), "primary", GOOD, window([answered(Outcome.CUT)])).felt
