"""error_in_200: the dialect's error, under a status that says all is well."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, headers_of, made
from tests.gameday.faults.judged import GOOD, answered, counted, window
from tests.gameday.faults.wired import DIALECTS

FAULT = made("error_in_200")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
def test_it_is_the_error_and_nothing_else(dialect: str, stream: bool):
    assert FAULT.misfit(find(dialect)) == ""
    answer = given(FAULT, dialect, stream=stream)
    assert answer.status == 200
    assert error_of(answer)["type"] == ("api_error" if dialect == "anthropic" else "server_error")
    assert headers_of(answer)["content-type"] == "application/json"
    assert not any(name.startswith("retry") for name in headers_of(answer))


def test_bad_settings_are_refused():
    with pytest.raises(FileError, match="error_in_200"):
        made("error_in_200", status=500)


def test_felt():
    bad = window([answered(Outcome.MALFORMED)] * 2)
    assert FAULT.felt(counted(2), "primary", window(GOOD), bad).count == 2
    assert not FAULT.felt(counted(2), "primary", window(GOOD), window(GOOD)).felt
