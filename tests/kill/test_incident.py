"""From a model that was swapped to a review, across every process: as a drill, and in earnest.

A watch notices, its hook tells `gameday serve`, the alert starts the runbook, a person says yes
from a second terminal, and the answers are inside the envelope again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from gameday.cli.planning import prepare, request_for
from gameday.cli.serve import INBOX
from gameday.cli.starting import start_run
from gameday.domain.hook import Hook
from gameday.domain.runbook_record import Outcome, RunbookRecord
from gameday.serve.inbox import Inbox
from gameday.store.incidents import Incidents
from gameday.store.run_folder import RunFolder
from gameday.supervisor.child import Child
from gameday.supervisor.ports import answers, free_port
from gameday.supervisor.schedules import end_schedule
from tests.gameday.serve.told import STANDARD_SECRET
from tests.kill.rig import GAMEDAY, HERE, Rig, Run, soon
from tests.kill.test_watch import MANY_TICKS_S, Watching, gameday

REGRESSION = str(HERE / "short-regression.yaml")
Play = WorkflowHandle[Any, RunbookRecord]
LONG_S = 240.0  # of questions that ask the suite on a busy machine
SERVE = """\
serve: team
senders: {watch: {kind: standard, secret: "file:secret"}}
start:
  - {when: {alertname: GamedayWatch*}, runbook: model-regressed, environment: lab}
