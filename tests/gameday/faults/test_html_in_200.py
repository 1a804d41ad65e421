"""html_in_200: a page for people, whatever was asked for."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from tests.gameday.faults.given import given, headers_of, made
from tests.gameday.faults.judged import GOOD, answered, counted, window
from tests.gameday.faults.wired import DIALECTS

FAULT = made("html_in_200")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
def test_it_is_a_page(dialect: str, stream: bool):
    answer = given(FAULT, dialect, stream=stream)
    assert answer.status == 200
    assert headers_of(answer) == {"content-type": "text/html; charset=UTF-8"}
    assert answer.body.startswith(b"<!DOCTYPE html>")
    assert b"data:" not in answer.body


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="html_in_200"):
        made("html_in_200", body="x")


def test_felt():
    bad = window([answered(Outcome.MALFORMED)] * 2)
    assert FAULT.felt(counted(2), "primary", window(GOOD), bad).count == 2
    assert not FAULT.felt(counted(2), "primary", window(GOOD), window(GOOD)).felt
