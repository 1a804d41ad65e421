"""Records histories of runbooks: `python -m tests.histories.record_runbooks`.

By a real Temporal and the real workflows; activities only remember, as what is replayed are a
workflow's own decisions. As with `record`: anew only when no run of the old kind can be open.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.testing import WorkflowEnvironment

from gameday.domain.progress import Approval
from gameday.domain.runbook_request import Mode
from gameday.supervisor.hiding import DATA_CONVERTER
from gameday.supervisor.programs import temporal_server
from tests.histories.record import _without_place
from tests.workflows import test_rehearsing as in_drills
from tests.workflows.played import Incident, playing, start_of
from tests.workflows.test_drill import start, until
from tests.workflows.test_runbook import AGAIN, OFF, PIN, USUAL, WELL, book, waited_for

HERE = Path(__file__).resolve().parent
ONE = PIN | {"then": None, "nobody": None}


@asynccontextmanager
async def _server() -> AsyncIterator[WorkflowEnvironment]:
    environment = await WorkflowEnvironment.start_local(
        data_converter=DATA_CONVERTER, dev_server_existing_path=temporal_server()
    )
    async with environment:
        yield environment


async def _keep(handle: Any, name: str) -> None:
    stored = _without_place(json.loads((await handle.fetch_history()).to_json()))
    (HERE / f"{name}.json").write_text(json.dumps(stored) + "\n")
    print(name)  # noqa: T201 - a tool for people


async def _approved(run: Any, approves: set[str]) -> None:
    """Woken for nothing, and then by a yes that counts."""
    word = Approval(by="dana", plan_digest=(await waited_for(run)).digest)
    await run.execute_update("approve", word)
    approves.add("dana")
    await run.execute_update("approve", word)


async def _record(name: str, here: Incident, play: Any, mode: Mode, approves: bool) -> None:
    async with _server() as server, playing(server, here, start_of(book(*play), mode)) as run:
        if approves:
            await _approved(run, here.approves)
        await run.result()
        await _keep(run, f"runbook-{name}")


async def _record_drill(name: str, play: Any, then: Callable[[Any, Any], Awaitable[None]]) -> None:
    here = in_drills.Rehearsed(envelope=["outside", "inside"])
    via = "alert" if name == "alerted" else None
    if via:
        here.observe_hangs.add("faulted")
    async with _server() as server, in_drills.at_work(server, here):
        run = await start(server, in_drills.rehearsal("HIST", *play, via=via))
        await then(run, here)
        await run.result()
        await _keep(run, f"drill-{name}")


async def _alert(run: Any, here: Any) -> None:
    await until(lambda: "observe faulted" in here.calls)
    await run.signal("alerted", in_drills.ALERT)


async def _approve(run: Any, here: Any) -> None:
    await _approved(run, here.incident.approves)


async def _record_all() -> None:
    found = {"envelope": ["outside", "inside"], "ledger_diff": ["model"]}
    await _record("resolved", Incident(**found), USUAL, Mode.LIVE, True)
    await _record("shown", Incident(**found), USUAL, Mode.DRY_RUN, False)
    failing = Incident(envelope=["outside"])
    failing.fails = {"pin_model"}
    steps = (OFF | {"then": None}, ONE | {"approvals": 0, "within": "1s"})
    await _record("put-back", failing, steps, Mode.LIVE, False)
    first = {"ask": "envelope", "name": "first"}
    await _record_drill("played", (first, ONE, AGAIN, WELL), _approve)
    await _record_drill("alerted", (first, ONE | {"approvals": 0}, AGAIN, WELL), _alert)


if __name__ == "__main__":
    asyncio.run(_record_all())