"""


class OnCall(Watching):
    """The lab, watched; its alarms go to a `gameday serve` of the same state folder."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        super().__init__(rig, folder)
        self._port = free_port()
        self._serve: Child

    def hook(self) -> Hook:
        secret = self.folder / "secret"
        secret.write_text(STANDARD_SECRET)
        return Hook(post=f"http://127.0.0.1:{self._port}/watch", sign=f"file:{secret}")

    def serve(self) -> None:
        (self.folder / "serve.yaml").write_text(SERVE)
        argv = [GAMEDAY, "serve", str(self.folder / "serve.yaml")]
        argv += [
            "--listen",
            f"127.0.0.1:{self._port}",
            "--target",
            str(self.folder / "gameday.yaml"),
        ]
        argv += ["--state", str(self.rig.state_folder), "--runs", str(self.rig.runs)]
        self._serve = Child("serve", argv, log=self.folder / "serve.log")
        self._serve.start()
        self._serve.wait_ready(lambda: answers(self._port), within_s=90)

    def stop(self) -> None:
        self._serve.stop()

    @property
    def incidents(self) -> Incidents:
        return Incidents(self.rig.state_folder)

    def inbox(self) -> list[str]:
        """What became of each alert."""
        inbox = Inbox(self.rig.state_folder / INBOX)
        try:
            return [one.outcome for one in inbox.last(99)]
        finally:
            inbox.close()

    async def approve(self, run_id: str, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait until somebody is asked, and say yes from a second terminal."""

        async def asked() -> bool:
            status = (await handle.describe()).status
            assert status is WorkflowExecutionStatus.RUNNING, "it ended, and nobody was asked"
            try:
                return await asyncio.wait_for(handle.query("waiting"), 5) is not None
            except (RPCError, TimeoutError):
                return False

        await soon(asked, f"run {run_id} asks for an approval", within_s=LONG_S)
        code, out, err = await self.rig.gameday("approve", run_id, "--as", "dana")
        assert code == 0, out + err


@pytest.fixture
async def on_call(rig: Rig, tmp_path: Path) -> AsyncIterator[OnCall]:
    made = OnCall(rig, tmp_path)
    await made.begin()
    made.serve()
    try:
        yield made
    finally:
        await end_schedule(rig.client, made.watch.name)
        made.stop()
        for incident in made.incidents.open_on("lab"):  # else no later test may rehearse here
            made.incidents.change(incident.id, lambda one: one.closed("tests", datetime.now(UTC)))


@asynccontextmanager
async def swapped(on_call: OnCall) -> AsyncIterator[None]:
    """Another model answers under the same name all the while."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(5)
            await on_call.rig.injector.renew(on_call.fault)

    await on_call.swap()
    renewing = asyncio.create_task(renew())
    try:
        yield
        assert not renewing.done(), "the swap was there to the end"
    finally:
        renewing.cancel()
        await on_call.swap_back()


def went(record: RunbookRecord) -> list[tuple[str, str]]:
    """The way of a play: each item and its answer."""
    return [(one.item, one.answer) for one in record.played]


WAY = ["quality", "what", "pin", "again", "mended"]


@pytest.mark.timeout(900)
async def test_a_watchs_alert_is_the_drills_response_from_the_swap_to_the_review(
    on_call: OnCall, rig: Rig
):
    await on_call.ticks(3)
    prepared = prepare(REGRESSION, (), on_call.folder / "gameday.yaml", None)
    request = request_for(prepared, rig.runs, "tests")
    handle = await start_run(rig.client, request)
    rig.started.append(Run(rig, request, handle))
    await on_call.approve(request.run_id, handle)
    result = await asyncio.wait_for(handle.result(), LONG_S)
    assert result.verdict == "passed", result.reason

    folder = RunFolder(request.folder)
    play = folder.read_runbook()
    assert [name for name, _ in went(play)] == WAY
    assert dict(went(play))["again"] == "inside"
    assert play.outcome is Outcome.RESOLVED
    (pinned,) = [one for one in play.played if one.item == "pin"]
    assert [one.by for one in pinned.approved_by] == ["dana"]
    times = [pinned.asked_at, pinned.decided_at, pinned.called_at, pinned.verified_at]
    assert None not in times
    assert times == sorted(times, key=str)
    events = [event.what for event in folder.read_record().events]
    assert events.index("armed") < events.index("alerted") < events.index("responded")
    assert on_call.incidents.all() == [], "it was the drill's own"
    assert f"no incident: drill {request.run_id} is to be answered by it" in on_call.inbox()[0]
    page = folder.html_file.read_text()
    assert "dana" in page
    assert "pin_model" in page
    assert (folder.path / "review.md").exists()


@pytest.mark.timeout(900)
async def test_in_earnest_with_the_worker_killed_at_every_item_nothing_is_done_twice_or_lost(
    on_call: OnCall, rig: Rig
):
    async def among_kills(run_id: str, handle: Play) -> None:
        for item in WAY[:-1]:
            await _reaches(RunFolder(rig.runs / run_id), item)
            await _replace_worker(rig)
            if item == "pin":
                await on_call.approve(run_id, handle)

    await _in_earnest(on_call, among_kills)


async def _in_earnest(on_call: OnCall, among_kills: Callable[[str, Play], Awaitable[None]]) -> None:
    """An incident from the first alarm to the review, while workers are killed."""
    rig = on_call.rig
    await on_call.ticks(3)
    async with swapped(on_call):
        run_id = await _answered(on_call)
        handle = rig.client.get_workflow_handle(f"runbook-{run_id}", result_type=RunbookRecord)
        try:
            await among_kills(run_id, handle)
            record = await asyncio.wait_for(handle.result(), LONG_S)
        finally:
            with suppress(RPCError):
                await handle.terminate()
            for act in await rig.injector.acts(run_id):
                await rig.injector.undo_act(act.id)
    assert [name for name, _ in went(record)] == WAY, went(record)
    assert record.outcome is Outcome.RESOLVED, record.sentence
    (pinned,) = [one for one in record.played if one.item == "pin"]
    acts = await rig.injector.acts(run_id)
    assert [one.id for one in acts] == [pinned.act]
    assert pinned.attempts == 1
    assert "alerted" in [event.what for event in record.events], "the record says what began it"
    incident = on_call.incidents.get(f"INC-{run_id}")
    assert (incident.run, incident.outcome) == (run_id, "resolved")
    await _is_told(on_call, RunFolder(rig.runs / run_id))


async def _is_told(on_call: OnCall, folder: RunFolder) -> None:
    """The review is there, and the run can be explained."""
    assert (folder.path / "review.md").exists()
    wanted = ("explain", folder.run_id, "--json", "--runs", str(folder.path.parent))
    code, out = await gameday(*wanted, cwd=on_call.folder)
    assert code == 0, out
    assert json.loads(out)["ended"] == "resolved"


async def _answered(on_call: OnCall) -> str:
    """The id of the run that answers the incident which the swapped model is."""

    async def started() -> str:
        found = on_call.incidents.open_on("lab")
        return found[0].run if found else ""

    run: str = await soon(started, f"a run: {on_call.standing()}", within_s=MANY_TICKS_S)
    return run


async def _replace_worker(rig: Rig) -> None:
    """Kill the one that does everything, and wait for another."""
    rig.kill(rig.pid("worker"))

    async def replaced() -> bool:
        return bool(rig.stack.revive())

    await soon(replaced, "another worker is there")
    await rig.revive()


async def _reaches(folder: RunFolder, item: str) -> None:
    """Wait until the item has begun, by the record on disk."""

    async def there() -> bool:
        if not folder.runbook_file.exists():
            return False
        return item in [one.item for one in folder.read_runbook().played]

    await soon(there, f"the play reaches {item}", within_s=LONG_S)
