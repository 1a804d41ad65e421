"""body_empty: 200 and not a byte."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from tests.gameday.faults.given import given, headers_of, made
from tests.gameday.faults.judged import GOOD, answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS

FAULT = made("body_empty")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("stream", "content_type"),
    [(True, "text/event-stream; charset=utf-8"), (False, "application/json")],
)
def test_nothing_of_the_type_that_was_asked_for(dialect: str, stream: bool, content_type: str):
    answer = given(FAULT, dialect, stream=stream)
    assert (answer.status, answer.body) == (200, b"")
    assert headers_of(answer) == {"content-type": content_type}


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="body_empty"):
        made("body_empty", status=200)


def test_felt_by_the_attempt_or_by_an_answer_without_content():
    for one in (at_primary(Outcome.MALFORMED), answered(Outcome.MALFORMED, excerpt="")):
        assert FAULT.felt(counted(1), "primary", window(GOOD), window([one])).count == 1
    elsewhere = answered(Outcome.MALFORMED, by="secondary")
    for seen in (GOOD, [elsewhere]):
        assert not FAULT.felt(counted(1), "primary", window(GOOD), window(seen)).felt
