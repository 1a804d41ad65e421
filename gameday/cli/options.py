"""Options that several commands share."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

DrillName = Annotated[str, typer.Argument(help="A drill's name, or the path of its file.")]
RunId = Annotated[str, typer.Argument(help="The run's id, as `gameday list runs` shows it.")]
Lab = Annotated[
    bool, typer.Option("--lab", help="Use the practice system; start it when it does not run.")
]
Defect = Annotated[
    str, typer.Option(help="Start the lab with this known defect, e.g. no_fallback.")
]
LabLlm = Annotated[
    bool, typer.Option("--llm", help="The lab with a real model: uv sync --extra lab-llm.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a field of the drill, e.g. windows.faulted=5s."),
]
TargetFile = Annotated[Path, typer.Option("--target", help="The target file.")]
EnvironmentName = Annotated[
    str | None, typer.Option("--environment", help="One of the target's environments.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, no more.")]
StateFolder = Annotated[
    Path, typer.Option("--state", envvar="GAMEDAY_STATE", help="Where what runs here is kept.")
]
RunsFolder = Annotated[
    Path, typer.Option("--runs", envvar="GAMEDAY_RUNS", help="Where runs leave their reports.")
]
Who = Annotated[str | None, typer.Option("--as", help="Who you are, for the record.")]

DEFAULT_TARGET = Path("gameday.yaml")
DEFAULT_STATE = Path(".gameday")
DEFAULT_RUNS = Path("runs")


def me() -> str:
    """The name that the record shows for whoever sits here."""
    return getpass.getuser()
