"""The `gameday` command.

A command's module is loaded only when it is asked for: `gameday abort` must not wait for the
parts that draw reports.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module

import typer

from gameday.domain.errors import GamedayError
from gameday.domain.verdict import ExitCode, Verdict

# Where each command is; a group's commands are under its name, after its own help.
COMMANDS: dict[str, str | tuple[str, dict[str, str]]] = {
    "demo": "run:demo",
    "run": "run:run",
    "plan": "run:plan",
    "list": "run:list_",
    "status": "control:status",
    "abort": "abort:abort",
    "respond": "respond:respond",
    "acts": "acts:acts",
    "approve": "approve:approve",
    "key": ("Your own key, to start and approve runs with.", {"new": "key:new"}),
    "judge": "judge:judge",
    "report": "results:report",
    "explain": "explain:explain",
    "review": "review:review",
    "drill-from": "drill_from:drill_from",
    "samples": "samples:samples",
    "export": "export:export",
    "metrics": "metrics:metrics",
    "site": "site:site",
    "bundle": "evidence:bundle",
    "verify": "evidence:verify",
    "prune": "prune:prune",
    "finding": (
        "What runs have shown to be wrong, who mends it, and which run shows it mended.",
        {"open": "finding:open_", "list": "finding:list_", "retest": "finding:retest"},
    ),
    "history": "history:history",
    "readiness": "readiness:readiness",
    "game-day": (
        "Drills in an order, with the people who lead, approve and are paged.",
        {
            "plan": "game_day:plan",
            "run": "game_day:run",
            "status": "game_day:status",
            "approve": "game_day:approve",
            "mark": "game_day:mark",
            "abort": "game_day:abort",
        },
    ),
    "schedule": (
        "Game days that come by themselves, and what became of each slot.",
        {
            "apply": "schedule:apply",
            "list": "schedule:list_",
            "next": "schedule:next_",
            "pause": "schedule:pause",
            "resume": "schedule:resume",
            "trigger": "schedule:trigger",
            "backfill": "schedule:backfill",
            "remove": "schedule:remove",
        },
    ),
    "record": "record:record",
    "watch": (
        "Whether a system still answers as it was recorded, asked a little all day.",
        {
            "plan": "watch:plan",
            "start": "watch:start",
            "stop": "watch:stop",
            "status": "watch:status",
            "once": "watch:once",
        },
    ),
    "gate": "gate:gate",
    "ledger": (
        "What a system stands at and stood at, and what has changed since when.",
        {
            "record": "ledger:record",
            "list": "ledger:list_",
            "diff": "ledger:diff",
            "plan": "revert_plan:plan",
        },
    ),
    "incident": (
        "What is wrong for real: while it is open, nobody rehearses there.",
        {"open": "incident:open_", "list": "incident:list_", "close": "incident:close"},
    ),
    "sweep": "safety:sweep",
    "up": "processes:up",
    "lab": ("The practice system.", {"up": "processes:lab_up"}),
    "worker": "processes:worker",
    "injector": "processes:injector",
    "sink": "processes:sink",
    "serve": "serve:serve",
    "inbox": "inbox:inbox",
    "schema": "schema:schema",
    "suite": ("Suites of questions.", {"import": "suite:import_", "propose": "suite:propose"}),
    "twin": "twin:twin",
    "init": "init:init",
    "doctor": "doctor:doctor",
    "bench": (
        "Side-by-side benchmarks, from a source checkout.",
        {
            "creep": "bench:bench_creep",
            "drift": "bench:bench_drift",
            "gate": "bench:bench_gate",
            "load": "bench:bench_load",
            "report": "bench:bench_report",
            "pages": "bench:bench_pages",
            "ledger": "bench:bench_ledger",
            "serve": "bench:bench_serve",
        },
    ),
}


def build(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands, and only their modules loaded."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        help="Rehearse the failures of AI systems in production. Start with:  gameday demo",
    )
    app.callback()(_nothing_first)
    for name in names:
        where = COMMANDS[name]
        if isinstance(where, str):
            app.command(name)(_loaded(where))
        else:
            app.add_typer(_group(*where), name=name)
    return app


def _group(text: str, commands: Mapping[str, str]) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, help=text)
    group.callback()(_nothing_first)
    for name, where in commands.items():
        group.command(name)(_loaded(where))
    return group


def _loaded(where: str) -> Callable[..., None]:
    module, _, function = where.partition(":")
    command: Callable[..., None] = getattr(import_module(f"gameday.cli.{module}"), function)
    return command


def _nothing_first() -> None:
    """Keep a group with one command a group."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code. A person's mistake never shows a traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    known = given and given[0] in COMMANDS
    try:
        build(given[:1] if known else COMMANDS)(args=given, prog_name="gameday")
    except GamedayError as error:
        return _say_no(error, as_json="--json" in given)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.PASSED
    return ExitCode.PASSED


def _say_no(error: GamedayError, *, as_json: bool) -> int:
    sys.stderr.write(f"{error.sentence}\n")
    excerpt = getattr(error, "excerpt", "")
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
