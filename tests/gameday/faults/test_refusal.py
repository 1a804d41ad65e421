"""refusal: a 200 in which the model declines, as each dialect has it."""

import json

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import given, made, passes_what_is_no_chat
from tests.gameday.faults.judged import ELSEWHERE, answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS

FAULT = made("refusal")
GOOD = window([answered(quality=1.0)] * 20)


@pytest.mark.parametrize("dialect", ["openai", "azure_openai"])
def test_the_words_are_in_refusal_and_the_content_is_null(dialect: str):
    answer = given(FAULT, dialect, stream=False)
    (choice,) = json.loads(answer.body)["choices"]
    assert answer.status == 200
    assert choice["message"]["content"] is None
    assert choice["message"]["refusal"]
    assert choice["finish_reason"] == "stop"
    assert given(FAULT, dialect).body.count(b'"delta":{"refusal":') > 1


def test_anthropic_stops_for_a_refusal():
    whole = json.loads(given(FAULT, "anthropic", stream=False).body)
    assert whole["content"][0]["text"]
    assert whole["stop_reason"] == "refusal"
    assert b'"stop_reason":"refusal"' in given(FAULT, "anthropic").body


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_provider_has_it(dialect: str):
    assert FAULT.misfit(find(dialect)) == ""


def test_a_list_of_models_stays_what_it_is():
    assert passes_what_is_no_chat(FAULT)


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="refusal"):
        made("refusal", share=2)


def test_felt():
    for one in (
        answered(finish_reason="content_filter"),
        answered(finish_reason="refusal"),
        answered(Outcome.MALFORMED),
        answered(quality=0.0),
        at_primary(Outcome.MALFORMED),
    ):
        assert FAULT.felt(counted(1), "primary", GOOD, window([one])).count == 1


def test_not_felt():
    for seen in (GOOD, window([ELSEWHERE]), window([answered(quality=0.0, by="secondary")])):
        assert not FAULT.felt(counted(1), "primary", GOOD, seen).felt
    hit = window([answered(finish_reason="refusal")])
    assert not FAULT.felt(counted(0, 3), "primary", GOOD, hit).felt
