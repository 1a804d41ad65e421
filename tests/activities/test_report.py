"""A run's reports are written, and its review where a runbook was its response."""

import pytest
from temporalio.testing import ActivityEnvironment

from activities.connections import injector_factory
from activities.messages import StoredRun
from activities.report import ReportActivities
from gameday.domain.runbook_request import Mode
from gameday.domain.verdict import Verdict
from gameday.evidence.key import Keys
from gameday.store.history import History
from gameday.store.ledger import Ledger
from tests.gameday.reporting.played import make_played
from tests.gameday.reporting.runs import passing_run


@pytest.fixture
def reported(tmp_path):
    """Report the passing run, whose response was this runbook's run."""

    async def report(played=None):
        folder = passing_run().store(tmp_path / "runs")
        if played is not None:
            folder.write_runbook(played)
        state = tmp_path / "state"
        activities = ReportActivities(
            injector_factory(state), Ledger(state), Keys(state), History(state)
        )
        stored = StoredRun(folder=str(folder.path))
        return folder, await ActivityEnvironment().run(activities.report, stored)

    return report


async def test_a_drill_with_a_runbook_leaves_its_review(reported):
    folder, result = await reported(make_played(mode=Mode.DRILL))
    assert result.verdict is Verdict.PASSED
    for ending in ("md", "html", "json"):
        assert "dana" in folder.review_file(ending).read_text()


async def test_a_drill_without_one_leaves_none(reported):
    folder, _ = await reported()
    assert not folder.review_file("md").exists()


async def test_a_review_that_cannot_be_written_costs_no_report(reported, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ledger.db").write_bytes(b"no database at all, and long enough" * 40)
    folder, result = await reported(make_played(mode=Mode.DRILL))
    assert result.verdict is Verdict.PASSED
    assert folder.result_file.exists()
    assert not folder.review_file("md").exists()
