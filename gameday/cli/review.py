"""`gameday review`: what happened in every layer, what is open, and who mends what by when."""

import webbrowser
from datetime import UTC, datetime
from typing import Annotated

import typer

from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunId, RunsFolder, StateFolder
from gameday.domain.review import Review
from gameday.reporting.inert import inert
from gameday.reporting.review_files import write_review
from gameday.reporting.review_pages import next_steps, timeline, to_act
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder


def review(
    run_id: RunId,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="Look for changes from here on (UTC); a day before the run unless said.",
        ),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Write the review of a run anew: timeline of all layers, open questions, actions.

    Example:  gameday review 7Q2K --open
    """
    folder = RunFolder(runs / run_id)
    written = write_review(folder, Ledger(state), since.replace(tzinfo=UTC) if since else None)
    if as_json:
        print(written.model_dump_json(indent=2))
    else:
        print("\n".join(_lines(written, folder)))
    if open_:
        webbrowser.open(folder.review_file("html").resolve().as_uri())


def _lines(written: Review, folder: RunFolder) -> list[str]:
    place = f"{written.target}/{written.environment}"
    lines = [
        f"{written.ended.upper()}   {written.reason}",
        f"{written.sort} {written.name} on {place}, run {written.run}",
        "",
        *("  ".join(row) for row in timeline(written)),
        "",
    ]
    lines += [f"  ?  {one.layer}: {one.text}  ({one.because})" for one in written.questions]
    for action in written.actions:
        closed = "mended" if action.closed_at else f"by {action.due}"
        lines.append(f"  !  {action.id}  {action.owner} {closed}: {action.what}")
    act = [f"  !  {to_act(written)}"] if to_act(written) else []
    files = ", ".join(str(folder.review_file(ending)) for ending in ("md", "html", "json"))
    shown = [" ".join(inert(line).split("\n")) for line in (*lines, *act)]
    return [*shown, "", f"  written  {files}", f"  next     {next_steps(written)[0]}"]
