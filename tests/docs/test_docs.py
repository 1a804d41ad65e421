"""The docs are true: their commands run, their files exist, their extracts are the source."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from gameday.catalog.kinds import checks, components, faults
from gameday.cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("lab/*.md"))
    if page.name != "LICENSE"
)
# These start something that lasts, or need a run that exists. tests/matrix, tests/kill and the
# Makefile run them for real; here it is checked that they are spelt rightly.
LASTING = {"run", "export", "demo", "up", "lab", "worker", "injector", "sink", "abort", "approve",
           "status", "schedule",
           "judge", "report", "samples", "sweep", "doctor", "record", "watch",
           "ledger", "gate", "bundle", "verify", "serve", "game-day", "inbox", "finding", "prune",
           "incident", "explain", "review", "history", "readiness", "drill-from",
           "respond", "acts"}  # fmt: skip


def commands(page):
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                yield line.removeprefix("$ ").split("  #")[0].strip()


SHOWN = [(page, command) for page in PAGES for command in commands(page)]
MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("page", "command"), SHOWN, ids=[f"{page.name}: {command}" for page, command in SHOWN]
)
def test_commands_in_the_docs_run(page, command, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs" / "examples", tmp_path, dirs_exist_ok=True)
    words = shlex.split(command)
    if words[0] == "make":
        assert set(words[1:]) <= MAKE_TARGETS
    elif words[0] == "gameday" and words[1] in LASTING:
        assert main([*words[1:], "--help"]) == 0
        known = capsys.readouterr().out
        for option in (word for word in words if word.startswith("--")):
            assert option.partition("=")[0] in known, option
    elif words[0] == "gameday":
        assert main(words[1:]) == 0
    else:
        pytest.fail(f"{page.name} shows a command that nobody checks: {command}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_extracts_are_the_source(page):
    extracts = re.findall(
        r"<!-- include: (\S+) -->\n```\w+\n(.*?)```", page.read_text(), flags=re.DOTALL
    )
    for source, text in extracts:
        assert text == (ROOT / source).read_text(), f"{page.name} shows an old {source}"


def test_every_command_is_in_the_docs():
    text = "\n".join(page.read_text() for page in PAGES)
    for command in COMMANDS:
        assert f"gameday {command}" in text, command


@pytest.mark.parametrize("registry", [faults, checks], ids=lambda registry: registry.word)
def test_every_kind_is_in_the_docs(registry):
    text = (ROOT / "docs" / "drills.md").read_text()
    for kind, _ in registry.kinds():
        assert f"`{kind}`" in text, kind


def test_every_backend_has_its_part_and_says_what_it_was_tried_against():
    text = (ROOT / "docs" / "components.md").read_text()
    parts = dict(re.findall(r"\n## `(\w+)`\n(.*?)(?=\n## |\Z)", text, flags=re.DOTALL))
    assert set(parts) >= {kind for kind, _ in components.kinds()}
    assert all("Tried against" in part for part in parts.values())
