"""`gameday export`: where it writes, and what it refuses."""

import json

import pytest

from gameday.catalog.kinds import exports
from gameday.cli.export import export_all, wanted_exports
from gameday.cli.main import main
from gameday.domain.errors import FileError
from gameday.store.run_folder import RunFolder
from tests.gameday.evidence.sealed import seal
from tests.gameday.reporting.runs import passing_run


@pytest.fixture
def argv(tmp_path, monkeypatch):
    seal(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return ["export", "7Q2K", "--runs", str(tmp_path / "runs")]


def test_every_form_goes_to_stdout_unless_told_where(argv, capsys):
    for kind, _ in exports.kinds():
        assert main([*argv, "--format", kind]) == 0
        assert capsys.readouterr().out.endswith("\n")


def test_a_file_is_written_whole_and_its_folder_made(argv, tmp_path, capsys):
    out = tmp_path / "build" / "gameday.xml"
    assert main([*argv, "--format", "junit", "--out", str(out)]) == 0
    assert out.read_text().startswith("<?xml")
    assert capsys.readouterr().out == ""


def test_a_steps_summary_is_added_to_what_other_steps_wrote(argv, tmp_path, monkeypatch, capsys):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert main([*argv, "--format", "github"]) == 0
    assert summary.read_text().startswith("before\n# PASSED: ")
    assert capsys.readouterr().out == ""
    assert main([*argv, "--format", "github", "--out", "-"]) == 0
    assert capsys.readouterr().out.startswith("# PASSED")
    assert main([*argv, "--format", "slack"]) == 0
    assert json.loads(capsys.readouterr().out)["text"].startswith("PASSED")


def test_a_summary_that_cannot_be_written_is_told(argv, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "not" / "there"))
    assert main([*argv, "--format", "github"]) == 2
    assert "which GITHUB_STEP_SUMMARY names, cannot be written" in capsys.readouterr().err


def test_a_form_that_there_is_not_is_named(argv, capsys):
    assert main([*argv, "--format", "junitt"]) == 2
    assert "unknown export 'junitt'; did you mean 'junit'?" in capsys.readouterr().err


def test_a_run_that_is_not_closed_or_not_there_is_refused(argv, tmp_path, capsys):
    passing_run().with_record(ended_at=None).store(tmp_path / "open")
    open_ = ["export", "7Q2K", "--runs", str(tmp_path / "open"), "--format", "junit"]
    assert main(open_) == 6
    assert "run 7Q2K is not closed" in capsys.readouterr().err
    assert main(["export", "NONE", "--runs", str(tmp_path), "--format", "junit"]) == 2


def test_forms_that_tell_of_no_request_need_no_samples(argv, tmp_path, capsys):
    """Those of an older version cannot be read any more; verdict and reasons can."""
    for path in (tmp_path / "runs" / "7Q2K" / "samples").glob("*.columns"):
        path.write_bytes(b"of another version")
    for form in ("junit", "github", "slack"):
        assert main([*argv, "--format", form]) == 0
    capsys.readouterr()
    assert main([*argv, "--format", "otlp_spans"]) == 2
    assert "written by another version" in capsys.readouterr().err


def test_what_a_run_is_to_write_is_checked_before_it_starts(monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    with pytest.raises(FileError, match="into which file"):
        wanted_exports(["junit"])
    with pytest.raises(FileError, match="into which file"):
        wanted_exports(["github"])
    with pytest.raises(FileError, match="unknown export"):
        wanted_exports(["xunit=x.xml"])
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert [form for form, _ in wanted_exports(["github", "junit=a=b.xml"])] == ["github", "junit"]
    assert str(wanted_exports(["junit=a=b.xml"])[0][1]) == "a=b.xml"


def test_one_form_that_cannot_be_written_does_not_cost_the_others(argv, tmp_path, capsys):
    folder = RunFolder(tmp_path / "runs" / "7Q2K")
    (tmp_path / "file").write_text("")
    impossible, fine = tmp_path / "file" / "x.xml", tmp_path / "y.json"
    assert export_all(folder, [("junit", impossible), ("slack", fine)]) == 2
    assert fine.exists()
    assert "junit was not written" in capsys.readouterr().err
