"""`gameday up`, `lab`, `worker` and `injector`: the processes, started by hand."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, Defect, LabLlm, RunsFolder, StateFolder
from gameday.domain.errors import FileError, StartError
from gameday.supervisor.stack import Stack, StackSpec

PolicyFile = Annotated[Path, typer.Option("--policy", help="What may be broken; policy.yaml.")]
LabAlerts = Annotated[
    bool, typer.Option("--alerts", help="With the lab's Prometheus, Alertmanager and sink.")
]
TEMPORAL_PORT, INJECTOR_PORT = 7233, 8470


def up(
    lab: Annotated[bool, typer.Option("--lab", help="Start the practice system too.")] = False,
    defect: Defect = "",
    target: Annotated[Path, typer.Option(help="The target file.")] = Path("gameday.yaml"),
    policy: PolicyFile = Path("policy.yaml"),
    toxiproxy: Annotated[str, typer.Option(help="URL of your Toxiproxy's API.")] = "",
    gate: Annotated[
        Path | None, typer.Option(help="Your gate file: the gate is started and kept alive.")
    ] = None,
    alerts: LabAlerts = False,
    llm: LabLlm = False,
    sink: Annotated[
        str, typer.Option(help="HOST:PORT: an alert sink is started there and kept alive.")
    ] = "",
    serve: Annotated[
        Path | None, typer.Option(help="Which alerts start what: `gameday serve` is kept alive.")
    ] = None,
    serve_listen: Annotated[str, typer.Option(help="HOST:PORT of it.")] = "127.0.0.1:8473",
    temporal_port: Annotated[int, typer.Option(help="0 takes any free port.")] = TEMPORAL_PORT,
    injector_port: Annotated[int, typer.Option(help="0 takes any free port.")] = INJECTOR_PORT,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Start Temporal, the injector, the gate and workers here, and keep them until Ctrl-C.

    Example:  gameday up --lab
    """
    if not lab:
        _require_files(target, policy, gate)
        _require_door(toxiproxy, gate)
    spec = StackSpec(
        lab=lab or llm or bool(defect),
        defect=defect,
        lab_alerts=alerts,
        lab_llm=llm,
        sink_listen=_address(sink) if sink else "",
        serve_file=str(serve.resolve()) if serve else "",
        serve_listen=_address(serve_listen),
        toxiproxy_url=toxiproxy,
        gate_file=str(gate.resolve()) if gate else "",
        target_file=str(target.resolve()),
        policy_file=str(policy.resolve()),
        temporal_port=temporal_port,
        injector_port=injector_port,
    )
    stack = Stack(spec, state, runs)
    started = stack.start()
    try:
        print(f"Temporal   {started.temporal_address}   {started.temporal_ui}")
        print(f"injector   {started.injector_url}")
        print(f"Toxiproxy  {started.toxiproxy_url or 'none'}")
        print(f"gate       {started.gate_file or 'none'}")
        if serve:
            print(f"serve      {serve_listen}, see {state / 'logs' / 'serve.log'}")
        print("ready: gameday run provider-outage --lab" if lab else "ready: gameday run DRILL")
        print("end with Ctrl-C: everything is put back first", flush=True)
        _wait_for_end(stack)
    finally:
        stack.stop()


