"""A live run of a runbook leaves its review when it is closed, with its incident as it then is."""

import pytest
from temporalio.testing import ActivityEnvironment

from activities.runbook import RunbookActivities
from gameday.domain.review import Review
from gameday.domain.runbook_request import Mode
from gameday.injector.client import InjectorClient
from gameday.store.incidents import Incidents
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.played import INCIDENT, make_played


def nobody(_):
    """The injector, which is gone."""
    return InjectorClient("http://127.0.0.1:1", "token")


@pytest.fixture
def closed(tmp_path):
    """Close a run of INC-12 whose injector is gone."""

    async def close(mode):
        state = tmp_path / "state"
        incidents = Incidents(state)
        incidents.open(INCIDENT.model_copy(update={"alerts": ()}))
        activities = RunbookActivities(nobody, Ledger(state), incidents)
        record = make_played(mode=mode)
        folder = RunFolder(tmp_path / "runs" / "RUN1")
        request = record.request.model_copy(update={"folder": str(folder.path)})
        record = record.model_copy(update={"request": request})
        await ActivityEnvironment().run(activities.close_runbook, record)
        return folder

    return close


async def test_a_live_run_leaves_its_review_after_its_incident_is_closed(closed):
    folder = await closed(Mode.LIVE)
    review = Review.model_validate_json(folder.review_file("json").read_text())
    assert (review.run, review.incident, review.ended) == ("RUN1", "INC-12", "resolved")
    assert "incident INC-12 was closed" in [one.what for one in review.timeline]


async def test_a_dry_run_leaves_none(closed):
    folder = await closed(Mode.DRY_RUN)
    assert folder.runbook_file.exists()
    assert not folder.review_file("json").exists()
