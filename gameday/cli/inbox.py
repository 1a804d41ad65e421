"""`gameday inbox`: which alerts `gameday serve` was told of, and what became of each."""

import json
from typing import Annotated, Any

import typer

from gameday.cli.options import DEFAULT_STATE, AsJson, StateFolder
from gameday.cli.screen import table
from gameday.cli.serve import INBOX
from gameday.domain.errors import StartError
from gameday.reporting.inert import inert_line
from gameday.serve.inbox import Inbox, Kept


def inbox(
    last: Annotated[int, typer.Option(min=1, help="How many of the last ones.")] = 20,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Show the last alerts that `gameday serve` was told of, and what became of each.

    Example:  gameday inbox
    """
    file = state / INBOX
    if not file.exists():
        raise StartError(f"no alert was ever received in {state}", next_step="gameday serve")
    opened = Inbox(file)
    try:
        kept = opened.last(last)
    finally:
        opened.close()
    if as_json:
        print(json.dumps({"alerts": [_document(one) for one in kept]}, indent=2, default=str))
        return
    for line in table([_row(one) for one in kept]) or ["nothing has arrived yet"]:
        print(line)


def _document(kept: Kept) -> dict[str, Any]:
    return {
        **kept._asdict(),
        "occurrence": kept.occurrence.model_dump(mode="json"),
        "outcome": kept.outcome or "waits",
    }


def _row(kept: Kept) -> tuple[str, ...]:
    return (
        f"{kept.received_at:%Y-%m-%d %H:%M:%S}",
        kept.sender,
        "firing" if kept.occurrence.firing else "resolved",
        inert_line(kept.occurrence.called, 60),
        inert_line(kept.outcome) or "waits",
    )
