"""Dialects are found by their file's name, and each can say what every provider says."""

from typing import Any

import pytest

from gameday.domain.errors import FileError
from gameday.domain.gate_config import DialectName
from gameday.domain.wire import Condition, Finish, WireRequest
from gameday.gate.dialects import find, names


def test_a_file_is_a_dialect():
    assert names() == ("anthropic", "azure_openai", "openai")
    assert {find(name).name for name in names()} == set(names())
    assert set(DialectName.__args__) == set(names())


def test_each_is_made_once():
    assert find("openai") is find("openai")


@pytest.mark.parametrize("name", ["", "gemini", "_writing", "openai.py"])
def test_what_there_is_not_is_refused(name: str):
    with pytest.raises(FileError, match="there are anthropic, azure_openai, openai"):
        find(name)


LACKING = {
    "openai": set(),
    "anthropic": {Condition.PER_DAY},
    "azure_openai": {
        Condition.RAMP,
        Condition.CREDIT,
        Condition.SPEND_CAP,
        Condition.USAGE_LIMIT,
    },
}


@pytest.mark.parametrize("name", names())
def test_it_says_which_conditions_its_provider_has(name: str):
    assert {one for one in Condition if not find(name).says(one)} == LACKING[name]


@pytest.mark.parametrize(
    ("name", "path", "asks"),
    [
        ("openai", "/v1/chat/completions", True),
        ("openai", "/v1/embeddings", False),
        ("openai", "/v1/models", False),
        ("azure_openai", "/openai/deployments/a/chat/completions", True),
        ("azure_openai", "/openai/deployments/a/embeddings", False),
        ("anthropic", "/v1/messages", True),
        ("anthropic", "/v1/messages/count_tokens", False),
    ],
)
def test_it_knows_what_asks_for_text(name: str, path: str, asks: bool):
    assert find(name).asks_for_text(WireRequest("POST", path, {}, {}, "r")) is asks


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("messages", [None, "x", 3, [], [3, None, {"content": [[[]]]}]])
def test_whatever_it_is_asked_it_answers(name: str, messages: Any):
    request = WireRequest("POST", "/", {}, {"messages": messages, "model": [], "stream": 1}, "r")
    assert find(name).model(request) == ""
    assert find(name).completion(request, "Yes.", Finish.STOP).status == 200
    assert find(name).failure(Condition.MODEL_RETIRED, request).status == 404
