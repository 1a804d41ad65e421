"""A stored run gives the same bytes each time, and the result's shape is the published one."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import jsonschema
import pytest

from gameday.domain.result import Result
from gameday.reporting.write import write_reports
from gameday.store.journal import verify_chain
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.runs import (
    EVERY_RUN,
    START,
    at,
    failing_run,
    impatient_run,
    passing_run,
)
from tests.gameday.reporting.stand_ins import MAKERS, Refusing

WRITTEN = ("result.json", "report.md", "report.html", "journal.jsonl")


def write(run, tmp_path) -> tuple[RunFolder, Result]:
    folder = run.store(tmp_path)
    return folder, write_reports(folder, folder.read_record(), folder.read_samples(), MAKERS)


@pytest.mark.parametrize("name", EVERY_RUN)
def test_everything_is_written_and_sound(name, tmp_path):
    folder, result = write(EVERY_RUN[name](), tmp_path)
    assert folder.read_result() == result
    assert verify_chain(folder.journal_file) is None
    artifacts = result.artifacts.model_dump(by_alias=True)
    assert artifacts == {
        "journal": str(folder.journal_file),
        "samples": str(folder.samples_folder),
        "json": str(folder.result_file),
        "markdown": str(folder.markdown_file),
        "html": str(folder.html_file),
        "bundle": None,  # nobody was asked to sign
        "public_key": None,
    }


@pytest.mark.parametrize("name", EVERY_RUN)
def test_the_same_run_gives_the_same_bytes(name, tmp_path):
    folder, _ = write(EVERY_RUN[name](), tmp_path)
    first = [(folder.path / file).read_bytes() for file in WRITTEN]
    write_reports(folder, folder.read_record(), folder.read_samples(), MAKERS)
    assert [(folder.path / file).read_bytes() for file in WRITTEN] == first


def test_another_process_gives_the_same_bytes_too(tmp_path):
    """Set order and hash seeds differ between processes; the report must not."""
    folder, _ = write(passing_run(), tmp_path)
    first = [(folder.path / file).read_bytes() for file in WRITTEN]
    program = (
        "import sys; from tests.gameday.reporting.stand_ins import MAKERS, Refusing\n"
        "from gameday.reporting.write import write_reports\n"
        "from gameday.store.run_folder import RunFolder\n"
        "f = RunFolder(sys.argv[1]); write_reports(f, f.read_record(), f.read_samples(), MAKERS)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(folder.path)], check=True)
    assert [(folder.path / file).read_bytes() for file in WRITTEN] == first


def test_the_result_has_the_numbers_of_the_run(tmp_path):
    _, result = write(passing_run(), tmp_path)
    assert (result.verdict, result.exit_code) == ("passed", 0)
    assert result.windows["baseline"].served_by == {"primary": 398}
    assert result.windows["faulted"].served_by == {"secondary": 594}
    (fault,) = result.faults
    assert fault.evidence.felt
    assert fault.cleared_by == "restore"
    response = result.response
    assert response.detected_at is not None
    assert response.called_at is not None
    assert response.first_good_at is not None
    assert response.all_good_at is not None
    assert START < response.detected_at < response.called_at < response.first_good_at
    assert response.first_good_at < response.all_good_at < at(22)
    assert result.restore.seconds is not None
    assert 1.0 < result.restore.seconds < 2.0


def test_clients_who_were_told_to_hang_up_are_counted_apart(tmp_path):
    patient = write(passing_run(), tmp_path / "patient")[1]
    folder, result = write(impatient_run(), tmp_path / "impatient")
    assert result.verdict == "passed"
    assert result.hung_up == 111
    assert patient.hung_up == 0
    assert "left" not in result.windows
    assert result.windows["faulted"].n == patient.windows["faulted"].n - 111
    assert result.windows["faulted"].errors == 0
    said = "111 of 1,240 clients hung up early, as the drill told them to"
    for file in (folder.markdown_file, folder.html_file):
        assert said in file.read_text()
        assert not re.search(r">left<|\| left |\bleft: ", file.read_text())


def test_who_hung_up_is_no_harm(tmp_path):
    """A client that left was not failed, nor is it one of those who could have been."""
    makers = replace(MAKERS, check=lambda spec: Refusing(kind=spec.kind))

    def harm(run, name):
        folder = run.store(tmp_path / name)
        result = write_reports(folder, folder.read_record(), folder.read_samples(), makers)
        found = re.match(r"(\d+) of ([\d,]+) requests got no answer", result.reason)
        assert found, result.reason
        return int(found[1]), int(found[2].replace(",", ""))

    lost, asked = harm(passing_run(), "patient")
    assert harm(impatient_run(), "impatient") == (lost, asked - 111)


def test_a_failure_says_what_users_would_have_felt(tmp_path):
    _, result = write(failing_run(), tmp_path)
    assert (result.verdict, result.exit_code) == ("failed", 1)
    assert result.reason.startswith("For 10 s nobody got an answer: 0 answers from secondary")
    assert result.response.called_at is None


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("passing", "passed"), ("failing", "failed"), ("inconclusive", "inconclusive")],
)
def test_the_installed_faults_and_checks_judge_it_alike(name, verdict, tmp_path):
    folder = EVERY_RUN[name]().store(tmp_path)
    result = write_reports(folder, folder.read_record(), folder.read_samples())
    assert result.verdict == verdict, result.reason
    assert len(result.checks) == 7
    assert not any("could not judge" in check.reason for check in result.checks)


def test_the_document_fits_its_own_schema(tmp_path):
    folder, _ = write(passing_run(), tmp_path)
    document = json.loads(folder.result_file.read_text())
    jsonschema.validate(document, Result.model_json_schema(by_alias=True, mode="serialization"))


def test_a_workflows_own_events_are_kept_and_nobody_elses(tmp_path):
    run = passing_run()
    record = run.with_record(events=(*run.events["workflow"], *run.events["injector"])).record
    folder = RunFolder(tmp_path / "7Q2K")
    write_reports(folder, record, run.samples, MAKERS)
    assert folder.read_events("workflow") == run.events["workflow"]
    assert not folder.has_segment("injector")
    assert "no segment from injector" in folder.journal_file.read_text()
    assert "no segment from injector" in folder.html_file.read_text()


def test_a_changed_sample_changes_the_result(tmp_path):
    """The judgement comes from the samples, not from anything that was written before."""
    folder, before = write(passing_run(), tmp_path)
    few = [sample.changed() for sample in folder.read_samples()[:300]]
    folder.samples_file().unlink()
    folder.append_samples(few)
    after = write_reports(folder, folder.read_record(), folder.read_samples(), MAKERS)
    assert before.verdict == "passed"
    assert after.verdict == "inconclusive"
