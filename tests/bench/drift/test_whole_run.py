"""The benchmark as it is asked for: its keys word for word, and what it makes of known changes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.drift import report
from bench.drift.__main__ import main
from tests.bench.drift import recording

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    file = recording.write(tmp_path_factory.mktemp("drift") / "answers.jsonl")
    gameday = Path(sys.executable).with_name("gameday")
    settings = ["--alpha", "0.05", "--sims", "12", "--null", "20", "--json"]
    argv = [gameday, "bench", "drift", file, *settings]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_its_keys(document):
    assert set(document["variants"]) == set(recording.WORDS)
    for found in document["variants"].values():
        assert set(found) == {"alarm", "envelope"}
        assert set(found["alarm"]) == {"share", "median", "p90"}
        assert set(found["envelope"]) == {"0.05", "0.10"}
        for verdicts in found["envelope"].values():
            assert set(verdicts) == {"inside", "outside", "undecided", "median"}
            shares = [verdicts[key] for key in ("inside", "outside", "undecided")]
            assert sum(shares) == pytest.approx(1.0, abs=1e-3)


def test_other_words_are_an_alarm_and_the_same_words_are_none(document):
    variants = document["variants"]
    assert variants["other"]["alarm"]["share"] == 1.0
    assert variants["other"]["alarm"]["p90"] <= 15
    for name in ("base", "same", "worse"):
        assert variants[name]["alarm"]["share"] <= 0.2
        assert variants[name]["alarm"]["median"] is None
        assert variants[name]["alarm"]["p90"] is None


def test_worse_answers_are_outside_and_no_others(document):
    variants = document["variants"]
    assert variants["worse"]["envelope"]["0.10"]["outside"] == 1.0
    assert variants["worse"]["envelope"]["0.10"]["median"] < 60
    for name in ("base", "same", "other"):
        assert variants[name]["envelope"]["0.10"]["outside"] <= 0.2


def test_false_alarms_are_under_their_own_key(document):
    assert document["null"]["streams"] == 20
    for shares in document["null"]["changed"].values():
        assert shares["0.001"] <= shares["0.01"] <= shares["0.05"] <= shares["0.1"]


def test_it_reads_as_a_table_and_as_a_section(document):
    assert "other" in report.table(document)
    assert "20 streams of 160 answers in which nothing changes" in report.markdown(document)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path, capsys):
    assert main([str(tmp_path / "none.jsonl")]) == 2
    said = capsys.readouterr()
    assert "none.jsonl  cannot be read" in said.err
    assert said.out == ""
