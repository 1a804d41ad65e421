"""Everything that one machine needs for drills, as supervised children on loopback.

Order of start: the lab (with Toxiproxy), Temporal, the injector, the workers. Order of end:
the reverse, but the injector leaves last among those that can break things, so that whatever is
armed is put back while the proxies are still there.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from gameday.domain.errors import StartError
from gameday.domain.value import Value
from gameday.supervisor.child import Child
from gameday.supervisor.locks import holder, is_held
from gameday.supervisor.ports import LOOPBACK, answers, free_port, require_free
from gameday.supervisor.temporal import temporal_answers, temporal_child

READY_S_MAX = 60.0
INJECTOR_ENDS_S_MAX = 60.0  # it restores everything, and then lets a gate's last answers out


class StackSpec(Value):
    """What to start. A port of 0 means any free one."""

    lab: bool = False
    defect: str = ""
    lab_alerts: bool = False  # the lab's own Prometheus, Alertmanager and sink
    lab_llm: bool = False  # the lab's primary with a real model behind it
    sink_listen: str = ""  # HOST:PORT of an alert sink to start and keep alive
    serve_file: str = ""  # of a `gameday serve` to start and keep alive
    serve_listen: str = "127.0.0.1:8473"
    toxiproxy_url: str = ""  # of a Toxiproxy that runs already; the lab brings its own
    gate_file: str = ""  # of a gate to start and keep alive; the lab brings its own
    target_file: str = ""
    policy_file: str = ""
    temporal_port: int = 0
    injector_port: int = 0
    toxiproxy_port: int = 0
    front_door_port: int = 0


class StackState(Value):
    """What runs: written to `stack.json` so that other commands find it."""

    pid: int
    temporal_address: str
    temporal_ui: str
    injector_url: str
    toxiproxy_url: str
    gate_file: str = ""
    target_file: str
    policy_file: str
    lab: bool
    defect: str
    lab_alerts: bool = False
    lab_llm: bool = False
    pids: dict[str, int]


class Stack:
    """The children of one `gameday up`, `demo` or `run --lab`."""

    def __init__(self, spec: StackSpec, state: Path, runs: Path) -> None:
        self._spec = spec
        self._folder = state.resolve()
        self._runs = runs.resolve()
        self._children: list[Child] = []
        self._lock: IO[str] | None = None
        self.state: StackState | None = None

    def start(self) -> StackState:
        """Start everything and wait until it answers.

        Raises StartError, with nothing left running, when a part does not start. Call it from the
        main thread: the children are told by the kernel when the thread that made them ends.
        """
        self._take_lock()
        try:
            return self._start_all()
        except BaseException:
            self.stop()
            raise

    def _take_lock(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self._folder / "stack.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            self._lock = None
            raise StartError(
                f"another gameday stack already runs in {self._folder}",
                next_step="use it (leave --lab out), end it, or choose another --state",
            ) from error

    def _start_all(self) -> StackState:
        """Start what waits for nobody first; wait as late as possible: starting takes seconds."""
        injector_port = self._port(self._spec.injector_port, "the injector")
        temporal_port = self._port(self._spec.temporal_port, "Temporal")
        ui_port = free_port()
        address = f"{LOOPBACK}:{temporal_port}"
        temporal = self._start(temporal_child(self._folder, port=temporal_port, ui_port=ui_port))
        lab = self._start_lab(injector_port) if self._spec.lab else None
        temporal.wait_ready(lambda: temporal_answers(temporal_port), within_s=READY_S_MAX)
        for role in ("drill", "hold"):
            self._start_worker(role, address)
        if self._spec.sink_listen:
            self._start_sink(self._spec.sink_listen)
        system = self._system(lab)
        injector = self._start(self._injector(injector_port, system))
        injector.wait_ready(lambda: answers(injector_port), within_s=READY_S_MAX)
        self.state = StackState(
            pid=os.getpid(),
            temporal_address=address,
            temporal_ui=f"http://{LOOPBACK}:{ui_port}",
            injector_url=f"http://{LOOPBACK}:{injector_port}",
            toxiproxy_url=system.toxiproxy_url,
            gate_file=system.gate_file,
            target_file=system.target_file,
            policy_file=system.policy_file,
            lab=self._spec.lab,
            defect=self._spec.defect,
            lab_alerts=self._spec.lab_alerts,
            lab_llm=self._spec.lab_llm,
            pids={},
        )
        self._write_state()
        if self._spec.serve_file:
            self._start_serve()  # which finds the others by that state
        return self._write_state()

    def _start_lab(self, injector_port: int) -> Child:
        folder = self._lab_folder
        if folder.exists():
            shutil.rmtree(folder)
        argv = [
            sys.executable, "-m", "lab", "up", "--state", str(folder),
            "--injector-url", f"http://{LOOPBACK}:{injector_port}",
        ]  # fmt: skip
        if self._spec.defect:
            argv += ["--defect", self._spec.defect]
        if self._spec.lab_alerts:
            argv += ["--alerts"]
        if self._spec.lab_llm:
            argv += ["--llm"]
        if self._spec.toxiproxy_port:
            argv += ["--toxiproxy-port", str(self._spec.toxiproxy_port)]
        if self._spec.front_door_port:
            argv += ["--port", str(self._spec.front_door_port)]
        return self._start(Child("lab", argv, log=self._folder / "logs" / "lab.log"))

    def _system(self, lab: Child | None) -> StackSpec:
        """What was asked for, with the lab's own files and addresses where there is a lab."""
        if lab is None:
            return self._spec
        described = self._lab_folder / "lab.json"
        lab.wait_ready(described.exists, within_s=READY_S_MAX)
        about = json.loads(described.read_text())
        return self._spec.model_copy(
            update={
                "toxiproxy_url": about["toxiproxy"],
                "gate_file": about.get("gate_file", ""),
                "target_file": about["target_file"],
                "policy_file": about["policy_file"],
            }
        )

    @property
    def _lab_folder(self) -> Path:
        return self._folder / "lab"

    def _injector(self, port: int, system: StackSpec) -> Child:
        argv = [
            sys.executable, "-m", "gameday.injector", "--state", str(self._folder / "injector"),
            "--port", str(port), "--policy", system.policy_file, "--with-parent",
        ]  # fmt: skip
        argv += ["--toxiproxy", system.toxiproxy_url] if system.toxiproxy_url else []
        argv += ["--keep-gate", system.gate_file] if system.gate_file else []
        argv += ["--target", system.target_file] if system.target_file else []
        return Child("injector", argv, log=self._folder / "logs" / "injector.log")

    def _start_worker(self, role: str, address: str) -> Child:
        argv = [sys.executable, "-m", "worker", "--role", role, "--temporal", address]
        argv += ["--state", str(self._folder), "--with-parent"]
        name = "worker" if role == "drill" else "hold-worker"
        return self._start(Child(name, argv, log=self._folder / "logs" / f"{name}.log"))

    def _start_sink(self, listen: str) -> None:
        require_free(int(listen.rpartition(":")[2]), "the alert sink")
        argv = [sys.executable, "-m", "gameday.sources", "--with-parent", "--listen", listen]
        argv += ["--file", str(self._folder / "sink" / "received.jsonl")]
        self._start(Child("sink", argv, log=self._folder / "logs" / "sink.log"))

    def _start_serve(self) -> None:
        port = int(self._spec.serve_listen.rpartition(":")[2])
        require_free(port, "gameday serve")
        argv = [sys.executable, "-m", "gameday.cli", "serve", self._spec.serve_file]
        argv += ["--listen", self._spec.serve_listen]
        argv += ["--state", str(self._folder), "--runs", str(self._runs)]
        argv += [] if self._spec.lab else ["--target", self._spec.target_file]
        child = self._start(Child("serve", argv, log=self._folder / "logs" / "serve.log"))
        child.wait_ready(lambda: answers(port), within_s=READY_S_MAX)

    def _start(self, child: Child) -> Child:
        child.start()
        self._children.append(child)
        return child

    def _port(self, wanted: int, what: str) -> int:
        if wanted == 0:
            return free_port()
        require_free(wanted, what)
        return wanted

    def _write_state(self) -> StackState:
        assert self.state is not None
        pids = {child.name: child.pid for child in self._children}
        self.state = self.state.model_copy(update={"pids": pids})
        temporary = self._folder / "stack.json.new"
        temporary.write_text(self.state.model_dump_json(indent=2))
        temporary.replace(self._folder / "stack.json")
        return self.state

    def failures(self) -> Iterator[str]:
        """A sentence for each child that has ended although nobody asked it to."""
        for child in self._children:
            code = child.exit_code()
            if code is not None:
                yield f"{child.name} ended (exit {code}): {child.last_words(1)}"

    def revive(self) -> list[str]:
        """Start again what has ended although nobody asked it to; a sentence for each.

        Not the lab: a practice system that dies is part of what a drill may see. The injector's
        two processes revive each other; when both are gone, a new one reads the undo journal.
        """
        sentences = []
        for child in self._children:
            if child.exit_code() is not None and self._is_missed(child):
                words = child.last_words(1)
                child.start()
                sentences.append(f"{child.name} ended ({words}); started as process {child.pid}")
        if sentences:
            self._write_state()
        return sentences

    def _is_missed(self, child: Child) -> bool:
        """Whether nobody does the work of a child that has ended."""
        if child.name == "injector":
            assert self.state is not None
            return not answers(int(self.state.injector_url.rpartition(":")[2]))
        return child.name != "lab"

    def stop(self) -> None:
        """End everything, the injector before the lab's proxies go. Repeatable."""
        by_name = {child.name: child for child in self._children}
        for name in ("serve", "worker", "hold-worker", "injector", "temporal", "sink", "lab"):
            grace_s = INJECTOR_ENDS_S_MAX if name == "injector" else 10.0
            if name in by_name:
                by_name[name].stop(grace_s=grace_s)
            if name == "injector":
                self._end_revived_injector()
        self._children.clear()
        if self._lock is not None:
            with contextlib.suppress(FileNotFoundError):
                (self._folder / "stack.json").unlink()
            self._lock.close()
            self._lock = None

    def _end_revived_injector(self) -> None:
        """End the injector's processes that have replaced those started here.

        Its two processes keep their ids in the locks that they hold as long as they live.
        """
        folder = self._folder / "injector"
        locks = [folder / "control.lock", folder / "watchdog.lock"]
        give_up = time.monotonic() + INJECTOR_ENDS_S_MAX
        while any(map(is_held, locks)) and time.monotonic() < give_up:
            for lock in locks:
                if (pid := holder(lock)) is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)
            time.sleep(0.2)


def running_stack(folder: Path) -> StackState | None:
    """The stack that runs in this state folder; None when none does.

    Asked of the lock, which the kernel frees when its holder dies, not of a process id.
    """
    lock_file, state_file = folder / "stack.lock", folder / "stack.json"
    if not lock_file.exists() or not state_file.exists():
        return None
    if not is_held(lock_file):
        return None
    return StackState.model_validate_json(state_file.read_text())
