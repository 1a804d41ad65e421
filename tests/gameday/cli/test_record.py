"""`gameday record` against a small system: kept, compared, refused, accepted."""

import json

import pytest

from gameday.cli.main import main
from gameday.store.ledger import Ledger
from gameday.store.references import References
from tests.contract.rigs.http import HttpRig
from tests.gameday.cli.small_shop import CASES, Door, door

__all__ = ["door"]  # the fixture
SOME = ["--per-case", "8", "--rate", "60/s"]


def last(folder):
    return References(folder / ".gameday").last("shop", "staging", "shop")


def recorded(capsys, *more):
    code = main(["record", *SOME, *more, "--json", "--as", "eva"])
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def test_the_first_recording_is_kept_with_what_it_is_of(door, capsys):
    code, document, said = recorded(capsys)
    assert code == 0
    assert "asking 4 cases 8 times each: 32 requests" in said
    kept = last(door)
    assert document["digest"] == kept.digest
    assert document["answered_by"] == {"m-1 fp-1": 32}
    assert (document["answers"], document["kept"], document["reserve"]) == (32, 8, 24)
    assert document["cost_usd"] == pytest.approx(32 * 50e-6)
    assert kept.about.recorded_by == "eva"
    assert "days" not in kept.model_dump_json()
    assert {case: len(one.sketches) for case, one in kept.cases.items()} == dict.fromkeys(CASES, 8)


def test_a_change_is_refused_until_it_is_accepted(door, capsys):
    recorded(capsys)
    first = last(door)
    code, document, _ = recorded(capsys)
    assert code == 0  # as before, so recorded anew
    assert document["because"].startswith("the answers were like those of ")
    assert document["replaces"] == first.digest

    Door.texts = ("Nobody can say for sure.", "Ask somebody else.")
    second = last(door)
    code, document, _ = recorded(capsys)
    assert code == document["exit_code"] == 6
    assert "something has changed: " in document["reason"]
    assert "nothing was kept" in document["reason"]
    assert "gameday record --accept" in document["next"]
    assert last(door) == second

    code, document, _ = recorded(capsys, "--accept", "--because", "the new model is meant")
    assert code == 0
    assert document["because"] == "the new model is meant"
    assert document["replaces"] == second.digest
    assert last(door).digest == document["digest"]


def test_the_ledger_has_what_was_asked(door, capsys):
    recorded(capsys)
    (line,) = Ledger(door / ".gameday").all("shop", "staging")
    assert (line.by, line.answered_by) == ("record", {"m-1 fp-1": 32})
    assert line.inputs["record shop"].inputs == 32


def test_a_system_that_fails_is_no_reference(door, capsys):
    Door.texts = ()
    code, document, _ = recorded(capsys)
    assert code == 6
    assert document["reason"].startswith("32 of 32 requests got no whole answer")
    assert last(door) is None


def test_another_suite_cannot_be_compared_and_is_recorded_anew(door, capsys):
    recorded(capsys)
    with (door / "suite.yaml").open("a") as suite:
        suite.write("# a comment\n")
    _, document, _ = recorded(capsys)
    assert document["because"].startswith("the suite shop was changed since ")


def test_it_reads_as_a_few_lines(door, capsys):
    assert main(["record", *SOME, "--as", "eva"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "recorded 32 answers to 4 cases of shop at shop/staging"
    assert "  answered by   m-1 fp-1 (32)" in lines
    assert any(line.startswith("  to compare    8 known, 24 in reserve, until ") for line in lines)


def test_a_rate_that_is_none_is_a_sentence(door, capsys):
    assert main(["record", "--rate", "fast"]) == 2
    assert "expected a rate such as 20/s" in capsys.readouterr().err


MODEL = """
components:
  model:
    backend: http
    previous: heron-4-2026-08
    url: URL
    secret: "file:key"
    read: {path: /aliases/answers, value: model, headers: {authorization: "Bearer {{secret}}"}}
    change: {method: PUT, path: /aliases/answers, json: {model: "{{to}}"}}
"""


def test_components_are_recorded_and_one_that_cannot_be_read_is_said(door, capsys):
    rig, target = HttpRig(door), (door / "gameday.yaml").read_text()
    (door / "gameday.yaml").write_text(target + MODEL.replace("URL", rig.url))
    _, document, _ = recorded(capsys)
    assert document["components"]["model"]["label"] == "heron-4"
    rig.go_dark()
    _, document, _ = recorded(capsys)
    rig.close()
    assert document["components"] == {}
    assert "/aliases/answers" in document["unread"]["model"]
