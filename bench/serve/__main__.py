"""`python -m bench.serve`: deliveries at a steady rate into the inbox of a real `gameday serve`."""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench import cores, machine, processes
from bench.command import Benchmark, main, say
from bench.goals import Figures, Goal, judged
from bench.serve import starting
from bench.serve.receiver import receiver
from bench.serve.report import markdown, table
from bench.serve.telling import Told
from gameday.cli.serve import INBOX
from gameday.domain.errors import StartError
from gameday.serve.inbox import Inbox

RATE_PER_S = 200
FULL_S, QUICK_S = 30, 2
FULL_RUNS, QUICK_RUNS = (20, 50), (2, 3)  # that are started one by one, and at once
_NICE = -10  # of both sides: lateness that others' work causes is not ours to measure
GOALS = (
    Goal("lost", exactly=0, figure=("serve", "lost")),
    Goal("not_confirmed", exactly=0, figure=("serve", "not_confirmed")),
    Goal("answered_ms_p99", at_most=100, figure=("serve", "answered_ms_p99")),
)


def run(quick: bool, alone: bool) -> Figures:  # noqa: ARG001 - there is no peer to be without
    """The whole document."""
    runs, together = QUICK_RUNS if quick else FULL_RUNS
    where, seconds = cores.choose(nice=0 if quick else _NICE), QUICK_S if quick else FULL_S
    here = machine.describe(where)
    with tempfile.TemporaryDirectory(prefix="serve") as name:
        found = _measured(Path(name), where, seconds)
    with tempfile.TemporaryDirectory(prefix="serve") as name:
        say("starting Temporal, and runs")
        started = starting.figures(Path(name), where, runs, together)
    figures: Figures = {
        "rate_per_s": RATE_PER_S,
        "seconds": seconds,
        "serve": found,
        "together": together,
        "starts": started,
    }
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
    with receiver(folder, where) as serving:
        pid = serving.child.pid
        before_s = processes.cpu_s(pid)
        say(f"{RATE_PER_S} deliveries a second for {seconds} s")
        told = _told(serving.url, where, seconds)
        serving.until_dealt_with()
        cpu_s = processes.cpu_s(pid) - before_s
        resident = processes.resident_bytes(pid)
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


def _kept(folder: Path) -> set[str]:
    inbox = Inbox(folder / INBOX)
    try:
        return {kept.occurrence.key.partition("@")[0] for kept in inbox.last(sys.maxsize)}
    finally:
        inbox.close()


if __name__ == "__main__":
    about = "Measure how soon gameday serve confirms deliveries, and whether it loses any."
    sys.exit(main(Benchmark("serve", about, run, table, markdown)))
