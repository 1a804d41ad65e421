"""A whole stack to kill parts of: started once, asked, broken, and mended between the tests."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError

from gameday.cli.planning import prepare, request_for
from gameday.domain.errors import GamedayError
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.progress import Phase
from gameday.domain.record import RunRequest
from gameday.domain.result import Result
from gameday.injector.client import InjectorClient
from gameday.injector.state import read_token
from gameday.store.journal import verify_chain
from gameday.store.run_folder import RunFolder
from gameday.supervisor.queues import QUEUE_CLOSE, QUEUE_DRILL, QUEUE_HOLD
from gameday.supervisor.stack import Stack, StackSpec, StackState
from gameday.supervisor.temporal import connect
from workflows.drill import DrillWorkflow
from workflows.patience import DECIDED_WITHIN

HERE = Path(__file__).parent
SHORT = str(HERE / "short-outage.yaml")
RISE = str(HERE / "short-rise.yaml")
GAMEDAY = str(Path(sys.executable).parent / "gameday")
PATIENCE_S = 40.0  # generous: several suites may share the machine
LEASE_S = 5.0  # of the short drill
STANDBY_S = 3.0  # promised with a worker standing by, and for the injector's own restart
# Each bound below is the promise and this: a machine may be busy with something else.
LOADED_S = 3.0

Role = Literal["worker", "hold-worker"]
MEASURED: list[tuple[str, float]] = []


def measured(what: str, seconds: float) -> None:
    """Keep a figure; they are printed together at the end of the session."""
    MEASURED.append((what, seconds))


async def soon(
    true: Callable[[], Awaitable[Any]], what: str, *, within_s: float = PATIENCE_S
) -> Any:
    """Wait for a condition; the test fails, saying what it waited for, when it never comes."""
    give_up = time.monotonic() + within_s
    while not (value := await true()):
        assert time.monotonic() < give_up, f"not within {within_s:g} s: {what}"
        await asyncio.sleep(0.05)
    return value


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and was not yet waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def descendants(pid: int) -> set[int]:
    """Every process below `pid` now, also those in sessions of their own."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@dataclass
class Run:
    """One run that the tests have started, and its handle."""

    rig: "Rig"
    request: RunRequest
    handle: WorkflowHandle[DrillWorkflow, Result]

    @property
    def id(self) -> str:
        return self.request.run_id

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.request.folder)

    async def phase(self) -> Phase | None:
        try:
            return (await asyncio.wait_for(self.handle.query(DrillWorkflow.progress), 5)).phase
        except (RPCError, TimeoutError):
            return None

    async def reaches(self, wanted: Phase) -> None:
        """Wait until it is so far. A short phase may be over when we hear of it."""
        order = list(Phase)

        async def there() -> bool:
            seen = await self.phase()
            return seen is not None and order.index(seen) >= order.index(wanted)

        await soon(there, f"run {self.id} in phase {wanted}")

    async def holds(self) -> None:
        """Wait until the lease has been renewed at least once: every part of the run works."""

        async def renewed() -> bool:
            faults = await self.rig.injector.faults(self.id)
            return bool(faults) and (faults[0].deadline_in_s or 0) < _deadline_s(self) - 1.2

        await soon(renewed, f"run {self.id} holds its fault")

    async def is_closed(self, *, within_s: float = PATIENCE_S) -> Result:
        """The result, once somebody has closed the record; its journal is sound, it is no pass."""

        async def there() -> bool:
            return self.folder.result_file.exists()

        await soon(there, f"the record of run {self.id} is closed", within_s=within_s)
        return self.sound_result()

    def sound_result(self) -> Result:
        result = self.folder.read_result()
        assert result.closed_by, "nobody says that they closed it"
        assert verify_chain(self.folder.journal_file) is None
        assert self.folder.html_file.exists()
        return result

    async def ends(self, *, within_s: float = PATIENCE_S) -> None:
        """Wait until its workflow is over, in whatever way."""
        with contextlib.suppress(WorkflowFailureError):
            await asyncio.wait_for(self.handle.result(), within_s)

    async def fault(self) -> FaultRecord:
        return (await self.rig.injector.faults(self.id))[0]

    async def cleared_fault(self) -> FaultRecord:
        """The fault as recorded once it is gone: Toxiproxy is whole a moment before the record."""

        async def is_recorded() -> bool:
            return (await self.fault()).cleared_by is not None

        await soon(is_recorded, "the injector has recorded who cleared the fault", within_s=5)
        return await self.fault()


def _deadline_s(run: Run) -> float:
    return run.request.plan.fault_seconds_max


