"""Findings in a report, in its Markdown and in its bundle."""

from datetime import date

from gameday.cli.main import main
from gameday.reporting.findings import FINDING_HEADS, finding_rows
from gameday.reporting.write import write_reports
from gameday.store.findings import Findings
from tests.gameday.evidence.sealed import files_in, seal
from tests.gameday.reporting.days import make_finding
from tests.gameday.reporting.runs import START, passing_run
from tests.gameday.reporting.stand_ins import MAKERS


def test_open_ones_come_first_and_by_their_dates():
    findings = [
        make_finding(1, date(2026, 1, 1), closed_at=START, retests=("A", "B")),
        make_finding(2, date(2026, 12, 1)),
        make_finding(3, date(2026, 11, 20)),
    ]
    rows = finding_rows(findings, date(2026, 11, 21))
    assert [row[:2] for row in rows] == [("Q3-3", "OVERDUE"), ("Q3-2", "open"), ("Q3-1", "closed")]
    assert rows[-1][-1] == "A, B"
    assert {len(row) for row in rows} == {len(FINDING_HEADS)}


def test_a_report_tells_what_is_known_to_be_wrong(tmp_path):
    run = passing_run()
    folder = run.store(tmp_path)
    Findings(tmp_path).open(make_finding(run="OLD", due=date(2026, 11, 20)))
    write_reports(folder, run.record, run.samples, MAKERS)
    html, markdown = folder.html_file.read_text(), folder.markdown_file.read_text()
    assert "OLD-1" in html
    assert "OVERDUE" in html  # by the end of the run, whenever it is read
    assert "| OLD-1 | OVERDUE | ana | 2026-11-20 |" in markdown


def test_a_report_without_any_has_no_such_part(tmp_path):
    folder, _ = seal(tmp_path)
    assert "Findings" not in folder.html_file.read_text()
    assert "findings.jsonl" not in files_in(folder.bundle_file)


def test_a_damaged_file_of_findings_costs_no_report(tmp_path, caplog):
    (tmp_path / "findings.jsonl").write_text("{not json\n")
    run = passing_run()
    folder = run.store(tmp_path)
    assert write_reports(folder, run.record, run.samples, MAKERS).verdict == "passed"
    assert "no findings in the report of run 7Q2K" in caplog.text


def test_a_bundle_that_is_made_later_has_what_was_opened_since(tmp_path, capsys):
    folder, _ = seal(tmp_path)
    Findings(tmp_path / "runs").open(make_finding(run="7Q2K"))
    argv = ["bundle", "7Q2K", "--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "state")]
    assert main(argv) == 0
    assert b"7Q2K-1" in files_in(folder.bundle_file)["findings.jsonl"]
    key = str(folder.public_key_file)
    assert main(["verify", str(folder.bundle_file), "--key", key]) == 0
    assert "SIGNED" in capsys.readouterr().out
