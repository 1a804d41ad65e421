"""context_overflow: 400 for a prompt that is said to be too long."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, made
from tests.gameday.faults.judged import GOOD, at_primary, counted, window

FAULT = made("context_overflow")


@pytest.mark.parametrize(
    ("dialect", "code", "words"),
    [
        ("openai", "context_length_exceeded", "maximum context length is 128000 tokens"),
        ("azure_openai", "context_length_exceeded", "maximum context length is 128000 tokens"),
        ("anthropic", None, "prompt is too long: 300000 tokens > 200000 maximum"),
    ],
)
def test_what_it_says(dialect: str, code: str | None, words: str):
    assert FAULT.misfit(find(dialect)) == ""
    answer = given(FAULT, dialect)
    assert answer.status == 400
    assert error_of(answer)["type"] == "invalid_request_error"
    assert error_of(answer).get("code") == code
    assert words in error_of(answer)["message"]


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="context_overflow"):
        made("context_overflow", limit=5)


def test_felt():
    refused = window([at_primary(Outcome.HTTP_ERROR)] * 3)
    assert FAULT.felt(counted(3), "primary", window(GOOD), refused).count == 3
    assert not FAULT.felt(counted(3), "primary", window(GOOD), window(GOOD)).felt
