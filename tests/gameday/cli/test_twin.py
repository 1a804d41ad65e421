"""`gameday twin`: what is written where, and that the original is left alone."""

import json

import pytest

from gameday.cli.main import main

GATE = """
gate: g
admin: 127.0.0.1:8471
token: env:T
listeners:
  primary: {listen: 127.0.0.1:8481, upstream: https://api.openai.com, dialect: openai}
"""
LITELLM = """
model_list:
  - model_name: chat
    litellm_params: {model: openai/gpt-4.1, api_key: sk-literal-literal}
"""


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gate.yaml").write_text(GATE)
    (tmp_path / "litellm.yaml").write_text(LITELLM)
    return tmp_path


def test_without_out_the_configuration_alone_is_on_stdout(capsys):
    assert main(["twin", "litellm.yaml"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("# A twin for drills")
    assert "http://127.0.0.1:8481/v1" in said.out
    assert "GAMEDAY_TWIN_PRIMARY_KEY" in said.err
    assert "  next  " in said.err
    assert "  next  " not in said.out


def test_with_out_it_is_written_and_told_what_to_set(files, capsys):
    assert main(["twin", "litellm.yaml", "--out", "twin.yaml"]) == 0
    said = capsys.readouterr()
    assert "set  GAMEDAY_TWIN_PRIMARY_KEY  chat (openai/gpt-4.1), at primary" in said.out
    assert said.err == ""
    assert "os.environ/GAMEDAY_TWIN_PRIMARY_KEY" in (files / "twin.yaml").read_text()
    assert "literal" not in (files / "twin.yaml").read_text() + said.out
    assert (files / "litellm.yaml").read_text() == LITELLM


def test_with_json_it_is_one_document(capsys):
    assert main(["twin", "litellm.yaml", "--json", "--map", "chat=primary"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["gateway"] == "LiteLLM"
    assert list(document["keys"]) == ["GAMEDAY_TWIN_PRIMARY_KEY"]
    assert document["out"] is None
    assert "model_list" in document["config"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gone.yaml"], "gone.yaml cannot be read"),
        (["litellm.yaml", "--out", "litellm.yaml"], "is the original"),
        (["litellm.yaml", "--map", "chat"], "expected NAME=LISTENER"),
        (["litellm.yaml", "--map", "chat=third"], "the gate has the listeners primary"),
        (["litellm.yaml", "--gate", "gone.yaml"], "gone.yaml does not exist"),
        (["gate.yaml"], "neither LiteLLM's"),
    ],
)
def test_a_mistake_is_one_sentence(arguments, sentence, files, capsys):
    assert main(["twin", *arguments]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert (files / "litellm.yaml").read_text() == LITELLM
