"""The style that a reader may rely on, kept by a test."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["gameday", "workflows", "activities", "lab", "worker.py"]
FUNCTION_LINES_MAX = 60
FUNCTION_LINES_USUAL = 25
USUAL_SHARE_MIN = 0.9
BANNED_NAMES = {"utils", "util", "core", "common", "helpers", "helper", "models", "misc"}


def source_files():
    for name in SOURCES:
        path = ROOT / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


FILES = list(source_files())


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_too_long_to_read(path):
    long = [f"{name}: {lines}" for name, lines in functions(path) if lines > FUNCTION_LINES_MAX]
    assert not long


def test_most_functions_are_short():
    lengths = [lines for path in FILES for _, lines in functions(path)]
    share = sum(length <= FUNCTION_LINES_USUAL for length in lengths) / len(lengths)
    assert share >= USUAL_SHARE_MIN


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_says_what_the_file_is_for(path):
    if path.read_text().strip():
        assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


def test_no_folder_or_file_is_a_missing_noun():
    assert not [path for path in FILES if BANNED_NAMES & {path.stem, *path.parts}]


def test_every_source_file_is_used():
    """A file that nothing imports is dead. Kinds are found by their file names instead."""
    imports = "\n".join(
        line
        for path in [*FILES, *(ROOT / "tests").rglob("*.py")]
        for line in path.read_text().splitlines()
        if "import" in line
    )
    for path in FILES:
        # Kinds and commands are found by their names, the worker is a program.
        by_name = path.parent.name in {
            "faults",
            "steps",
            "questions",
            "checks",
            "scorers",
            "components",
            "dialects",
            "senders",
            "exports",
            "cli",
        }
        by_name = by_name or path.name == "worker.py"
        if not by_name and not path.stem.startswith("__"):
            assert re.search(rf"\b{path.stem}\b", imports), path
