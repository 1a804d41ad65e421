"""`gameday metrics`: from the stored runs into a file, and nothing made by looking."""

from gameday.cli.main import main
from gameday.domain.watch import Watch
from gameday.store.watches import Watches
from tests.gameday.evidence.sealed import seal


def argv(tmp_path, *more):
    return ["metrics", "--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "s"), *more]


def test_runs_that_are_stored_are_told(tmp_path, capsys):
    seal(tmp_path)
    assert main(argv(tmp_path)) == 0
    said = capsys.readouterr().out
    assert 'gameday_run_verdict{target="lab",environment="lab",drill="provider-outage",' in said
    assert 'verdict="passed"} 1.0' in said


def test_where_nothing_is_stored_only_the_time_is_told_and_nothing_is_made(tmp_path, capsys):
    assert main(argv(tmp_path)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line[0] != "#"] == [
        "gameday_metrics_written_time_seconds"
    ]
    assert list(tmp_path.iterdir()) == []


def test_watches_are_told_and_a_file_is_replaced(tmp_path, capsys):
    watch = Watch(target="shop", environment="staging", target_file="/x/gameday.yaml")
    Watches(tmp_path / "s").put(watch)
    out = tmp_path / "textfile" / "gameday.prom"
    for _ in range(2):
        assert main(argv(tmp_path, "--out", str(out))) == 0
    assert capsys.readouterr().out == ""
    line = 'gameday_watch_blind_ticks{target="shop",environment="staging"} 0.0'
    assert out.read_text().splitlines().count(line) == 1
