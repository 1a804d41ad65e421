"""The samples of a run as lines of JSON."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from gameday.cli.main import main
from gameday.domain.sample import FIELDS
from tests.gameday.reporting.runs import passing_run


def test_each_sample_is_one_line_with_all_its_fields(tmp_path, capsys):
    run = passing_run()
    run.store(tmp_path)
    assert main(["samples", "7Q2K", "--runs", str(tmp_path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["seq"] for line in lines] == [sample.seq for sample in run.samples]
    for line, sample in zip(lines, run.samples, strict=True):
        assert tuple(line) == FIELDS
        assert datetime.fromisoformat(line["intended_at"]) == sample.intended_at
        assert line["latency_ms"] == sample.latency_ms
        assert [one["provider"] for one in line["attempts"]] == [
            a.provider for a in sample.attempts
        ]


def test_a_run_that_is_not_there_is_said(tmp_path, capsys):
    assert main(["samples", "NONE", "--runs", str(tmp_path)]) == 2
    assert "run NONE has not got so far, or is not here" in capsys.readouterr().err


def test_samples_of_an_earlier_version_are_refused_not_overlooked(tmp_path, capsys):
    folder = passing_run().store(tmp_path)
    (folder.path / "samples.jsonl").write_text("{}\n")
    assert main(["samples", "7Q2K", "--runs", str(tmp_path)]) == 2
    assert "one JSON line each" in capsys.readouterr().err


def test_who_has_seen_enough_is_told_no_more(tmp_path):
    passing_run().store(tmp_path)
    program = f"{Path(sys.executable).with_name('gameday')} samples 7Q2K --runs {tmp_path}"
    done = subprocess.run(
        f"{program} | head -1", shell=True, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["seq"] == 0
    assert done.stderr == ""
