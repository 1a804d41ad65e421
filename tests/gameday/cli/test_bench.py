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
