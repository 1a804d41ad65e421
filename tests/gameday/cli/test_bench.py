"""`gameday bench`, up to where the benchmark itself begins."""

import sys

import pytest

import gameday
from gameday.cli import bench
from gameday.cli.main import main

NAMES = ["gate", "load"]


@pytest.mark.parametrize("name", NAMES)
def test_an_installation_without_benchmarks_says_where_they_are(
    name, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(gameday, "__file__", str(tmp_path / "gameday" / "__init__.py"))
    assert main(["bench", name]) == 2
    said = capsys.readouterr()
    assert f"no benchmarks in {tmp_path}" in said.err
    assert "make setup" in said.err


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("flags", "passed_on"),
    [([], []), (["--json"], ["--json"]), (["--quick", "--json"], ["--json", "--quick"])],
)
def test_it_runs_the_checkouts_benchmark_and_ends_as_that_does(monkeypatch, name, flags, passed_on):
    seen = []

    class Done:
        returncode = 5

    monkeypatch.setattr(bench.subprocess, "run", lambda argv, **_: seen.append(argv) or Done)
    assert main(["bench", name, *flags]) == 5
    assert seen == [[sys.executable, "-m", f"bench.{name}", *passed_on]]


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        ([], ["--alpha", "0.01", "--sims", "50"]),
        (
            ["--alpha", "0.1", "--sims", "9", "--null", "7", "--json"],
            ["--alpha", "0.1", "--sims", "9", "--null", "7", "--json"],
        ),
    ],
)
def test_drift_passes_on_its_file_and_settings(monkeypatch, tmp_path, given, passed_on):
    seen = []

    class Done:
        returncode = 0

    monkeypatch.setattr(bench.subprocess, "run", lambda argv, **_: seen.append(argv) or Done)
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "drift", "answers.jsonl", *given]) == 0
    file = str(tmp_path.resolve() / "answers.jsonl")
    assert seen == [[sys.executable, "-m", "bench.drift", file, *passed_on]]
