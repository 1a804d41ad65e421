"""Errands of a runbook, as a worker carries them out: told, asked, started and stopped."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.errand import ErrandActivities, WantedErrand
from gameday.domain.errand import Done
from gameday.domain.runbook import DeedSpec
from gameday.domain.runbook_request import Mode
from gameday.store.references import References
from tests.activities.test_ask import request_of
from tests.gameday.cli.small_shop import Door, door
from tests.workflows.test_drill import request_for

__all__ = ["door"]  # the fixture


class Handle:
    def __init__(self, client, workflow) -> None:
        self.client, self.workflow = client, workflow

    async def signal(self, name: str, by: str) -> None:
        if self.workflow in self.client.ended:
            raise RPCError("gone", RPCStatusCode.NOT_FOUND, b"")
        self.client.told.append((self.workflow, name, by))


class Temporal:
    """What a desk asks of Temporal: two drills go on, one of them on another target."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        self.started: dict[str, dict] = {}
        self.ended: set[str] = set()
        self.running = {"drill-ONE": "shop", "drill-TWO": "other"}

    async def list_workflows(self, query: str):
        assert "ExecutionStatus" in query
        for workflow, target in self.running.items():

            async def memo(target=target):
                return {"target": target}

            yield SimpleNamespace(id=workflow, memo=memo)

    def get_workflow_handle(self, workflow: str) -> Handle:
        return Handle(self, workflow)

    async def start_workflow(self, name, request, *, id, memo, **_):  # noqa: A002 - Temporal's own
        if id in self.started:
            raise WorkflowAlreadyStartedError(id, name)
        self.started[id] = memo


async def carried_out(request, kind, temporal=None, started=None, **settings) -> Done:
    wanted = WantedErrand(
        request=request, item="it", errand=DeedSpec(kind=kind, settings=settings), drill=started
    )
    activities = ErrandActivities(References(door_state(request)), temporal or Temporal())
    return await ActivityEnvironment().run(activities.errand, wanted)


def door_state(request):
    return Path(request.target_file).parent / ".gameday"


def hooked(door, command="tee told >/dev/null"):
    script = door / "page"
    script.write_text(f"#!/bin/sh\n{command}\n")
    script.chmod(0o755)
    return request_of(door, "notify: {command: [./page]}\n")


async def test_people_are_told_by_the_targets_channels(door):
    done = await carried_out(hooked(door), "notify", say="All is well")
    assert (done.sentence, done.failed) == ("told: All is well", "")
    assert "All is well" in (door / "told").read_text()


async def test_in_a_drill_they_are_told_that_it_is_one(door):
    request = hooked(door).model_copy(update={"mode": Mode.DRILL})
    assert (await carried_out(request, "notify", say="All is well")).sentence == (
        "told: [drill] All is well"
    )


async def test_nobody_to_tell_and_nobody_who_hears_are_failures(door):
    done = await carried_out(request_of(door), "notify", say="All is well")
    assert done.failed == "the target names nobody to tell (`notify:`)"
    done = await carried_out(hooked(door, "exit 3"), "notify", say="All is well")
    assert "3" in done.failed


async def test_the_suite_is_asked(door):
    done = await carried_out(request_of(door), "run_suite", requests=8, rate="300/s")
    assert done.sentence == "8 of 8 requests got a whole answer"
    Door.texts = ()
    done = await carried_out(request_of(door), "run_suite", requests=8, rate="300/s")
    assert done.failed == "nobody answered"


async def test_a_drill_is_started_once_under_its_id(door):
    temporal, drill = Temporal(), request_for("BOOK-it")
    for _ in range(2):
        done = await carried_out(request_of(door), "start_drill", temporal, drill, drill="any")
        assert done.sentence == "any is started as run BOOK-it"
    assert list(temporal.started) == ["drill-BOOK-it"]
    assert temporal.started["drill-BOOK-it"]["target"] == drill.target.target


@pytest.mark.parametrize(
    ("ended", "said"), [(set(), "ONE"), ({"drill-ONE"}, "ONE")], ids=["goes on", "has ended"]
)
async def test_drills_on_the_target_are_told_to_stop_and_no_others(door, ended, said):
    temporal = Temporal()
    temporal.ended = ended
    done = await carried_out(request_of(door), "stop_drills", temporal)
    assert done.sentence == f"drills told to stop: {said}"
    stopped = [("drill-ONE", "abort", "runbook any")]
    assert temporal.told == ([] if ended else stopped)


async def test_no_drill_to_stop(door):
    temporal = Temporal()
    temporal.running = {}
    done = await carried_out(request_of(door), "stop_drills", temporal)
    assert done.sentence == "drills told to stop: none goes on here"
