"""The `gameday` command."""

import json
import os
import sys
from typing import Annotated, NoReturn

import typer

from gameday.catalog.schemas import SCHEMAS, schema_of
from gameday.cli import control, processes, results, run, safety
from gameday.domain.errors import FileError, GamedayError
from gameday.domain.verdict import ExitCode, Verdict

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Rehearse the failures of AI systems in production. Start with:  gameday demo",
)
app.command("demo")(run.demo)
app.command("run")(run.run)
app.command("plan")(run.plan)
app.command("list")(run.list_)
app.command("status")(control.status)
app.command("abort")(control.abort)
app.command("approve")(control.approve)
app.command("judge")(results.judge)
app.command("report")(results.report)
app.command("sweep")(safety.sweep)
app.command("up")(processes.up)
app.command("worker")(processes.worker)
app.command("injector")(processes.injector)
app.add_typer(processes.lab_app, name="lab")


@app.command("schema")
def schema(
    noun: Annotated[str, typer.Argument(help=" | ".join(SCHEMAS))],
) -> None:
    """Print the JSON Schema of a file or document.

    Example:  gameday schema drill
    """
    if noun not in SCHEMAS:
        raise FileError(
            f"{noun!r} is none of {', '.join(SCHEMAS)}", next_step="gameday schema drill"
        )
    print(json.dumps(schema_of(noun), indent=2))


@processes.lab_app.callback()
def _lab() -> None:
    """Keep `lab` a group, so that `gameday lab up` stays what people type."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code. A person's mistake never shows a traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        app(args=given, prog_name="gameday")
    except GamedayError as error:
        return _say_no(error, as_json="--json" in given)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.PASSED
    return ExitCode.PASSED


def _say_no(error: GamedayError, *, as_json: bool) -> int:
    excerpt = getattr(error, "excerpt", "")
    sys.stderr.write(f"{error.sentence}\n")
    if excerpt:
        sys.stderr.write(f"{excerpt}\n")
    if error.next_step:
        sys.stderr.write(f"  next  {error.next_step}\n")
    if as_json:
        refused = error.exit_code is ExitCode.REFUSED
        print(
            json.dumps(
                {
                    "verdict": Verdict.REFUSED if refused else None,
                    "reason": error.sentence,
                    "next": error.next_step,
                    "exit_code": int(error.exit_code),
                }
            )
        )
    return error.exit_code


def run_and_leave() -> NoReturn:
    """Console entry point.

    Leaves without the interpreter's own end: the Temporal SDK's threads may abort it after all
    work is done (temporalio/sdk-python#300), which would turn a verdict into exit code 134.
    """
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
