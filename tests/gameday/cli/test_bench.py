"""`gameday bench`, up to where the benchmark itself begins."""

import sys

import pytest

import gameday
from gameday.cli import bench
from gameday.cli.main import main


def test_an_installation_without_benchmarks_says_where_they_are(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gameday, "__file__", str(tmp_path / "gameday" / "__init__.py"))
    assert main(["bench", "gate"]) == 2
    said = capsys.readouterr()
    assert f"no benchmarks in {tmp_path}" in said.err
    assert "make setup" in said.err


@pytest.mark.parametrize(
    ("flags", "passed_on"),
    [([], []), (["--json"], ["--json"]), (["--quick", "--json"], ["--json", "--quick"])],
)
def test_it_runs_the_checkouts_benchmark_and_ends_as_that_does(monkeypatch, flags, passed_on):
    seen = []

    class Done:
        returncode = 5

    monkeypatch.setattr(bench.subprocess, "run", lambda argv, **_: seen.append(argv) or Done)
    assert main(["bench", "gate", *flags]) == 5
    assert seen == [[sys.executable, "-m", "bench.gate", *passed_on]]