@dataclass
class Rig:
    """A lab stack whose processes may be killed, stopped and brought back."""

    stack: Stack
    state_folder: Path
    runs: Path
    client: Client
    started: list[Run] = field(default_factory=list)
    frozen: set[int] = field(default_factory=set)
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(trust_env=False, verify=False, timeout=5)
    )

    @property
    def state(self) -> StackState:
        assert self.stack.state is not None
        return self.stack.state

    @property
    def injector(self) -> InjectorClient:
        return InjectorClient(self.state.injector_url, read_token(self.state_folder / "injector"))

    # Runs

    async def run(self, *overrides: str, drill: str = SHORT) -> Run:
        """Start a drill as `gameday run` does, without the process that would watch it."""
        prepared = prepare(drill, overrides, Path(self.state.target_file), None)
        request = request_for(prepared, self.runs, "tests")
        handle = await self.client.start_workflow(
            DrillWorkflow.run,
            request,
            id=f"drill-{request.run_id}",
            task_queue=QUEUE_DRILL,
            memo={"drill": request.drill.drill, "folder": request.folder},
            task_timeout=DECIDED_WITHIN,
        )
        self.started.append(Run(self, request, handle))
        return self.started[-1]

    async def run_holding(self, *overrides: str) -> Run:
        """Start a drill, and wait until its fault is in force and held."""
        run = await self.run(*overrides)
        await run.reaches(Phase.FAULTED)
        await run.holds()
        assert self.marks(), "Toxiproxy shows nothing, although the fault is armed"
        return run

    def command(self, *arguments: str) -> list[str]:
        return [GAMEDAY, *arguments, "--state", str(self.state_folder)]

    async def gameday(self, *arguments: str) -> tuple[int, str, str]:
        """Run one command against this stack: exit code, stdout, stderr."""
        if arguments[0] in ("run", "report", "judge"):
            arguments = (*arguments, "--runs", str(self.runs))
        process = await asyncio.create_subprocess_exec(
            *self.command(*arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 90)
        assert process.returncode is not None
        assert "Traceback" not in err.decode()
        return process.returncode, out.decode(), err.decode()

    async def report(self, run: Run) -> dict[str, Any]:
        """What `gameday report RUN --json` says; it closes a run that nobody else has closed."""
        code, out, err = await self.gameday("report", run.id, "--json")
        assert code == 0, err
        run.sound_result()
        document: dict[str, Any] = json.loads(out)
        return document

    # What Toxiproxy itself says

    def marks(self) -> list[str]:
        """Each disabled proxy and each toxic, by Toxiproxy's own API; empty when all is whole."""
        url = f"{self.state.toxiproxy_url}/proxies"
        proxies = self.http.get(url).raise_for_status().json()
        assert proxies.keys() == {"primary", "secondary"}
        disabled = [f"{name} is disabled" for name, one in proxies.items() if not one["enabled"]]
        return disabled + [toxic["name"] for one in proxies.values() for toxic in one["toxics"]]

    async def whole_after(self, began: float, what: str, *, within_s: float) -> float:
        """Seconds from `began` until Toxiproxy is whole. Fails past the promise and a margin."""

        async def whole() -> bool:
            return not await asyncio.to_thread(self.marks)

        limit_s = within_s + LOADED_S
        await soon(whole, f"{what}: Toxiproxy whole", within_s=began + limit_s - time.monotonic())
        took_s = time.monotonic() - began
        measured(f"{what} (promised {within_s:g} s)", took_s)
        return took_s

    # Killing

    def pid(self, name: str) -> int:
        return self.state.pids[name]

    def injector_pid(self, role: Literal["control", "watchdog"]) -> int:
        described = json.loads((self.state_folder / "injector" / "injector.json").read_text())
        return int(described[f"{role}_pid"])

    def kill(self, *pids: int) -> float:
        """Kill with -9; returns when, by the monotonic clock."""
        began = time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return began

    def freeze(self, *pids: int) -> float:
        began = time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
            self.frozen.add(pid)
        return began

    def thaw(self) -> None:
        for pid in self.frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.frozen.clear()

    # Mending

    async def mend(self) -> None:
        """Bring back what was killed, end what still runs, and leave everything whole."""
        self.thaw()
        await self.revive()
        for run in self.started:
            for handle in (run.handle, self.client.get_workflow_handle(f"guardian-{run.id}")):
                with contextlib.suppress(RPCError):
                    await handle.terminate()
        self.started.clear()
        for fault in await self.injector.faults():
            if fault.state is not FaultState.CLEARED:
                await self.injector.stop()
        await self.injector.resume()

        async def whole() -> bool:
            return not self.marks()

        await soon(whole, "everything is whole again")

    async def revive(self) -> None:
        """Start again what has ended, until it stays."""

        async def stays() -> bool:
            revived = list(self.stack.revive())
            if revived:
                await asyncio.sleep(0.3)
            return not revived and await self._answers()

        await soon(stays, "the stack is up again")

    async def _answers(self) -> bool:
        try:
            await self.injector.health()
        except GamedayError:
            return False
        roles: tuple[tuple[Role, tuple[str, ...]], ...] = (
            ("worker", (QUEUE_DRILL, QUEUE_CLOSE)),
            ("hold-worker", (QUEUE_DRILL, QUEUE_CLOSE, QUEUE_HOLD)),
        )
        return all(
            [await self._polls(self.pid(role), queue) for role, queues in roles for queue in queues]
        )

    async def _polls(self, pid: int, queue: str) -> bool:
        """Whether the worker has asked Temporal for work."""
        wanted = DescribeTaskQueueRequest(
            namespace=self.client.namespace, task_queue=TaskQueue(name=queue)
        )
        wanted.task_queue_type = 2 if queue != QUEUE_DRILL else 1  # 1: workflows, 2: activities
        try:
            said = await self.client.workflow_service.describe_task_queue(wanted)
        except RPCError:
            return False
        return any(poller.identity.startswith(f"{pid}@") for poller in said.pollers)

    async def is_running(self, run: Run) -> bool:
        return (await run.handle.describe()).status is WorkflowExecutionStatus.RUNNING


@contextlib.contextmanager
def a_stack(folder: Path, *, defect: str = "") -> Iterator[Stack]:
    """A lab stack on free ports. Start it from the main thread."""
    stack = Stack(StackSpec(lab=True, defect=defect), folder / "state", folder / "runs")
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()


async def rig_of(stack: Stack, folder: Path) -> Rig:
    assert stack.state is not None
    client = await connect(stack.state.temporal_address)
    return Rig(stack, folder / "state", folder / "runs", client)


def interrupt(process: "asyncio.subprocess.Process | subprocess.Popen[bytes]") -> None:
    """What a terminal does on Ctrl-C: SIGINT to the whole group."""
    os.killpg(process.pid, signal.SIGINT)
