"""Records the histories that test_replay replays: `python -m tests.histories.record [NAME ...]`.

A new kind of run is recorded by its name, and the old ones stay. Record those anew only when a
workflow was changed on purpose and no run of the old kind can be open.
"""

import asyncio
import base64
import json
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.cli.game_day_plan import prepare_day
from gameday.cli.planning import prepare, request_for
from gameday.domain.game_day import DayApproval, Mark
from gameday.domain.progress import Approval, Phase
from gameday.domain.record import RunRequest
from gameday.domain.statement import Says, Statement
from gameday.injector.client import InjectorClient
from gameday.injector.state import read_token
from gameday.store.ledger import Ledger
from gameday.supervisor.game_days import start_day
from gameday.supervisor.queues import QUEUE_DRILL, day_queue
from gameday.supervisor.stack import Stack, StackSpec, StackState
from gameday.supervisor.temporal import connect
from workflows.drill import DrillWorkflow
from workflows.game_day import GameDayWorkflow

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
SHORT = (
    "windows.baseline=11s",
    "windows.faulted=12s",
    "windows.recovered={until: all_good, at_most: 30s}",
    "checks.6.objective=15s",
)
UPDATE = str(CHECKOUT / "tests" / "kill" / "short-update.yaml")
# Met by every run: primary serves nobody while it is dark, and some load is always there.
GUARD = "abort_when=[{metric: served_share, of: primary, below: 0.9, for: 1s}]"
OVERLOADED = "abort_when=[{metric: cost_usd, above: 0.05}]"


@dataclass(frozen=True)
class Kind:
    """One kind of run."""

    drill: str
    overrides: tuple[str, ...] = ()
    abort: bool = False
    abort_in: Phase = Phase.INJECT  # not before this phase
    approved: bool = False  # by a second person, after somebody has woken it for nothing


KINDS = {
    "provider-outage": Kind("provider-outage", SHORT),
    "aborted": Kind("provider-outage", SHORT, abort=True),
    "noop": Kind("noop"),
    "guarded": Kind("provider-outage", (*SHORT, GUARD)),
    "shared-load": Kind("provider-outage", (*SHORT, "load.generators=2")),
    "responded": Kind(UPDATE, ("windows.responded=14s",)),
    "response-aborted": Kind(UPDATE, abort=True, abort_in=Phase.RESPONDED),
    "rehearsed": Kind("rollback-rehearsal"),
    "noticed": Kind("silent-model-update"),
    "reverted-by-plan": Kind("three-edits", ("windows.baseline=24s", "windows.responded=15s")),
    "approved": Kind("noop", ("require_approval=true",), approved=True),
    "launch-spike": Kind("launch-spike"),
    "launch-spike-guarded": Kind("launch-spike", (OVERLOADED,)),
}

DAYS = {"confirmed": str(HERE / "day.yaml")}


async def _record(state: StackState, name: str, kind: Kind, token: str) -> None:
    client, order = await connect(state.temporal_address), list(Phase)
    prepared = prepare(kind.drill, kind.overrides, Path(state.target_file), None)
    request = request_for(prepared, Path(tempfile.mkdtemp()), "recorder")
    handle = await client.start_workflow(
        DrillWorkflow.run, request, id=f"drill-{request.run_id}", task_queue=QUEUE_DRILL
    )
    if kind.approved:
        await _approve(InjectorClient(state.injector_url, token), handle, request)
    if kind.abort:
        for _ in range(200):
            seen = await handle.query(DrillWorkflow.progress)
            if order.index(seen.phase) >= order.index(kind.abort_in):
                break
            await asyncio.sleep(0.2)
        await handle.signal(DrillWorkflow.abort, "recorder")
    result = await handle.result()
    for workflow_id in (f"drill-{request.run_id}", f"guardian-{request.run_id}"):
        history = await client.get_workflow_handle(workflow_id).fetch_history()
        workflow = workflow_id.partition("-")[0]
        stored = _without_place(json.loads(history.to_json()))
        (HERE / f"{workflow}-{name}.json").write_text(json.dumps(stored) + "\n")
    print(name, result.verdict, result.reason)  # noqa: T201 - a tool for people


async def _approve(injector: InjectorClient, handle: Any, request: RunRequest) -> None:
    """Wake it twice: before anybody has approved, and after."""
    while await handle.query(DrillWorkflow.waiting) is None:  # noqa: ASYNC110 - a query cannot wait
        await asyncio.sleep(0.1)
    word = Approval(by="second", plan_digest=request.plan.digest)
    await handle.execute_update(DrillWorkflow.approve, word)
    yes = Statement(says=Says.APPROVE, digest=request.plan.digest, run_id=request.run_id)
    await injector.say(yes, by="second")
    await handle.execute_update(DrillWorkflow.approve, word)


async def _record_day(state: StackState, name: str, folder: Path) -> None:
    """A game day with all that people say in one."""
    client, runs = await connect(state.temporal_address), Path(tempfile.mkdtemp())
    request = prepare_day(DAYS[name], Path(state.target_file), None, runs, "recorder")
    queue = day_queue(Ledger(folder / "state").place)
    handle = await start_day(client, request, "HIST", queue)
    said = DayApproval(by="recorder", digest=request.digest)
    for _ in request.game_day.drills:
        for _ in range(600):
            if (await handle.query(GameDayWorkflow.progress)).waits_for is not None:
                break
            await asyncio.sleep(0.2)
        await handle.execute_update(GameDayWorkflow.approve, said)
        mark = Mark(what="acknowledged", by="recorder")
        await asyncio.sleep(3)  # so that the drill has begun
        await handle.execute_update(GameDayWorkflow.mark, mark)
    day = await handle.result()
    stored = _without_place(json.loads((await handle.fetch_history()).to_json()))
    (HERE / f"game_day-{name}.json").write_text(json.dumps(stored) + "\n")
    print(name, day.verdict, day.reason)  # noqa: T201 - a tool for people


def _without_place(node: Any) -> Any:
    """Take the recorder's checkout and host name out, also of the encoded payloads."""
    if isinstance(node, dict):
        return {
            key: _recoded(value) if key == "data" else _without_place(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_without_place(value) for value in node]
    return _anywhere(node) if isinstance(node, str) else node


def _recoded(data: str) -> str:
    return base64.b64encode(_anywhere(base64.b64decode(data).decode()).encode()).decode()


def _anywhere(text: str) -> str:
    return text.replace(str(CHECKOUT), "/srv/gameday").replace(socket.gethostname(), "host")


async def _record_all(state: StackState, names: list[str], folder: Path) -> None:
    for name in names:
        if name in DAYS:
            await _record_day(state, name, folder)
        else:
            await _record(state, name, KINDS[name], read_token(folder / "state" / "injector"))


def main() -> None:
    names = sys.argv[1:] or [*KINDS, *DAYS]
    folder = Path(tempfile.mkdtemp())
    stack = Stack(StackSpec(lab=True), folder / "state", folder / "runs")
    try:
        asyncio.run(_record_all(stack.start(), names, folder))
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
