"""`python -m bench.serve`: deliveries at a steady rate into the inbox of a real `gameday serve`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench import cores, machine, processes
from bench.command import Benchmark, main, say
from bench.goals import Figures, Goal, judged
from bench.serve.report import markdown, table
from bench.serve.telling import SECRET, Told
from gameday.cli.serve import INBOX
from gameday.cli.session import lab_target
from gameday.domain.errors import StartError
from gameday.serve.inbox import Inbox
from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_ports

RATE_PER_S = 200
FULL_S, QUICK_S = 30, 2
_NICE = -10  # of both sides: lateness that others' work causes is not ours to measure
_READY_S_MAX = 90.0
_DEALT_WITH_S_MAX = 120.0
_SERVE = """\
serve: bench
senders:
  grafana: {kind: grafana, secret: "env:BENCH_SERVE_SECRET"}
start:
  - {when: {alertname: Never}, drill: provider-outage, environment: lab}
"""
GOALS = (
    Goal("lost", exactly=0, figure=("serve", "lost")),
    Goal("not_confirmed", exactly=0, figure=("serve", "not_confirmed")),
    Goal("answered_ms_p99", at_most=100, figure=("serve", "answered_ms_p99")),
)


def run(quick: bool, alone: bool) -> Figures:  # noqa: ARG001 - there is no peer to be without
    """The whole document."""
    where, seconds = cores.choose(nice=0 if quick else _NICE), QUICK_S if quick else FULL_S
    here = machine.describe(where)
    with tempfile.TemporaryDirectory(prefix="serve") as name:
        found = _measured(Path(name), where, seconds)
    figures: Figures = {"rate_per_s": RATE_PER_S, "seconds": seconds, "serve": found}
    return {
        "quick": quick,
        "ratios": {},
        "goals": judged(figures, {}, GOALS),
        "figures": figures,
        "peers": {},
        "machine": here,
    }


def _measured(folder: Path, where: cores.Cores, seconds: int) -> Figures:
    say("starting gameday serve")
    with _served(folder, where) as (child, url):
        before_s = processes.cpu_s(child.pid)
        say(f"{RATE_PER_S} deliveries a second for {seconds} s")
        told = _told(url, where, seconds)
        _until_dealt_with(url)
        cpu_s = processes.cpu_s(child.pid) - before_s
        resident = processes.resident_bytes(child.pid)
    return {
        **_figures(told, _kept(folder)),
        "cpu_ms_per_delivery": round(1000 * cpu_s / told.sent, 3),
        "resident_mb": round(resident / 1e6, 1),
    }


def _told(url: str, where: cores.Cores, seconds: int) -> Told:
    """What the sender saw. It is a process of its own, as its core and its place before others."""
    argv = [sys.executable, "-m", "bench.serve.telling", url, str(RATE_PER_S), str(seconds)]
    with cores.on(where.rest):
        sender = subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True)
    cores.put_ahead(sender.pid, where.nice)
    said, _ = sender.communicate()
    if sender.returncode:
        raise StartError(f"the sender of deliveries ended with {sender.returncode}")
    return Told.model_validate_json(said)


def _figures(told: Told, kept: set[str]) -> Figures:
    """lost: confirmed with 202, and not in the inbox that another process reads afterwards."""
    return {
        "sent": told.sent,
        "not_confirmed": told.sent - len(told.confirmed),
        "lost": len(set(told.confirmed) - kept),
        "answered_ms_p50": told.answered_ms(0.5),
        "answered_ms_p99": told.answered_ms(0.99),
        "answered_ms_max": told.answered_ms(1.0),
    }


@contextmanager
def _served(folder: Path, where: cores.Cores) -> Iterator[tuple[Child, str]]:
    """A receiver on one core, without a Temporal: no delivery starts anything."""
    port, nobody = free_ports(2)
    (folder / "serve.yaml").write_text(_SERVE)
    url = f"http://127.0.0.1:{port}"
    with lab_target(folder / "lab") as target:
        words = ["serve", str(folder / "serve.yaml"), "--listen", f"127.0.0.1:{port}"]
        words += ["--target", str(target), "--state", str(folder), "--runs", str(folder / "runs")]
        argv = [str(Path(sys.executable).parent / "gameday"), *words]
        child = Child("gameday serve", argv, log=folder / "serve.log")
        named = {"TEMPORAL_ADDRESS": f"127.0.0.1:{nobody}", "BENCH_SERVE_SECRET": SECRET}
        with cores.on(where.measured):
            child.start({**os.environ, **named})
        cores.put_ahead(child.pid, where.nice)
        try:
            child.wait_ready(lambda: _waiting(url) == 0, within_s=_READY_S_MAX)
            yield child, url
        finally:
            child.stop()


def _until_dealt_with(url: str) -> None:
    """Wait for the dispatcher: its work is a part of the cost. Raises StartError if it is late."""
    give_up = time.monotonic() + _DEALT_WITH_S_MAX
    while _waiting(url) != 0:
        if time.monotonic() > give_up:
            raise StartError(f"the inbox was not empty {_DEALT_WITH_S_MAX:g} s after the last one")
        time.sleep(0.1)


def _waiting(url: str) -> int | None:
    """How many alerts wait; None while nobody answers."""
    try:
        return int(httpx.get(f"{url}/healthz", trust_env=False, timeout=5).json()["waiting"])
    except httpx.TransportError:
        return None


def _kept(folder: Path) -> set[str]:
    inbox = Inbox(folder / INBOX)
    try:
        return {kept.occurrence.key.partition("@")[0] for kept in inbox.last(sys.maxsize)}
    finally:
        inbox.close()


if __name__ == "__main__":
    about = "Measure how soon gameday serve confirms deliveries, and whether it loses any."
    sys.exit(main(Benchmark("serve", about, run, table, markdown)))
