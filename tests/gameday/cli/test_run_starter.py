"""Runs started by an alert, on a real Temporal server: one for one id, whatever is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from gameday.catalog.files import load_serving
from gameday.cli import run_starter
from gameday.cli.identity import Signer
from gameday.cli.run_starter import RunStarter
from gameday.domain.errors import FileError, StartError
from gameday.domain.incident import Alerted
from gameday.domain.runbook_record import RunbookStart
from gameday.domain.sender import Occurrence
from gameday.domain.serving import Trigger
from gameday.serve.dispatcher import Wanted
from gameday.supervisor.programs import temporal_server
from tests.gameday.catalog.authored import TARGET, spoil, written
from tests.gameday.injector.rig import soon
from tests.gameday.serve.served import folder_of
from tests.gameday.serve.told import AT

BY = "alert:team/alertmanager"
RUNBOOK = """\
runbook: worse
title: The answers got worse
purpose: Somebody is told.
inputs: {place: {default: somewhere}, tier: {default: none}}
play:
  - {name: tell, do: notify, say: "{{tier}}: it is worse in {{place}}"}
"""
ANSWERED = {
    "when": {"alertname": "Worse"},
    "runbook": "worse.yaml",
    "environment": "lab",
    "inputs": {"place": {"label": "place"}, "tier": "gold"},
}


class Attached:
    """A session of a Temporal that is there, or not."""

    def __init__(self, client=None):
        self._client = client

    async def temporal(self):
        if self._client is None:
            raise StartError("Temporal does not answer")
        return self._client

    def injector(self, at):
        raise StartError("no token of it is here")


@pytest.fixture
async def client():
    environment = await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=temporal_server(),
        dev_server_log_level="error",
    )
    async with environment:
        yield environment.client


@pytest.fixture
def starter(tmp_path):
    folder = folder_of(tmp_path)
    return RunStarter(
        folder, folder / "gameday.yaml", folder / ".gameday", folder / "runs", Signer("team")
    )


@pytest.fixture
def trigger(tmp_path, starter):
    return load_serving(tmp_path / "serve.yaml").start[0]


def wanted(trigger, run_id, labels=None, incident=""):
    alert = Occurrence(key="one", firing=True, began_at=AT, labels=labels or {})
    return Wanted(run_id, trigger, alert, BY, incident)


async def runs_of(client, count):
    async def found():
        every = [one async for one in client.list_workflows("")]
        return every if len(every) >= count else None

    return await soon(found, f"{count} workflows in the list")


async def test_one_id_is_one_run_also_when_it_has_ended(client, starter, trigger, monkeypatch):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))
    assert not await starter.known("RUN0000001")
    for _ in range(2):
        await starter.start(wanted(trigger, "RUN0000001"))
    assert await starter.known("RUN0000001")
    handle = client.get_workflow_handle("drill-RUN0000001")
    assert (await (await handle.describe()).memo())["requested_by"] == BY
    await handle.terminate()
    await starter.start(wanted(trigger, "RUN0000001"))
    assert (await handle.describe()).status is WorkflowExecutionStatus.TERMINATED
    await starter.start(wanted(trigger, "RUN0000002"))
    assert len(await runs_of(client, 2)) == 2


async def test_a_start_that_races_another_is_the_same_run(client, starter, trigger, monkeypatch):
    """Whoever asked between the question and the start has started the very same."""
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))

    async def unknown(_):
        return False

    monkeypatch.setattr(starter, "known", unknown)
    for _ in range(2):
        await starter.start(wanted(trigger, "RUN0000001"))
    assert len(await runs_of(client, 1)) == 1


async def test_an_end_is_asked_of_the_run_and_of_one_that_has_ended(
    client, starter, trigger, monkeypatch
):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))
    await starter.start(wanted(trigger, "RUN0000001"))
    assert "told to end" in await starter.end("RUN0000001", BY)
    handle = client.get_workflow_handle("drill-RUN0000001")
    sent = [one async for one in handle.fetch_history_events()]
    assert sent[-1].workflow_execution_signaled_event_attributes.signal_name == "abort"
    await handle.terminate()
    assert await starter.end("RUN0000001", BY) == "had ended by itself"


async def a_drill(client, run_id, target, **memo):
    return await client.start_workflow(
        "drill", id=f"drill-{run_id}", task_queue="q", memo={"target": target, **memo}
    )


async def test_an_incident_ends_the_drills_on_its_target_once_and_no_others(
    client, starter, monkeypatch
):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))
    here, elsewhere = await a_drill(client, "A", "lab"), await a_drill(client, "B", "shop")
    await (await a_drill(client, "C", "lab")).terminate()

    async def told():
        return await starter.stop_drills("lab", "incident INC-12")

    assert await soon(told, "the drill is in the list") == ["A"]
    assert await told() == []
    sent = [one async for one in here.fetch_history_events()]
    signal = sent[-1].workflow_execution_signaled_event_attributes
    assert signal.signal_name == "abort"
    assert b"incident INC-12" in signal.input.payloads[0].data
    events = [one async for one in elsewhere.fetch_history_events()]
    assert not any(one.HasField("workflow_execution_signaled_event_attributes") for one in events)


async def test_drills_are_known_that_went_on_when_an_alert_began(client, starter, monkeypatch):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))
    declared = {"environment": "lab", "expects": ["Slow"], "answers": "worse", "phase": "faulted"}
    await a_drill(client, "A", "lab", **declared)
    await a_drill(client, "B", "shop")
    await (await a_drill(client, "C", "lab")).terminate()
    await runs_of(client, 3)

    async def there(since):
        return {one.run_id: one for one in await starter.drills_on("lab", since)}

    async def both():
        found = await there(datetime.now(UTC) - timedelta(minutes=9))
        return found if len(found) == 2 else None

    drills = await soon(both, "the one that goes on, and the one that has ended")
    assert drills["A"].goes_on
    assert drills["A"].environment == "lab"
    assert (drills["A"].expects, drills["A"].answers) == (("Slow",), "worse")
    assert drills["A"].phase == "faulted"
    assert not drills["C"].goes_on
    assert drills["C"].expects == ()
    assert set(await there(datetime.now(UTC) + timedelta(minutes=9))) == {"A"}


async def test_a_run_is_told_of_an_alert_and_one_that_has_ended_is_not(
    client, starter, monkeypatch
):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))
    alert = Alerted(alert="Slow", sender="a", key="k", firing=True, began_at=AT, received_at=AT)
    assert not await starter.tell("A", alert)
    handle = await a_drill(client, "A", "lab")
    assert await starter.tell("A", alert)
    assert await starter.goes_on("A")
    sent = [one async for one in handle.fetch_history_events()]
    signal = sent[-1].workflow_execution_signaled_event_attributes
    assert signal.signal_name == "alerted"
    assert Alerted.model_validate_json(signal.input.payloads[0].data) == alert
    await handle.terminate()
    assert not await starter.tell("A", alert)
    assert not await starter.goes_on("A")
    assert await starter.known("A")


async def test_a_runbook_is_one_run_with_the_alerts_labels_as_its_inputs(
    client, starter, tmp_path, monkeypatch
):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))
    written(tmp_path, RUNBOOK, "worse.yaml")
    trigger = Trigger.model_validate(ANSWERED)
    starter.try_out(trigger)
    assert (starter.target_of(trigger), starter.runbook_of(trigger)) == ("lab", "worse")
    for _ in range(2):
        await starter.start(wanted(trigger, "RUN0000001", {"place": "the lab"}, "INC-12"))
    handle = client.get_workflow_handle("runbook-RUN0000001")
    began, *_ = [one async for one in handle.fetch_history_events()]
    payload = began.workflow_execution_started_event_attributes.input.payloads[0]
    request = RunbookStart.model_validate_json(payload.data).request
    assert (request.mode, request.incident, request.requested_by) == ("live", "INC-12", BY)
    assert request.runbook.play[0].settings == {"say": "gold: it is worse in the lab"}
    assert len(await runs_of(client, 1)) == 1


def test_a_runbook_that_lacks_an_input_without_labels_is_told_of_at_the_start(starter, tmp_path):
    written(tmp_path, spoil(RUNBOOK, "{default: somewhere}", "{}"), "worse.yaml")
    with pytest.raises(FileError, match="the input 'place' has no default"):
        starter.try_out(Trigger.model_validate(ANSWERED))


async def test_what_cannot_be_reached_is_tried_again(starter, trigger, monkeypatch):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached())
    for asked in (
        starter.known("X"),
        starter.start(wanted(trigger, "X")),
        starter.end("X", BY),
    ):
        with pytest.raises(StartError, match="does not answer"):
            await asked


async def test_a_file_that_has_become_wrong_is_told_with_its_place(
    client, starter, trigger, tmp_path, monkeypatch
):
    monkeypatch.setattr(run_starter, "attached_session", lambda _: Attached(client))
    written(tmp_path, spoil(TARGET, "\nproviders:", "\nprovidders:"), "gameday.yaml")
    with pytest.raises(FileError, match="unknown key 'providders'"):
        await starter.start(wanted(trigger, "RUN0000001"))
    assert not await starter.known("RUN0000001")


def test_a_drill_in_production_waits_for_approval(starter, trigger, tmp_path):
    written(tmp_path, spoil(TARGET, "\n  lab: {", "\n  production: {"), "gameday.yaml")
    there = trigger.model_copy(update={"environment": "production", "production": True})
    assert starter.prepare(there).drill.require_approval
    assert starter.prepare(there).plan.digest
