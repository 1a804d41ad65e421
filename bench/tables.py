"""A benchmark's document as tables: for a terminal, and for Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any

_NOTHING = "-"
_QUIET_LOAD_MAX = 0.5
GOALS_HEAD = ("goal", "value", "bound", "met")
RATIOS_HEAD = ("ratio", "value")


def goal_rows(document: dict[str, Any]) -> list[list[str]]:
    return [
        [name, text(goal["value"]), goal["bound"], goal["met"]]
        for name, goal in document["goals"].items()
    ]


def ratio_rows(document: dict[str, Any]) -> list[list[str]]:
    return [[name, text(value)] for name, value in document["ratios"].items()]


def lane_table(
    figures: dict[str, Any], lanes: Iterable[str], columns: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a row for each lane that was measured, a cell for each of its columns."""
    rows = [
        [name, *(text(figures[name].get(column)) for column in columns)]
        for name in lanes
        if name in figures
    ]
    return ["lane", *columns], rows


def machine_sentence(document: dict[str, Any]) -> str:
    """Where and when it was measured, beside whom, and how far it can be trusted."""
    machine, peers = document["machine"], document["peers"]
    versions = ", ".join(f"{name} {found or 'missing'}" for name, found in peers.items())
    beside = f" Peers: {versions}." if versions else ""
    form = "A short run: its figures judge nothing. " if document["quick"] else ""
    busy = machine["load_average_1_min"] > _QUIET_LOAD_MAX
    noise = (
        "\n\n**The machine was not quiet**: other work ran on the same cores, so the times are "
        "longer and the ratios less certain than on a machine of its own."
    )
    return (
        f"{form}Measured {machine['date']} on {machine['cores']} cores of {machine['cpu']}, "
        f"Linux {machine['kernel']}, Python {machine['python']}, uvloop {machine['uvloop']}; "
        f"load average {machine['load_average_1_min']} before the run.{beside}"
        f"{noise if busy else ''}"
    )


def text(value: Any) -> str:
    return _NOTHING if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def piped(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in lines
    )
