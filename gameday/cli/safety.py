"""`gameday sweep`: the lever for people, which needs neither Temporal nor a worker."""

import asyncio
from typing import Annotated

import typer

from gameday.cli.options import DEFAULT_STATE, AsJson, StateFolder
from gameday.domain.errors import StartError
from gameday.domain.verdict import ExitCode
from gameday.injector.client import InjectorClient
from gameday.injector.state import StateFolder as InjectorFolder
from gameday.injector.state import read_token
from gameday.injector.sweep import SweepReport
from gameday.injector.sweep import sweep as sweep_all

InjectorUrl = Annotated[
    str | None, typer.Option("--injector", help="The injector's URL, when it is not run here.")
]


def sweep(
    resume: Annotated[
        bool, typer.Option("--resume", help="Lift the stop that an earlier sweep left set.")
    ] = False,
    injector: InjectorUrl = None,
    toxiproxy: Annotated[str, typer.Option(help="Toxiproxy's API, if the journal is lost.")] = "",
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Put everything back, now, and refuse new faults until `gameday sweep --resume`.

    Works with Temporal down, and with the injector down.

    Example:  gameday sweep
    """
    folder = state / "injector"
    url = injector or InjectorFolder(folder).url()
    if resume:
        asyncio.run(InjectorClient(url, read_token(folder)).resume())
        print("the stop is lifted: faults may be injected again")
        return
    if not folder.exists() and injector is None:
        raise StartError(
            f"there is no injector's folder in {state}",
            next_step="name it with --state, or the injector with --injector URL",
        )
    report = asyncio.run(
        sweep_all(folder, url=url, token=read_token(folder), toxiproxy_url=toxiproxy)
    )
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        for line in _lines(report):
            print(line)
    raise typer.Exit(ExitCode.PASSED if report.is_clean else ExitCode.DIRTY)


def _lines(report: SweepReport) -> list[str]:
    how = (
        "the injector" if report.injector_answered else "the injector does not answer; its journal"
    )
    lines = [f"swept by way of {how}: {len(report.cleared)} fault(s) put back"]
    lines += [
        f"  put back   {fault.kind} on {fault.on} (run {fault.run_id})" for fault in report.cleared
    ]
    lines += [f"  NOT BACK   {fault.kind} on {fault.on}" for fault in report.not_cleared]
    lines += [f"  LEFT       {sentence}" for sentence in report.left]
    lines += [f"  UNKNOWN    {sentence}" for sentence in report.unknown]
    stop = "set: no new fault until  gameday sweep --resume"
    return [*lines, f"  stop       {stop if report.stop_is_set else 'NOT set'}"]
