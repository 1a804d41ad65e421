"""`gameday suite import`: what it writes is the same suite, and nothing is written over."""

import json
from pathlib import Path

from gameday.catalog.suite_files import load_suite
from gameday.cli.main import main

EXPORTED = Path(__file__).parents[1] / "catalog" / "promptfoo" / "exported.yaml"
INIT = EXPORTED.with_name("init.yaml")


def test_what_is_written_is_the_same_suite(tmp_path, capsys):
    out = tmp_path / "suite.yaml"
    assert main(["suite", "import", str(EXPORTED), "--out", str(out)]) == 0
    assert capsys.readouterr().out == (
        f"8 cases in {out}; name it in the target file:  suite: suite.yaml\n"
    )
    assert load_suite(out).cases == load_suite(EXPORTED).cases


def test_a_suite_of_ones_own_is_written_with_its_defaults_filled_in(tmp_path, capsys):
    shown = Path(__file__).parents[3] / "docs" / "examples" / "suite.yaml"
    out = tmp_path / "suite.yaml"
    assert main(["suite", "import", str(shown), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "suite": "returns",
        "cases": 3,
        "file": str(out),
    }
    for written, original in zip(load_suite(out).cases, load_suite(shown).cases, strict=True):
        assert written.scorers == original.scorers
        assert (written.asked, written.feature) == (original.asked, original.feature)


def test_the_models_that_score_are_kept(tmp_path):
    named = tmp_path / "judged.yaml"
    judge = 'judge: {url: "http://127.0.0.1:1/v1", model: j-1, key: "env:KEY", timeout: 2s}\n'
    case = "cases: [{case: a, question: Hi, scorers: [{kind: judge, criterion: kind}]}]\n"
    named.write_text(f"suite: judged\n{judge}{case}")
    out = tmp_path / "suite.yaml"
    assert main(["suite", "import", str(named), "--out", str(out)]) == 0
    assert load_suite(out).judge == load_suite(named).judge


def test_nothing_is_written_over_unless_it_is_said(tmp_path, capsys):
    out = tmp_path / "suite.yaml"
    out.write_text("mine")
    assert main(["suite", "import", str(EXPORTED), "--out", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert main(["suite", "import", str(EXPORTED), "--out", str(out), "--force"]) == 0
    assert load_suite(out).suite == "exported"


def test_what_cannot_be_imported_writes_nothing(tmp_path, capsys):
    out = tmp_path / "suite.yaml"
    assert main(["suite", "import", str(INIT), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert f"{INIT}:31:15  assertion 'javascript' cannot be run faithfully" in said
    assert not out.exists()


EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def proposed(tmp_path, *more):
    words = [str(EXAMPLES / "asked.jsonl"), "--like", str(EXAMPLES / "suite.yaml")]
    return main(["suite", "propose", *words, "--out", str(tmp_path / "new.yaml"), *more])


def test_what_is_proposed_loads_and_says_that_a_person_is_needed(tmp_path, capsys):
    assert proposed(tmp_path, "--cases", "6") == 0
    out = capsys.readouterr().out
    made = load_suite(tmp_path / "new.yaml")
    assert made.suite == "returns-proposed"
    assert len(made.cases) == 6
    assert all(case.needs_person.startswith("nobody has said") for case in made.cases)
    assert out.startswith(f"6 cases of 9 inputs in {tmp_path / 'new.yaml'}\n")
    assert "1 email, 1 phone (rules 1); names and addresses are found by no rule" in out
    assert "jo.doe" not in out + (tmp_path / "new.yaml").read_text()
    assert "[email]" in (tmp_path / "new.yaml").read_text()


def test_the_same_seed_proposes_the_same_and_the_document_has_the_figures(tmp_path, capsys):
    assert proposed(tmp_path, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    first = (tmp_path / "new.yaml").read_text()
    assert document["apart_after"] < document["apart_before"] == 1.0
    assert document["needs_person"].keys() == {
        c.case for c in load_suite(tmp_path / "new.yaml").cases
    }
    assert proposed(tmp_path) == 2  # it is there already
    assert proposed(tmp_path, "--force") == 0
    assert (tmp_path / "new.yaml").read_text() == first


def test_a_suite_that_is_asked_the_same_already_gets_nothing(tmp_path, capsys):
    asked, whole = str(EXAMPLES / "asked.jsonl"), str(tmp_path / "whole.yaml")
    assert main(["suite", "propose", asked, "--out", whole]) == 0
    words = [asked, "--like", whole, "--out", str(tmp_path / "more.yaml")]
    assert main(["suite", "propose", *words]) == 6
    assert "would bring the suite nearer" in capsys.readouterr().err
    assert not (tmp_path / "more.yaml").exists()
