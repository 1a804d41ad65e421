"""auth_revoked: 401 for the key, 403 for what it may do."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, made
from tests.gameday.faults.judged import GOOD, at_primary, counted, window


@pytest.mark.parametrize(
    ("dialect", "status", "field", "word"),
    [
        ("openai", 401, "code", "invalid_api_key"),
        ("openai", 403, "code", "model_not_found"),
        ("anthropic", 401, "type", "authentication_error"),
        ("anthropic", 403, "type", "permission_error"),
        ("azure_openai", 401, "code", "401"),
        ("azure_openai", 403, "code", "AccessDenied"),
    ],
)
def test_what_it_says(dialect: str, status: int, field: str, word: str):
    fault = made("auth_revoked", status=status)
    assert fault.misfit(find(dialect)) == ""
    answer = given(fault, dialect)
    assert answer.status == status
    assert error_of(answer)[field] == word


@pytest.mark.parametrize("status", [400, 402, "401", 401.5])
def test_bad_settings_are_refused(status: object):
    with pytest.raises(FileError, match="auth_revoked"):
        made("auth_revoked", status=status)


def test_felt():
    fault, denied = made("auth_revoked"), window([at_primary(Outcome.HTTP_ERROR)] * 3)
    assert fault.felt(counted(3), "primary", window(GOOD), denied).count == 3
    assert not fault.felt(counted(3), "primary", window(GOOD), window(GOOD)).felt