def lab_up(
    defect: Defect = "",
    port: Annotated[int, typer.Option(help="Of the front door; 0 takes any free one.")] = 0,
    toxiproxy_port: Annotated[int, typer.Option(help="0 takes any free port.")] = 0,
    injector_url: Annotated[str, typer.Option(help="Written into the target file.")] = (
        f"http://127.0.0.1:{INJECTOR_PORT}"
    ),
    alerts: LabAlerts = False,
    llm: LabLlm = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Start the practice system alone, and keep it until Ctrl-C.

    Example:  gameday lab up --defect no_fallback
    """
    argv = ["lab", "up", "--state", str(state / "lab"), "--injector-url", injector_url]
    argv += ["--defect", defect] if defect else []
    argv += ["--alerts"] if alerts else []
    argv += ["--llm"] if llm else []
    argv += ["--port", str(port)] if port else []
    argv += ["--toxiproxy-port", str(toxiproxy_port)] if toxiproxy_port else []
    _become(argv)


def injector(
    policy: PolicyFile,
    toxiproxy: Annotated[str, typer.Option(help="URL of Toxiproxy's API.")] = "",
    gate: Annotated[
        list[Path] | None, typer.Option(help="A gate file; again for each replica.")
    ] = None,
    keep_gate: Annotated[
        list[Path] | None,
        typer.Option(help="The same, and the gate is started here and kept alive."),
    ] = None,
    target: Annotated[
        list[Path] | None,
        typer.Option(help="A target file, whose components responses may change; repeatable."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on loopback.")] = INJECTOR_PORT,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Start the injector and its watchdog beside the traffic, and keep them until Ctrl-C.

    Example:  gameday injector --policy policy.yaml --toxiproxy http://127.0.0.1:8474
    """
    argv = ["gameday.injector", "--state", str(state / "injector"), "--port", str(port)]
    argv += ["--policy", str(policy)]
    argv += ["--toxiproxy", toxiproxy] if toxiproxy else []
    argv += [word for file in gate or [] for word in ("--gate", str(file))]
    argv += [word for file in keep_gate or [] for word in ("--keep-gate", str(file))]
    argv += [word for file in target or [] for word in ("--target", str(file))]
    _become(argv)


def sink(
    listen: Annotated[str, typer.Option(help="HOST:PORT to receive at.")] = "127.0.0.1:9099",
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Receive Alertmanager's notifications, and keep each on disk before saying yes.

    Example:  gameday sink --listen 127.0.0.1:9099

    Point a receiver of your Alertmanager at http://HOST:PORT/ and name the sink in the target's
    `alerts:`. `gameday up --sink HOST:PORT` keeps one alive beside the rest.
    """
    file = state / "sink" / "received.jsonl"
    _become(["gameday.sources", "--listen", _address(listen), "--file", str(file)])


def worker(
    temporal: Annotated[str, typer.Option(help="Address; else the Temporal profile.")] = "",
    role: Annotated[str, typer.Option(help="drill, hold, or both in two processes.")] = "both",
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Start workers: one that runs drills, one that renews leases and stands by.

    Example:  gameday worker --temporal 127.0.0.1:7233
    """
    if role not in ("drill", "hold", "both"):
        raise FileError(f"the role {role!r} is none of drill, hold, both")
    argv = ["worker", "--state", str(state)] + (["--temporal", temporal] if temporal else [])
    if role != "both":
        _become([*argv, "--role", role])
    hold = subprocess.Popen([sys.executable, "-m", *argv, "--role", "hold"], start_new_session=True)
    try:
        drill = subprocess.Popen(
            [sys.executable, "-m", *argv, "--role", "drill"], start_new_session=True
        )
        _until_interrupted(drill)
    finally:
        hold.terminate()
        hold.wait()


def _address(text: str) -> str:
    """HOST:PORT as it is; raises FileError for anything else."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise FileError(
            f"{text!r} is no address; expected HOST:PORT",
            next_step="for example 127.0.0.1:9099",
        )
    return text


def _become(argv: list[str]) -> None:
    """Replace this process: signals then go straight to the one that was asked for."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", *argv])  # noqa: S606 - our own module


def _until_interrupted(process: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.terminate())
    process.wait()


def _wait_for_end(stack: Stack) -> None:
    """Wait for Ctrl-C or SIGTERM; a child that dies meanwhile is started again."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(0.5):
        for sentence in stack.revive():
            print(sentence, flush=True)


def _require_files(target: Path, policy: Path, gate: Path | None) -> None:
    missing = [str(path) for path in (target, policy, gate) if path and not path.is_file()]
    if missing:
        raise FileError(
            f"{' and '.join(missing)} not found",
            next_step="name them with --target, --policy and --gate, or practise with --lab",
        )


def _require_door(toxiproxy: str, gate: Path | None) -> None:
    if not (toxiproxy or gate):
        raise StartError(
            "neither a Toxiproxy nor a gate is named, so nothing could be broken",
            next_step="add --toxiproxy http://HOST:8474, --gate gate.yaml, or --lab",
        )
