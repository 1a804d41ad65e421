"""`gameday export`: a stored run in a form that other tools read."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gameday.catalog.kinds import exports
from gameday.cli.options import DEFAULT_RUNS, RunId, RunsFolder
from gameday.domain.errors import FileError, GamedayError, RefusedError, StartError
from gameday.domain.export import Export, ExportSpec, JudgedRun
from gameday.store.atomic import write_whole
from gameday.store.run_folder import RunFolder
from gameday.supervisor.secrets import hide_in

STDOUT = Path("-")


def export(
    run_id: RunId,
    form: Annotated[
        str, typer.Option("--format", help="One of `gameday list exports`: junit, github, slack …")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Where; - is stdout. Else where the CI system says, else stdout."),
    ] = None,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Write a run in a form that other tools read.

    Example:  gameday export 7Q2K --format junit --out build/gameday.xml
    """
    export_run(RunFolder(runs / run_id), form, out)


def wanted_exports(said: list[str]) -> list[tuple[str, Path | None]]:
    """What `--export FORMAT=FILE` asks for: each form, and its file.

    Raises FileError before a drill is started for what could not be done after it.
    """
    wanted = []
    for one in said:
        form, _, file = one.partition("=")
        told_by = exports.make(ExportSpec(kind=form)).told_by
        if not file and not os.environ.get(told_by or "-"):
            raise FileError(
                f"--export {one}: into which file? nothing here says where {form} is read from",
                next_step=f"--export {form}=FILE",
            )
        wanted.append((form, Path(file) if file else None))
    return wanted


def export_all(folder: RunFolder, wanted: list[tuple[str, Path | None]]) -> int:
    """Each form of a run that has just ended. Returns an exit code; 0 when all was written.

    What cannot be written is said and hides no verdict.
    """
    code = 0
    for form, file in wanted:
        try:
            export_run(folder, form, file)
        except GamedayError as error:
            sys.stderr.write(f"{form} was not written: {error.sentence}\n")
            code = error.exit_code
    return code


def export_run(folder: RunFolder, form: str, out: Path | None) -> None:
    """Raises GamedayError for a form that there is not, and a run that is not closed."""
    export = exports.make(ExportSpec(kind=form))
    text = export.render(_read(folder))
    told = os.environ.get(export.told_by, "") if export.told_by else ""
    if out is None and told:
        _add(Path(told), text, export)
    elif out is None or out == STDOUT:
        sys.stdout.write(text)
    else:
        write_whole(out, text.encode())


def _read(folder: RunFolder) -> JudgedRun:
    record = folder.read_record()  # says so where there is no such run at all
    if not folder.result_file.exists():
        raise RefusedError(
            f"run {folder.run_id} is not closed: there is nothing to tell yet",
            next_step=f"gameday report {folder.run_id}",
        )
    return JudgedRun(
        result=folder.read_result(),
        record=record,
        read_samples=folder.read_samples,
        markdown=folder.markdown_file.read_text(),
    )


def _add(path: Path, text: str, export: Export) -> None:
    """After what other steps have written."""
    try:
        with path.open("ab") as file:
            file.write(hide_in(text.encode()))
    except OSError as error:
        raise StartError(
            f"{path}, which {export.told_by} names, cannot be written: {error.strerror or error}",
            next_step="name another file with --out",
        ) from error
