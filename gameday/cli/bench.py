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


def bench_ledger(as_json: AsJson = False, quick: Quick = False) -> None:
    """Measure the digest of a million documents, and after a hundredth of them has changed.

    Example:  gameday bench ledger --json
    """
    _run("ledger", as_json=as_json, quick=quick)


def bench_creep(as_json: AsJson = False, quick: Quick = False) -> None:
    """Measure how many slow drifts are found among noise, and how many alarms are false.

    Example:  gameday bench creep --json
    """
    _run("creep", as_json=as_json, quick=quick)


def bench_serve(as_json: AsJson = False, quick: Quick = False) -> None:
    """Measure `gameday serve`: 200 deliveries a second into its inbox; how many are lost, how late.

    Example:  gameday bench serve --json
    """
    _run("serve", as_json=as_json, quick=quick)


def bench_pages(as_json: AsJson = False, quick: Quick = False) -> None:
    """Measure how large the report of 100,000 samples is, and how soon a browser has opened it.

    Example:  gameday bench pages --json
    """
    _run("pages", as_json=as_json, quick=quick)


def bench_drift(
    file: Annotated[Path, typer.Argument(help="Recorded answers, one JSON object a line.")],
    alpha: Annotated[
        float, typer.Option(min=1e-6, max=0.5, help="Chance of a false alarm.")
    ] = 0.01,
    sims: Annotated[int, typer.Option(min=1, help="Runs of each variant.")] = 50,
    null: Annotated[int, typer.Option(min=0, help="Made-up streams in which nothing changes.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Measure after how many requests silent changes are noticed, on recorded answers.

    Example:  gameday bench drift answers.jsonl --sims 50 --json
    """
    settings = [str(file.resolve()), "--alpha", str(alpha), "--sims", str(sims)]
    _run_with("drift", [*settings, *(["--null", str(null)] * bool(null)), *["--json"] * as_json])


def _run(name: str, *, as_json: bool, quick: bool) -> None:
    _run_with(name, ["--json"] * as_json + ["--quick"] * quick)


def _run_with(name: str, arguments: list[str]) -> None:
    """Run the checkout's benchmark of that name, and leave with its exit code."""
    checkout = Path(gameday.__file__).resolve().parents[1]
    if not (checkout / "bench" / name / "__main__.py").is_file():
        raise FileError(
            f"there are no benchmarks in {checkout}: an installed package leaves them out",
            next_step="clone the source, run `make setup` there, and ask its .venv/bin/gameday",
        )
    # A process of its own, because it pins itself and what it starts to single cores.
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments], cwd=checkout, check=False
    )
    raise typer.Exit(done.returncode)
