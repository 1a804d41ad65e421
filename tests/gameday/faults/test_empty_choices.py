"""empty_choices: everything in its place, and nothing in it."""

import json

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from tests.gameday.faults.given import given, made, passes_what_is_no_chat
from tests.gameday.faults.judged import GOOD, answered, counted, window
from tests.gameday.faults.wired import DIALECTS, event_of

FAULT = made("empty_choices")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_whole_answer_has_none(dialect: str):
    answer = given(FAULT, dialect, stream=False)
    assert answer.status == 200
    assert json.loads(answer.body)["content" if dialect == "anthropic" else "choices"] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_ends_properly_without_content(dialect: str):
    body = given(FAULT, dialect).body
    events = [event_of(dialect, raw + b"\n\n") for raw in body.split(b"\n\n") if raw]
    assert not any(event.is_content for event in events)
    ends = b"message_stop" if dialect == "anthropic" else b"[DONE]"
    assert ends in events[-1].data


def test_a_list_of_models_stays_what_it_is():
    assert passes_what_is_no_chat(FAULT)


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="empty_choices"):
        made("empty_choices", choices=0)


def test_felt():
    bad = window([answered(Outcome.MALFORMED, excerpt="")] * 2)
    assert FAULT.felt(counted(2), "primary", window(GOOD), bad).count == 2
    assert not FAULT.felt(counted(2), "primary", window(GOOD), window(GOOD)).felt
