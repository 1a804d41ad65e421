"""What a command talks to: a stack that runs here, one that it starts itself, or a cluster."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from activities.connections import injector_client
from gameday.cli.options import DEFAULT_TARGET
from gameday.domain.environment import InjectorAddress
from gameday.domain.errors import FileError, StartError
from gameday.injector.client import InjectorClient
from gameday.supervisor.stack import Stack, StackSpec, StackState, running_stack
from gameday.supervisor.temporal import connect, names_destination


@dataclass(frozen=True)
class Session:
    """One command's surroundings."""

    state_folder: Path
    running: StackState | None
    own_stack: Stack | None = None

    async def temporal(self) -> Client:
        return await connect(self.running.temporal_address if self.running else None)

    def injector(self, at: InjectorAddress) -> InjectorClient:
        return injector_client(at, self.state_folder)

    def target_file(self, named: Path) -> Path:
        """The named one; that of a lab that runs, where none was named.

        A lab that this command started is described by its own file alone.
        """
        if self.own_stack and self.running:
            return Path(self.running.target_file)
        return _named_or_labs(named, self.running)

    def failures(self) -> list[str]:
        """A sentence for each process of our own stack that has ended by itself."""
        return list(self.own_stack.failures()) if self.own_stack else []

    def workers_are_gone(self) -> bool:
        """Whether no worker of our own stack is left to answer for the run."""
        if self.own_stack is None:
            return False
        ended = {failure.partition(" ")[0] for failure in self.failures()}
        return {"worker", "hold-worker"} <= ended


@contextmanager
def lab_session(
    state: Path, runs: Path, defect: str, *, alerts: bool = False, llm: bool = False
) -> Iterator[Session]:
    """The lab that runs here with this defect, or one that is started, and ended afterwards.

    alerts: with its Prometheus, its Alertmanager and its sink. llm: with a real model.
    """
    running = running_stack(state)
    if running is not None:
        if not running.lab or running.defect != defect:
            what = f"the lab with defect {running.defect!r}" if running.lab else "no lab"
            raise StartError(
                f"the stack that runs in {state} has {what}; this run asks for "
                f"{f'the defect {defect!r}' if defect else 'a healthy one'}",
                next_step="end it (Ctrl-C where `gameday up` runs), or choose another --state",
            )
        if alerts and not running.lab_alerts:
            raise StartError(
                f"the lab that runs in {state} has no Prometheus, and the drill asks it",
                next_step="end it and start  gameday up --lab --alerts",
            )
        if llm != running.lab_llm:
            raise StartError(
                f"the lab that runs in {state} has {'a' if running.lab_llm else 'no'} real model",
                next_step="end it (Ctrl-C where `gameday up` runs), or choose another --state",
            )
        yield Session(state, running)
        return
    spec = StackSpec(lab=True, defect=defect, lab_alerts=alerts, lab_llm=llm)
    stack = Stack(spec, state, runs)
    try:
        yield Session(state, stack.start(), stack)
    finally:
        stack.stop()


def attached_session(state: Path) -> Session:
    """The stack that runs here, else the Temporal that the environment names."""
    running = running_stack(state)
    if running is None and not names_destination():
        raise StartError(
            f"nothing runs in {state}, and no Temporal is named",
            next_step="add --lab, run `gameday up`, or set TEMPORAL_ADDRESS",
        )
    return Session(state, running)


@contextmanager
def lab_target(
    state: Path, defect: str = "", *, alerts: bool = False, llm: bool = False
) -> Iterator[Path]:
    """The lab's target file, without starting the lab: for what is read before it is started."""
    running = running_stack(state)
    if running is not None and running.lab:
        yield Path(running.target_file)
        return
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "lab", "describe", "--state", folder]
        argv += ["--defect", defect] if defect else []
        argv += ["--alerts"] if alerts else []
        argv += ["--llm"] if llm else []
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise FileError(done.stderr.strip() or "the lab could not be described")
        yield Path(folder) / "gameday.yaml"


@contextmanager
def target_file(
    named: Path, state: Path, runs: Path, *, lab: bool, defect: str = ""
) -> Iterator[Path]:
    """The lab's, started where none runs; else as a session has it."""
    if lab:
        with lab_session(state, runs, defect) as session:
            yield session.target_file(named)
        return
    yield _named_or_labs(named, running_stack(state))


def _named_or_labs(named: Path, running: StackState | None) -> Path:
    if named == DEFAULT_TARGET and running and running.lab:
        return Path(running.target_file)
    return named
