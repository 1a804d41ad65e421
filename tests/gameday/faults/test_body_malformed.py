"""body_malformed: almost JSON, and well framed."""

import json

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from tests.gameday.faults.given import given, headers_of, made, passes_what_is_no_chat
from tests.gameday.faults.judged import GOOD, answered, counted, window
from tests.gameday.faults.wired import DIALECTS


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("how", ["broken_off", "wrong_inside"])
@pytest.mark.parametrize("stream", [True, False])
def test_it_is_no_json_although_it_says_so(dialect: str, how: str, stream: bool):
    answer = given(made("body_malformed", how=how), dialect, stream=stream)
    assert answer.status == 200
    assert headers_of(answer)["content-type"] == "application/json"
    assert len(dict(answer.headers)) == len(answer.headers)
    assert answer.body.startswith(b"{")
    assert answer.body.endswith(b"}") is (how == "wrong_inside")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(answer.body)


def test_a_list_of_models_stays_what_it_is():
    assert passes_what_is_no_chat(made("body_malformed"))


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="body_malformed"):
        made("body_malformed", how="badly")


def test_felt():
    bad = window([answered(Outcome.MALFORMED)] * 2)
    assert made("body_malformed").felt(counted(2), "primary", window(GOOD), bad).count == 2
    assert not made("body_malformed").felt(counted(2), "primary", window(GOOD), window(GOOD)).felt
