"""auth_masks_outage: a 401 that is no matter of the key."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, made
from tests.gameday.faults.judged import GOOD, at_primary, counted, window

FAULT = made("auth_masks_outage")


@pytest.mark.parametrize(
    ("dialect", "message", "code"),
    [
        ("openai", "User not found.", 401),
        ("anthropic", "User not found.", None),
        ("azure_openai", "Principal does not have access to API/Operation.", "PermissionDenied"),
    ],
)
def test_what_it_says(dialect: str, message: str, code: object):
    assert FAULT.misfit(find(dialect)) == ""
    answer = given(FAULT, dialect)
    assert answer.status == 401
    assert error_of(answer)["message"] == message
    assert error_of(answer).get("code") == code


def test_it_is_not_what_a_revoked_key_gets():
    for dialect in ("openai", "anthropic", "azure_openai"):
        assert given(FAULT, dialect).body != given(made("auth_revoked"), dialect).body


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="auth_masks_outage"):
        made("auth_masks_outage", status=500)


def test_felt():
    denied = window([at_primary(Outcome.HTTP_ERROR)] * 3)
    assert FAULT.felt(counted(3), "primary", window(GOOD), denied).count == 3
    assert not FAULT.felt(counted(3), "primary", window(GOOD), window(GOOD)).felt
