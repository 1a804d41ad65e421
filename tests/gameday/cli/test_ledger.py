"""`gameday ledger`: lines that a pipeline writes, and the answer to "what changed?"."""

import json
import subprocess

import pytest

from gameday.cli.main import main
from gameday.store.ledger import Ledger

TARGET = """
target: shop
environments: {staging: {injector: "http://127.0.0.1:1", front_door: "http://127.0.0.1:2"}}
providers: {primary: {dialect: openai}}
suite: suite.yaml
components:
  corpus: {backend: files, folder: corpus, repository: content}
  prompt: {backend: command, read: [cat, prompt], change: [tee, prompt, "{{to}}"]}
"""


def git(folder, *words):
    identity = ["-c", "user.name=Eva Maier", "-c", "user.email=eva@example"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gameday.yaml").write_text(TARGET)
    (tmp_path / "prompt").write_text("Be brief.")
    (tmp_path / "content" / "corpus").mkdir(parents=True)
    (tmp_path / "content" / "corpus" / "refund.md").write_text("30 days")
    git(tmp_path / "content", "init", "--quiet", "-b", "main")
    git(tmp_path / "content", "add", ".")
    git(tmp_path / "content", "commit", "--quiet", "-m", "First")
    return tmp_path


def said(capsys, *words):
    code = main(["ledger", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def edit(shop):
    (shop / "content" / "corpus" / "refund.md").write_text("14 days")
    git(shop / "content", "commit", "--quiet", "-am", "Shorter")


def test_the_answer_names_what_changed_when_and_by_whom(shop, capsys):
    assert said(capsys, "record", "--by", "ci", "--note", "release 40")[0] == 0
    edit(shop)
    assert said(capsys, "record", "--by", "ci", "--note", "release 41")[0] == 0
    code, out, _ = said(capsys, "diff", "--since", "1h")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("shop/staging: 1 change from ")
    assert lines[1].startswith("  corpus       tree ")
    assert "by its store; between " in lines[2]
    assert lines[2].endswith("by Eva Maier (release 41)")
    assert lines[3] == "  as before    prompt"


def test_for_machines_it_is_one_document(shop, capsys):
    said(capsys, "record")
    (shop / "prompt").write_text("Be kind.")
    said(capsys, "record", "--by", "max")
    document = json.loads(said(capsys, "diff", "--since", "2026-01-01", "--json")[1])
    (change,) = document["changes"]
    assert (change["component"], change["by"], change["at"]) == ("prompt", "max", None)
    assert (change["before"]["label"], change["now"]["label"]) == ("Be brief.", "Be kind.")
    assert change["after"] < change["until"]
    assert document["unchanged"] == ["corpus"]


def test_nothing_changed_is_an_answer_too(shop, capsys):
    said(capsys, "record")
    said(capsys, "record")
    assert ": no changes from " in said(capsys, "diff", "--since", "1h")[1]


def test_what_cannot_be_read_is_written_down_with_the_reason(shop, capsys):
    (shop / "prompt").unlink()
    code, out, _ = said(capsys, "record", "--json")
    assert code == 0
    assert json.loads(out)["unread"].keys() == {"prompt"}
    (shop / "content").rename(shop / "away")
    assert said(capsys, "record")[0] == 3
    assert "not read: " in said(capsys, "list")[1]


def test_the_lines_are_listed_the_newest_last(shop, capsys):
    for number in range(3):
        said(capsys, "record", "--note", f"release {number}")
    _, out, _ = said(capsys, "list", "--last", "2")
    assert out.splitlines()[0].endswith("ledger record: release 1")
    assert len(json.loads(said(capsys, "list", "--json")[1])["entries"]) == 3


def test_samples_of_production_are_a_mix_and_none_of_their_text_is_kept(shop, capsys):
    text = "How long do I have to wait for it, number"
    asked = [{"question": f"{text} {number}?", "group": "returns"} for number in range(40)]
    (shop / "asked.jsonl").write_text("\n".join(map(json.dumps, asked)))
    _, out, _ = said(capsys, "record", "--inputs", "asked.jsonl")
    assert "inputs of production 40 inputs: returns 100%; en 100%; short 100%" in out
    assert b"wait for it" not in Ledger(shop / ".gameday").file.read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("diff", "--since", "last tuesday"), "is no date, no time ago, and no run"),
        (("diff", "--since", "ZZZZ"), "is no date, no time ago, and no run"),
    ],
)
def test_a_since_that_is_none_is_a_sentence(shop, capsys, words, told):
    said(capsys, "record")
    code, _, err = said(capsys, *words)
    assert code == 2
    assert told in err


def test_an_empty_ledger_says_how_to_begin(shop, capsys):
    code, _, err = said(capsys, "diff", "--since", "1h")
    assert code == 2
    assert "has no line of shop/staging" in err
    assert "gameday ledger record" in err
    assert said(capsys, "list")[1].startswith("the ledger has no line of it yet")


def test_a_target_without_components_has_nothing_to_write(shop, capsys):
    (shop / "gameday.yaml").write_text(TARGET.partition("components:")[0])
    code, _, err = said(capsys, "record")
    assert code == 2
    assert "declares no components" in err
