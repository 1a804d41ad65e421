"""What is over is taken away as the run's own target file says, and a signed bundle stays."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gameday.cli.main import main
from gameday.domain.evidence import Evidence
from gameday.domain.finding import Finding
from gameday.evidence.checking import check_bundle
from gameday.evidence.key import Keys, read_public
from gameday.reporting.write import write_reports
from gameday.store.findings import Findings
from gameday.store.history import History
from tests.gameday.reporting.runs import passing_run
from tests.gameday.reporting.stand_ins import MAKERS


@pytest.fixture
def run_of(tmp_path):
    """A run that ended so many days ago, of a target that keeps evidence like this."""

    def make(days, **kept):
        made = passing_run()
        request = made.record.request
        target = request.target.model_copy(update={"evidence": Evidence(**kept)})
        ended_at = datetime.now(UTC) - timedelta(days=days, hours=1)
        run = made.with_record(request=request.model_copy(update={"target": target}))
        folder = run.store(tmp_path / "runs")
        write_reports(folder, run.record, folder.read_samples(), MAKERS, Keys(tmp_path / "state"))
        folder.write_record(run.record.model_copy(update={"ended_at": ended_at}))
        return folder

    return make


@pytest.fixture
def prune(tmp_path, capsys):
    def call(*argv):
        places = ["--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "state")]
        code = main(["prune", *argv, *places])
        return code, capsys.readouterr().out

    return call


@pytest.mark.parametrize(("days", "over"), [(29, False), (30, True)], ids=["a day less", "over"])
def test_samples_go_after_their_days_and_what_they_were_stays_signed(days, over, run_of, prune):
    folder = run_of(days, samples_kept_days=30)
    code, said = prune("--yes")
    assert code == 0
    assert ("7Q2K  what single requests were like, 30 days old" in said) is over
    assert folder.samples_folder.exists() is not over
    checked = check_bundle(folder.bundle_file, read_public(folder.public_key_file))
    assert ("samples/0.columns" in checked.withheld) is over
    assert prune("--yes")[1] == "nothing is over\n"


def test_without_yes_nothing_is_taken(run_of, prune):
    folder = run_of(400, samples_kept_days=30)
    code, said = prune()
    assert code == 0
    assert "would be taken away" in said
    assert folder.samples_folder.exists()
    assert json.loads(prune("--json")[1])["over"][0]["what"] == "samples"


def test_a_run_that_lost_its_samples_is_not_judged_anew(run_of, prune, tmp_path, capsys):
    folder = run_of(31, samples_kept_days=30)
    prune("--yes")
    before = folder.result_file.read_bytes()
    assert main(["judge", "7Q2K", "--runs", str(tmp_path / "runs")]) == 6
    assert "its samples were taken away" in capsys.readouterr().err
    assert main(["bundle", "7Q2K", "--runs", str(tmp_path / "runs")]) == 6
    assert folder.result_file.read_bytes() == before


def test_whole_runs_go_too_and_those_that_say_nothing_stay(run_of, prune):
    folder = run_of(4000)
    assert prune("--yes")[1] == "nothing is over\n"
    folder = run_of(400, samples_kept_days=30, runs_kept_days=400)
    prune("--yes")
    assert not folder.path.exists()


def test_a_run_with_an_open_finding_keeps_everything(run_of, prune, tmp_path):
    folder = run_of(400, samples_kept_days=30, runs_kept_days=300)
    finding = Finding(
        id="", run="7Q2K", drill="provider-outage", target="lab", environment="lab",
        what="it was slow", owner="ana", due=datetime.now(UTC).date(),
        opened_at=datetime.now(UTC), opened_by="ana",
    )  # fmt: skip
    findings = Findings(tmp_path / "runs")
    opened = findings.open(finding)
    assert prune("--yes")[1] == "nothing is over\n"
    findings.put(opened.model_copy(update={"closed_at": datetime.now(UTC)}))
    prune("--yes")
    assert not folder.path.exists()


def test_where_no_bundle_can_be_signed_nothing_is_taken(run_of, prune, tmp_path):
    folder = run_of(31, samples_kept_days=30)
    (tmp_path / "state" / "reporter" / "key.pem").chmod(0o644)
    assert prune("--yes")[0] == 2
    assert folder.samples_folder.exists()


@pytest.mark.parametrize("kept", [None, 1], ids=["for ever", "for a day"])
def test_the_figures_of_a_run_outlive_it_as_long_as_its_target_says(kept, run_of, prune, tmp_path):
    folder = run_of(400, runs_kept_days=400, history_kept_days=kept)
    prune("--yes")
    assert not folder.path.exists()
    history = History(tmp_path / "state")
    assert [row.pruned for row in history.rows()] == [True]
    assert ("7Q2K  its figures in the history" in prune("--yes")[1]) is (kept == 1)
    assert [row.run_id for row in history.rows()] == ([] if kept else ["7Q2K"])
