"""What a person meets at the command line before anything runs."""

import json

import pytest

from gameday.cli.main import main


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE", "GAMEDAY_STATE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "sentence", "next_step"),
    [
        (["run", "nope", "--lab"], "unknown drill 'nope'", "gameday list"),
        (["run", "provider-outage"], "no Temporal is named", "gameday up"),
        (["run", "noop", "--lab", "--defect", "x"], "there is no defect 'x'", "choose"),
        (["run", "noop", "--lab", "--set", "windows.faulted=1s"], "cannot decide", "--set"),
        (["plan", "noop", "--target", "gone.yaml"], "gone.yaml", "gameday"),
        (["abort", "ABCD"], "no Temporal server is named", "gameday up"),
        (["judge", "ABCD"], "run ABCD has not got so far", "gameday list"),
        (["sweep"], "no injector's folder", "--state"),
        (["list", "wombats"], "'wombats' is none of", "gameday list faults"),
        (["schema", "wombat"], "'wombat' is none of", "gameday schema drill"),
        (["up"], "policy.yaml not found", "--lab"),
        (["worker", "--role", "clown"], "'clown' is none of", ""),
    ],
)
def test_a_mistake_is_one_sentence_and_a_way_on(arguments, sentence, next_step, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert next_step in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("arguments", [["frobnicate"], ["run"], ["run", "noop", "--frob"]])
def test_wrong_usage_is_exit_code_2(arguments):
    assert main(arguments) == 2


def test_with_json_a_mistake_is_one_document(capsys):
    assert main(["run", "nope", "--lab", "--json"]) == 2
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert document["exit_code"] == 2
    assert "unknown drill" in document["reason"]
    assert "unknown drill" in said.err


def test_a_profile_that_does_not_load_is_an_error_and_no_fall_back(monkeypatch, capsys):
    monkeypatch.setenv("TEMPORAL_PROFILE", "gone")
    assert main(["status"]) == 2
    assert "could not be loaded" in capsys.readouterr().err


def test_a_temporal_that_does_not_answer_is_said(monkeypatch, capsys):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    assert main(["status"]) == 2
    assert "127.0.0.1:1 does not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "demo", "up", "run", "plan", "list", "status", "abort", "approve", "judge", "report",
        "sweep", "worker", "injector", "schema",
        "twin",
    ],
)  # fmt: skip
def test_every_command_has_help_with_an_example(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"Example:  gameday {command}" in capsys.readouterr().out


def test_plan_of_the_lab_starts_nothing_and_says_the_worst_case(capsys):
    assert main(["plan", "provider-outage", "--lab", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["requests_max"] > 0
    assert plan["fault_seconds_max"] > 30
    assert len(plan["digest"]) == 64


def test_the_plan_is_the_same_for_the_same_files(capsys):
    main(["plan", "noop", "--lab"])
    first = capsys.readouterr().out
    main(["plan", "noop", "--lab", "--set", "lease=10s"])
    assert capsys.readouterr().out != first


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("drills", "provider-outage"),
        ("faults", "blackhole"),
        ("checks", "envelope"),
        ("scorers", "contains"),
    ],
)
def test_list_shows_what_there_is(what, name, capsys):
    assert main(["list", what]) == 0
    assert name in capsys.readouterr().out
    assert main(["list", what, "--json"]) == 0
    assert name in {row["name"] for row in json.loads(capsys.readouterr().out)}
