"""`gameday bench`: the benchmarks of a source checkout."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

import gameday
from gameday.cli.options import AsJson
from gameday.domain.errors import FileError

Quick = Annotated[
    bool, typer.Option("--quick", help="Seconds instead of minutes; its figures judge nothing.")
]


def bench_gate(as_json: AsJson = False, quick: Quick = False) -> None:
    """Measure the HTTP fault gate side by side with nginx, Envoy and mitmdump.

    Example:  gameday bench gate --json
    """
    _run("gate", as_json=as_json, quick=quick)


def bench_load(as_json: AsJson = False, quick: Quick = False) -> None:
    """Measure the load generator side by side with wrk, hey, Locust and aiohttp.

    Example:  gameday bench load --json
    """
    _run("load", as_json=as_json, quick=quick)


def bench_report(as_json: AsJson = False, quick: Quick = False) -> None:
    """Measure what judging and reporting a run of a million samples takes.

    Example:  gameday bench report --json
    """
    _run("report", as_json=as_json, quick=quick)


def _run(name: str, *, as_json: bool, quick: bool) -> None:
    """Run the checkout's benchmark of that name, and leave with its exit code."""
    checkout = Path(gameday.__file__).resolve().parents[1]
    if not (checkout / "bench" / name / "__main__.py").is_file():
        raise FileError(
            f"there are no benchmarks in {checkout}: an installed package leaves them out",
            next_step="clone the source, run `make setup` there, and ask its .venv/bin/gameday",
        )
    flags = ["--json"] * as_json + ["--quick"] * quick
    # A process of its own, because it pins itself and what it starts to single cores.
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *flags], cwd=checkout, check=False
    )
    raise typer.Exit(done.returncode)
