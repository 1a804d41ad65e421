"""A finding is opened and closed by what runs show, never by a word."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gameday.cli.main import main
from gameday.reporting.write import write_reports
from gameday.store.findings import Findings
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.played import make_played
from tests.gameday.reporting.runs import failing_run, inconclusive_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS

TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
YESTERDAY = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"


@pytest.fixture
def gameday(tmp_path, capsys):
    """The command, where 4F9C failed, 7Q2K passed and 2N0P was inconclusive."""
    for run in (failing_run(), passing_run(), inconclusive_run()):
        write_reports(run.store(tmp_path), run.record, run.samples, MAKERS)

    def call(*argv):
        code = main(["finding", *argv, "--runs", str(tmp_path)])
        return code, capsys.readouterr()

    return call


def make_later(tmp_path, run_id):
    """The run, as if it had been made after all findings."""
    file = tmp_path / run_id / "result.json"
    document = json.loads(file.read_text())
    later = datetime.now(UTC) + timedelta(hours=1)
    file.write_text(json.dumps(document | {"started_at": later.isoformat()}))


def opened(gameday, *more, due=TOMORROW):
    code, said = gameday("open", "4F9C", "--owner", "ana", "--due", due, "--json", *more)
    assert code == 0, said.err
    return json.loads(said.out)[0]


def test_a_finding_says_what_the_run_showed(gameday, tmp_path):
    finding = opened(gameday, "--check", "fallback", "--as", "dana")
    assert finding["id"] == "4F9C-1"
    assert finding["what"].startswith("fallback: ")
    assert (finding["owner"], finding["due"], finding["opened_by"]) == ("ana", TOMORROW, "dana")
    assert opened(gameday)["id"] == "4F9C-2"
    assert [one.id for one in Findings(tmp_path).all()] == ["4F9C-1", "4F9C-2"]


def test_a_later_run_in_which_it_held_closes_it(gameday, tmp_path):
    opened(gameday, "--check", "fallback")
    make_later(tmp_path, "7Q2K")
    code, said = gameday("retest", "4F9C-1", "7Q2K")
    assert code == 0
    assert "4F9C-1  closed  ana" in said.out
    assert Findings(tmp_path).get("4F9C-1").retests == ("7Q2K",)
    states = (tmp_path / "findings.jsonl").read_text().splitlines()
    assert len(states) == 2  # both are kept


def test_an_earlier_run_and_the_run_itself_close_nothing(gameday, tmp_path):
    opened(gameday, "--check", "fallback")
    for run in ("7Q2K", "4F9C"):
        code, said = gameday("retest", "4F9C-1", run)
        assert code == 1
        assert f"stays open: run {run} began before the finding was opened" in said.out
    assert Findings(tmp_path).get("4F9C-1").closed_at is None


def test_a_retest_that_fails_again_is_linked_and_leaves_it_open(gameday, tmp_path):
    opened(gameday, "--check", "fallback")
    file = tmp_path / "7Q2K" / "result.json"
    make_later(tmp_path, "7Q2K")
    document = json.loads(file.read_text())
    for check in document["checks"]:
        check["held"] = "unknown"
    file.write_text(json.dumps(document))
    code, said = gameday("retest", "4F9C-1", "7Q2K")
    assert code == 1
    assert "stays open: fallback in run 7Q2K: unknown" in said.out
    assert Findings(tmp_path).get("4F9C-1").retests == ("7Q2K",)


def test_another_drill_is_no_retest(gameday, tmp_path):
    opened(gameday)
    make_later(tmp_path, "2N0P")
    code, said = gameday("retest", "4F9C-1", "2N0P")
    assert code == 1
    assert "run 2N0P is noop on lab/lab; expected provider-outage on lab/lab" in said.out


def test_an_inconclusive_retest_proves_nothing_whatever_its_checks_say(gameday, tmp_path):
    opened(gameday, "--check", "fallback")
    make_later(tmp_path, "7Q2K")
    file = tmp_path / "7Q2K" / "result.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"verdict": "inconclusive"}))
    code, said = gameday("retest", "4F9C-1", "7Q2K")
    assert code == 1
    assert "stays open: run 7Q2K was inconclusive" in said.out


def test_overdue_ones_end_with_1(gameday):
    assert gameday("list", "--overdue")[0] == 0
    opened(gameday, due=TOMORROW)
    assert gameday("list", "--overdue")[0] == 0
    opened(gameday, due=YESTERDAY)
    code, said = gameday("list", "--overdue")
    assert code == 1
    assert "4F9C-2  OVERDUE  ana by" in said.out
    assert "4F9C-1" not in said.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["4F9C", "--check", "nothing"], "run 4F9C has no check 'nothing'; it has fallback, "),
        (["7Q2K", "--check", "fallback"], "fallback held in run 7Q2K: "),
        (["7Q2K"], "run 7Q2K passed: it shows nothing that was wrong"),
        (["XXXX"], "run XXXX has not got so far"),
    ],
    ids=["no such check", "it held", "it passed", "no such run"],
)
def test_what_a_run_does_not_show_is_no_finding_of_it(gameday, argv, said):
    code, told = gameday("open", *argv, "--owner", "ana", "--due", TOMORROW)
    assert code == 2
    assert said in told.err


def test_a_finding_that_is_not_there_is_named(gameday):
    code, told = gameday("retest", "4F9C-9", "7Q2K")
    assert code == 2
    assert "there is no finding 4F9C-9 in" in told.err


def test_what_an_incident_showed_is_mended_by_the_drill_that_rehearses_it(gameday, tmp_path):
    RunFolder(tmp_path / "RUN1").write_runbook(make_played())
    code, said = gameday("open", "RUN1", "--owner", "ana", "--due", TOMORROW, "--json")
    assert code == 0, said.err
    (finding,) = json.loads(said.out)
    assert (finding["id"], finding["drill"], finding["runbook"]) == (
        "RUN1-1", "rehearse-inc-12", "model-regressed",
    )  # fmt: skip
    assert finding["what"] == "resolved: the answers are inside again"
    make_later(tmp_path, "7Q2K")
    code, said = gameday("retest", "RUN1-1", "7Q2K")
    assert code == 1
    assert "run 7Q2K is provider-outage on lab; expected rehearse-inc-12 on lab" in said.out
    rename(tmp_path, drill="rehearse-inc-12", environment="staging")
    assert gameday("retest", "RUN1-1", "7Q2K")[0] == 0


def test_another_drill_may_be_named_to_show_it_mended(gameday, tmp_path):
    RunFolder(tmp_path / "RUN1").write_runbook(make_played())
    code, said = gameday("open", "RUN1", "--owner", "ana", "--due", TOMORROW, "--json",
                         "--drill", "provider-outage", "--what", "Too slow.")  # fmt: skip
    (finding,) = json.loads(said.out)
    assert (code, finding["drill"], finding["what"]) == (0, "provider-outage", "Too slow.")


def rename(tmp_path, **fields):
    """The run 7Q2K, as if it had been another one."""
    file = tmp_path / "7Q2K" / "result.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))
