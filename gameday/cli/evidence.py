"""`gameday bundle` and `gameday verify`: what a run can be proved by, made and checked."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gameday.cli.judge import require_closed
from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunId, RunsFolder, StateFolder
from gameday.evidence.bundle import make_bundle
from gameday.evidence.checking import Checked, check_bundle
from gameday.evidence.key import Keys, read_public
from gameday.reporting.inert import inert
from gameday.store.findings import Findings
from gameday.store.run_folder import RunFolder


def bundle(
    run_id: RunId,
    out: Annotated[
        Path | None, typer.Option(help="Where; in the run's folder unless said.")
    ] = None,
    without_samples: Annotated[
        bool, typer.Option(help="Leave out single requests: only their files' digests are told.")
    ] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Put all that a run has left into one archive, and sign it.

    Example:  gameday bundle 7Q2K --without-samples --out for-the-auditor.zip
    """
    folder = RunFolder(runs / run_id)
    require_closed(folder)
    key = Keys(state).of(folder.read_record().request)
    result = folder.read_result()
    Findings(runs).keep_beside(folder, result)  # those that were opened since the report
    made = make_bundle(folder, result, key, to=out, without_samples=without_samples)
    if as_json:
        document = {"bundle": str(made.file), "public_key": str(made.public_key), "key": made.key}
        print(json.dumps(document))
        return
    print(f"  bundle      {made.file}, {len(made.manifest.files)} files")
    print(f"  signed by   key {made.key}")
    print(f"  verify      gameday verify {made.file} --key {made.public_key}")


def verify(
    bundle: Annotated[Path, typer.Argument(help="A run's bundle.zip.")],
    key: Annotated[Path, typer.Option(help="The public key of whoever should have signed it.")],
    as_json: AsJson = False,
) -> None:
    """Check that a bundle is as it was signed. Needs no server, no network and no run.

    Example:  gameday verify runs/7Q2K/bundle.zip --key reporter.pub
    """
    checked = check_bundle(bundle, read_public(key))
    if as_json:
        document = checked.manifest.model_dump(mode="json")
        print(json.dumps({"signed": True, "key": checked.key, **document}, indent=2))
        return
    for line in _lines(checked):
        print(line)


def _lines(checked: Checked) -> list[str]:
    told = checked.manifest
    here = len(told.files) - len(checked.withheld)
    by = f"asked for by {told.requested_by}"
    by += f", approved by {told.approved_by}" if told.approved_by else ", approved by nobody"
    verdict = told.verdict.upper()
    lines = [
        f"SIGNED   run {told.run}, {told.drill} on {told.target}/{told.environment}: {verdict}",
        "",
        f"  because     {told.reason}",
        f"  when        {told.started_at:%Y-%m-%d %H:%M:%S} UTC, {by}",
        f"  signed by   key {checked.key}",
        f"  files       {here} and the manifest, each as it was signed; made by {told.made_by}",
        f"  journal     whole; its last line is {told.journal_head}",
    ]
    if checked.withheld:
        lines.append(f"  withheld    {', '.join(checked.withheld)}: known by their digests only")
    lines.append(
        "  not shown   whose key it is, and that what was measured was honest when it was measured"
    )
    return [inert(line.replace("\n", " ")) for line in lines]
