"""model_retired: 404 that names the model."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, made
from tests.gameday.faults.judged import GOOD, at_primary, counted, window

FAULT = made("model_retired")


@pytest.mark.parametrize(
    ("dialect", "field", "word", "named"),
    [
        ("openai", "code", "model_not_found", True),
        ("anthropic", "type", "not_found_error", True),
        ("azure_openai", "code", "DeploymentNotFound", False),
    ],
)
def test_what_it_says(dialect: str, field: str, word: str, named: bool):
    assert FAULT.misfit(find(dialect)) == ""
    answer = given(FAULT, dialect)
    assert answer.status == 404
    assert error_of(answer)[field] == word
    assert ("heron-1" in error_of(answer)["message"]) is named


def test_it_may_be_for_some_models():
    assert made("model_retired", models=["heron-*"]).models == ("heron-*",)
    with pytest.raises(FileError, match="model_retired"):
        made("model_retired", models=[""])


def test_felt():
    missing = window([at_primary(Outcome.HTTP_ERROR)] * 3)
    assert FAULT.felt(counted(3), "primary", window(GOOD), missing).count == 3
    assert not FAULT.felt(counted(3), "primary", window(GOOD), window(GOOD)).felt
