"""The preflight's line about incidents: while one is open on the target, nothing is rehearsed."""

import pytest
from temporalio.testing import ActivityEnvironment

from activities.preflight import PreflightActivities
from gameday.store.incidents import Incidents
from gameday.store.isolation import IsolationProofs
from gameday.store.ledger import Ledger
from tests.activities.preflight_rig import nobody_else
from tests.activities.test_preflight_isolation import Injector, request
from tests.gameday.domain.test_incident import LATER, incident


async def line(folder):
    activities = PreflightActivities(
        lambda _: Injector(),
        IsolationProofs(folder),
        Ledger(folder),
        Incidents(folder),
        nobody_else,
    )
    wanted = request(folder, "staging")
    report = await ActivityEnvironment().run(activities.preflight, wanted)
    return report, wanted.target.target


async def test_an_open_incident_refuses_the_drill_whatever_environment_it_is_in(tmp_path):
    _, target = await line(tmp_path)
    Incidents(tmp_path).open(incident(target=target, environment="production"))
    report, _ = await line(tmp_path)
    assert report.refusal.startswith(
        f"incident INC-12 is open on target {target} since 2026-01-05 01:52 "
        "(the answers got worse; by dana); end it first, with  gameday incident close INC-12"
    )
    Incidents(tmp_path).change("INC-12", lambda one: one.closed("dana", LATER))
    report, _ = await line(tmp_path)
    assert f"no incident is open on target {target}" in [one.sentence for one in report.lines]
    assert report.lines[0].ok


@pytest.mark.parametrize("content", ["{}\n", "not a line"])
async def test_incidents_that_cannot_be_read_are_not_none(tmp_path, content):
    Incidents(tmp_path).file.write_text(content)
    report, _ = await line(tmp_path)
    assert not report.lines[0].ok
    assert "incidents.jsonl:1" in report.lines[0].sentence
