"""`gameday finding`: what was wrong, who mends it, and which run shows that it is mended."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from gameday.cli.options import DEFAULT_RUNS, AsJson, RunId, RunsFolder, Who, me
from gameday.domain.errors import FileError
from gameday.domain.finding import Finding, checks_of, why_open
from gameday.domain.result import Result
from gameday.domain.runbook_request import Mode
from gameday.domain.verdict import ExitCode, Held, Verdict
from gameday.reporting.inert import inert_line
from gameday.reporting.rehearsing import drill_name
from gameday.store.findings import Findings
from gameday.store.run_folder import RunFolder


def open_(
    run_id: RunId,
    owner: Annotated[str, typer.Option(help="Who mends it.")],
    due: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="By when.")],
    check: Annotated[
        str, typer.Option(help="A check that did not hold, as the report has it.")
    ] = "",
    what: Annotated[str, typer.Option(help="In a sentence; the run's own unless given.")] = "",
    drill: Annotated[
        str, typer.Option(help="Of a runbook's run: the drill that is to show it mended.")
    ] = "",
    who: Who = None,
    as_json: AsJson = False,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Open a finding of a run: what was wrong, who mends it, and by when.

    Example:  gameday finding open 7Q2K --check fallback --owner ana --due 2026-12-15
    """
    folder = RunFolder(runs / run_id)
    shown = _shown_by_a_runbook(folder, drill, what) or _shown_by_a_drill(folder, check, what)
    finding = Finding(
        id="",
        **shown,
        owner=owner,
        due=due.date(),
        opened_at=datetime.now(UTC),
        opened_by=who or me(),
    )
    _say([Findings(runs).open(finding)], as_json=as_json)


def _shown_by_a_drill(folder: RunFolder, check: str, what: str) -> dict[str, str]:
    result = folder.read_result()
    return {
        "run": result.run_id,
        "drill": result.drill,
        "target": result.target,
        "environment": result.environment,
        "check": check,
        "what": (what or _what_was_wrong(result, check))[:400],
    }


def _shown_by_a_runbook(folder: RunFolder, drill: str, what: str) -> dict[str, str] | None:
    """None where the run is a drill's."""
    played = folder.read_runbook() if folder.runbook_file.exists() else None
    if played is None or played.request.mode is Mode.DRILL:
        return None
    request = played.request
    return {
        "run": request.run_id,
        "drill": drill or drill_name(request.incident or request.run_id),
        "target": request.target.target,
        "environment": request.environment,
        "runbook": request.runbook.runbook,
        "what": (what or f"{played.outcome or 'not closed'}: {played.sentence}")[:400],
    }


def list_(
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only open ones past their date; ends with 1 if any.")
    ] = False,
    as_json: AsJson = False,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show the findings of all runs here, as they stand.

    Example:  gameday finding list --overdue
    """
    today = datetime.now(UTC).date()
    findings = [one for one in Findings(runs).all() if one.overdue(today) or not overdue]
    _say(findings, as_json=as_json)
    if overdue and findings:
        raise typer.Exit(ExitCode.FAILED)


def retest(
    finding_id: Annotated[str, typer.Argument(help="The finding's id.")],
    run_id: RunId,
    as_json: AsJson = False,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Link the run that was to show a finding mended; closes it if that run does, else ends with 1.

    Example:  gameday finding retest 7Q2K-1 9B3M
    """
    findings = Findings(runs)
    finding, result = findings.get(finding_id), RunFolder(runs / run_id).read_result()
    why = why_open(finding, result)
    linked = (*(one for one in finding.retests if one != run_id), run_id)
    closed_at = finding.closed_at if why else datetime.now(UTC)
    finding = finding.model_copy(update={"retests": linked, "closed_at": closed_at})
    findings.put(finding)
    _say([finding], as_json=as_json, still=why)
    if why:
        raise typer.Exit(ExitCode.FAILED)


def _what_was_wrong(result: Result, check: str) -> str:
    """Raises FileError for a check that the run has not, or that held."""
    if not check:
        if result.verdict is Verdict.PASSED:
            raise FileError(
                f"run {result.run_id} passed: it shows nothing that was wrong",
                next_step="say what is, with --what",
            )
        return result.reason
    checks = checks_of(result)
    if check not in checks:
        raise FileError(
            f"run {result.run_id} has no check {check!r}; it has {', '.join(checks) or 'none'}",
            next_step=f"gameday report {result.run_id}",
        )
    held, reason = checks[check]
    if held is Held.YES:
        raise FileError(
            f"{check} held in run {result.run_id}: {reason}",
            next_step="say what was wrong all the same, with --what",
        )
    return f"{check}: {reason}"


def _say(findings: list[Finding], *, as_json: bool, still: str = "") -> None:
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in findings], indent=2))
        return
    today = datetime.now(UTC).date()
    for one in findings:
        state = "closed" if one.closed_at else "OVERDUE" if one.overdue(today) else "open"
        print(f"{one.id}  {state}  {inert_line(one.owner)} by {one.due}  {inert_line(one.what)}")
        print(f"    {one.drill} on {one.target}/{one.environment}, run {one.run}; "
              f"retests: {', '.join(one.retests) or 'none'}")  # fmt: skip
    if still:
        print(f"    stays open: {inert_line(still)}")
    if not findings:
        print("no findings")
