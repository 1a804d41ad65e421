"""Drills started by an alert, on a real Temporal server: one run for one id, whatever is lost."""

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from gameday.catalog.files import load_serving
from gameday.cli import drill_starter
from gameday.cli.drill_starter import DrillStarter
from gameday.cli.drills_there import stop_drills
from gameday.domain.errors import FileError, StartError
from gameday.supervisor.programs import temporal_server
from tests.gameday.catalog.authored import TARGET, spoil, written
from tests.gameday.injector.rig import soon
from tests.gameday.serve.served import folder_of

BY = "alert:team/alertmanager"


class Attached:
    """A session of a Temporal that is there, or not."""

    def __init__(self, client=None):
        self._client = client

    async def temporal(self):
        if self._client is None:
            raise StartError("Temporal does not answer")
        return self._client


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
    return DrillStarter(folder, folder / "gameday.yaml", folder / ".gameday", folder / "runs")


@pytest.fixture
def trigger(tmp_path, starter):
    return load_serving(tmp_path / "serve.yaml").start[0]


async def runs_of(client, count):
    async def found():
        every = [one async for one in client.list_workflows("")]
        return every if len(every) >= count else None

    return await soon(found, f"{count} workflows in the list")


async def test_one_id_is_one_run_also_when_it_has_ended(client, starter, trigger, monkeypatch):
    monkeypatch.setattr(drill_starter, "attached_session", lambda _: Attached(client))
    assert not await starter.known("RUN0000001")
    for _ in range(2):
        await starter.start(trigger, "RUN0000001", BY)
    assert await starter.known("RUN0000001")
    handle = client.get_workflow_handle("drill-RUN0000001")
    assert (await (await handle.describe()).memo())["requested_by"] == BY
    await handle.terminate()
    await starter.start(trigger, "RUN0000001", BY)
    assert (await handle.describe()).status is WorkflowExecutionStatus.TERMINATED
    await starter.start(trigger, "RUN0000002", BY)
    assert len(await runs_of(client, 2)) == 2


async def test_a_start_that_races_another_is_the_same_run(client, starter, trigger, monkeypatch):
    """Whoever asked between the question and the start has started the very same."""
    monkeypatch.setattr(drill_starter, "attached_session", lambda _: Attached(client))

    async def unknown(_):
        return False

    monkeypatch.setattr(starter, "known", unknown)
    for _ in range(2):
        await starter.start(trigger, "RUN0000001", BY)
    assert len(await runs_of(client, 1)) == 1


async def test_an_end_is_asked_of_the_run_and_of_one_that_has_ended(
    client, starter, trigger, monkeypatch
):
    monkeypatch.setattr(drill_starter, "attached_session", lambda _: Attached(client))
    await starter.start(trigger, "RUN0000001", BY)
    assert "told to end" in await starter.end("RUN0000001", BY)
    handle = client.get_workflow_handle("drill-RUN0000001")
    sent = [one async for one in handle.fetch_history_events()]
    assert sent[-1].workflow_execution_signaled_event_attributes.signal_name == "abort"
    await handle.terminate()
    assert await starter.end("RUN0000001", BY) == "had ended by itself"


async def test_an_incident_ends_the_drills_on_its_target_and_no_others(client):
    async def drill(run_id, target):
        return await client.start_workflow(
            "drill", id=f"drill-{run_id}", task_queue="q", memo={"target": target}
        )

    here, elsewhere, over = (
        await drill("A", "lab"),
        await drill("B", "shop"),
        await drill("C", "lab"),
    )
    await over.terminate()

    async def told():
        return await stop_drills(client, "lab", "incident INC-12")

    assert await soon(told, "the drill is in the list") == ["A"]
    assert await stop_drills(client, "lab", "incident INC-12", told={"A"}) == []
    sent = [one async for one in here.fetch_history_events()]
    signal = sent[-1].workflow_execution_signaled_event_attributes
    assert signal.signal_name == "abort"
    assert b"incident INC-12" in signal.input.payloads[0].data
    events = [one async for one in elsewhere.fetch_history_events()]
    assert not any(one.HasField("workflow_execution_signaled_event_attributes") for one in events)


async def test_what_cannot_be_reached_is_tried_again(starter, trigger, monkeypatch):
    monkeypatch.setattr(drill_starter, "attached_session", lambda _: Attached())
    for asked in (
        starter.known("X"),
        starter.start(trigger, "X", BY),
        starter.end("X", BY),
    ):
        with pytest.raises(StartError, match="does not answer"):
            await asked


async def test_a_file_that_has_become_wrong_is_told_with_its_place(
    client, starter, trigger, tmp_path, monkeypatch
):
    monkeypatch.setattr(drill_starter, "attached_session", lambda _: Attached(client))
    written(tmp_path, spoil(TARGET, "\nproviders:", "\nprovidders:"), "gameday.yaml")
    with pytest.raises(FileError, match="unknown key 'providders'"):
        await starter.start(trigger, "RUN0000001", BY)
    assert not await starter.known("RUN0000001")


def test_a_drill_in_production_waits_for_approval(starter, trigger, tmp_path):
    written(tmp_path, spoil(TARGET, "\n  lab: {", "\n  production: {"), "gameday.yaml")
    there = trigger.model_copy(update={"environment": "production", "production": True})
    assert starter.prepare(there).drill.require_approval
    assert starter.prepare(there).plan.digest
