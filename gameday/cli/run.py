"""`gameday run`, `demo`, `plan` and `list`."""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from activities.recorded import keep_reference
from gameday.catalog.files import drill_names, find_drill, game_day_names, load_drill
from gameday.catalog.kinds import (
    Registry,
    checks,
    components,
    errands,
    exports,
    faults,
    questions,
    scorers,
    steps,
    waits,
)
from gameday.catalog.runbook_files import runbook_names
from gameday.cli.export import export_all, wanted_exports
from gameday.cli.identity import (
    TOKEN_PROOF,
    KeyFile,
    Signer,
    TokenFile,
    TokenProof,
    reachable,
    started_by,
)
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    Defect,
    DrillName,
    EnvironmentName,
    Lab,
    LabLlm,
    Overrides,
    RunsFolder,
    StateFolder,
    TargetFile,
    Who,
    me,
)
from gameday.cli.outlook import exposure_sentence, look_ahead, outlook_lines
from gameday.cli.planning import Prepared, prepare, request_for
from gameday.cli.screen import Screen, plan_sentence, table
from gameday.cli.session import Session, attached_session, lab_session, lab_target
from gameday.cli.watching import LeaveNowError, Watch, what_may_be_left
from gameday.domain.errors import FileError
from gameday.domain.record import RunRequest
from gameday.domain.redaction import RULES
from gameday.domain.result import Result
from gameday.domain.verdict import ExitCode
from gameday.reporting.terminal import verdict_lines
from gameday.store.listing import StoredRun, runs_in
from gameday.store.run_folder import RunFolder

# Shortened, and still long enough for every check of the drill to decide.
DEMO_WINDOWS = (
    "windows.baseline=11s",
    "windows.faulted=12s",
    "windows.recovered={until: all_good, at_most: 30s}",
    "checks.6.objective=15s",
)


def run(
    drill: DrillName,
    lab: Lab = False,
    defect: Defect = "",
    llm: LabLlm = False,
    overrides: Overrides = None,
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    export: Annotated[
        list[str] | None,
        typer.Option(help="What to write for other tools at its end, e.g. junit=build/drill.xml."),
    ] = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
    who: Who = None,
    key: KeyFile = None,
    oidc_token_file: TokenFile = None,
    oidc: TokenProof = TOKEN_PROOF,
) -> None:
    """Run a drill and wait for its verdict.

    Example:  gameday run provider-outage --lab

    Exit codes: 0 passed, 1 failed, 2 bad file or usage, 3 inconclusive, 4 aborted, 5 dirty
    (something is possibly left broken), 6 refused.
    """
    wanted = _Wanted(drill, list(overrides or ()), target, environment)
    told = wanted_exports(list(export or ()))
    signer = Signer.of(who, key, oidc_token_file, oidc)
    try:
        lab = lab or llm or bool(defect)
        with _session(wanted, state, runs, lab=lab, defect=defect, llm=llm) as session:
            prepared = wanted.prepare(session.target_file(target))
            request = _started(session, request_for(prepared, runs, signer.name), signer)
            keep_reference(request, state)
            code = _run(session, request, as_json=as_json, who=request.requested_by)
        folder = RunFolder(request.folder)
        untold = export_all(folder, told) if folder.result_file.exists() else 0
        code = code or untold
    except KeyboardInterrupt:
        # While a run goes on, Ctrl-C is caught and aborts it; this one came before or after.
        sys.stderr.write("stopped: no drill was running\n")
        code = ExitCode.ABORTED
    raise typer.Exit(code)


def demo(
    as_json: AsJson = False, state: StateFolder = DEFAULT_STATE, runs: RunsFolder = DEFAULT_RUNS
) -> None:
    """Rehearse a provider outage on the practice system, with short windows.

    Example:  gameday demo
    """
    run(
        "provider-outage",
        lab=True,
        overrides=list(DEMO_WINDOWS),
        as_json=as_json,
        state=state,
        runs=runs,
    )


def plan(
    drill: DrillName,
    lab: Lab = False,
    overrides: Overrides = None,
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show what a drill would do, at the worst, and what stands against it now.

    Touches nothing and spends nothing. An approval is bound to the digest that it prints.

    Example:  gameday plan provider-outage --lab
    """
    wanted = _Wanted(drill, list(overrides or ()), target, environment)
    alerts = wanted.looks_elsewhere()
    with lab_target(state, alerts=alerts) if lab else _just(target) as target_file:
        prepared = wanted.prepare(target_file)
        looked = look_ahead(request_for(prepared, runs, me()), state)
    if as_json:
        looks = [one._asdict() for one in looked]
        print(json.dumps({**prepared.plan.model_dump(mode="json"), "now": looks}, indent=2))
        return
    for line in (*_plan_lines(prepared), *outlook_lines(looked)):
        print(line)


def list_(
    what: Annotated[
        str,
        typer.Argument(
            help="drills, runbooks, game_days, faults, checks, scorers, steps, questions, exports "
            "or runs"
        ),
    ] = "drills",
    as_json: AsJson = False,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """List drills, runbooks, game days, faults, checks, scorers, steps, questions or runs.

    Example:  gameday list faults
    """
    rows = _rows(what, runs)
    if as_json:
        print(json.dumps([dict(zip(("name", "about"), row, strict=False)) for row in rows]))
        return
    for line in table(rows) or [f"no {what} here"]:
        print(line)


class _Wanted:
    """What was asked for on the command line."""

    def __init__(
        self, drill: str, overrides: list[str], target: Path, environment: str | None
    ) -> None:
        self.drill = drill
        self.overrides = overrides
        self.target = target
        self.environment = environment

    def looks_elsewhere(self) -> bool:
        """Whether the lab must bring what watches it: its Prometheus and the rest."""
        return load_drill(find_drill(self.drill), self.overrides).looks_elsewhere

    def prepare(self, target_file: Path) -> Prepared:
        return prepare(self.drill, self.overrides, target_file, self.environment)


@contextmanager
def _session(
    wanted: _Wanted, state: Path, runs: Path, *, lab: bool, defect: str, llm: bool
) -> Iterator[Session]:
    """Check the files first: a wrong one must be told before anything is started."""
    if not lab:
        session = attached_session(state)
        wanted.prepare(session.target_file(wanted.target))
        yield session
        return
    alerts = wanted.looks_elsewhere()
    with lab_target(state, defect, alerts=alerts, llm=llm) as described:
        wanted.prepare(described)
    sys.stderr.write("starting the lab, Temporal, the injector and two workers …\n")
    with lab_session(state, runs, defect, alerts=alerts, llm=llm) as session:
        yield session


def _started(session: Session, request: RunRequest, signer: Signer) -> RunRequest:
    """The request, asked for by whoever its injector takes us for."""
    injector = reachable(session, request.target.environments[request.environment].injector)
    start = started_by(injector, signer, run_id=request.run_id, digest=request.plan.digest)
    return request.model_copy(update={"requested_by": asyncio.run(start)})


def _run(session: Session, request: RunRequest, *, as_json: bool, who: str) -> int:
    screen = Screen(sys.stderr if as_json else sys.stdout)
    screen.head(request, _where(session))
    try:
        result = asyncio.run(Watch(session, request, screen, who).run())
    except LeaveNowError:
        for line in asyncio.run(what_may_be_left(session, request)):
            screen.say(f"  {line}")
        return ExitCode.DIRTY
    if as_json:
        print(result.model_dump_json(indent=2, by_alias=True))
    else:
        _say_result(screen, result)
    _say_untold(screen, request)
    return result.exit_code


def _say_result(screen: Screen, result: Result) -> None:
    screen.say("")
    for line in verdict_lines(result):
        screen.say(line)


def _say_untold(screen: Screen, request: RunRequest) -> None:
    """Whoever relies on the hook must hear that it was not told."""
    told = RunFolder(request.folder).read_told()
    if told is not None and told.failure:
        screen.say(f"  untold   the hook was not told how this ended: {told.failure}")


def _where(session: Session) -> str:
    return "embedded Temporal" if session.running else "Temporal by profile"


def _plan_lines(prepared: Prepared) -> list[str]:
    drill, made = prepared.drill, prepared.plan
    windows = ", ".join(
        f"{window.name} at most {window.seconds_max:g} s (at least {window.requests_min} requests)"
        for window in made.windows
    )
    return [
        f"{drill.drill}   {drill.title}",
        f"  hypothesis  {drill.hypothesis}",
        f"  breaks      {plan_sentence(made)}",
        f"  exposure    {exposure_sentence(made)}",
        f"  radius      {made.radius}",
        f"  response    {made.radius_response}",
        *[f"  responds    {step}" for step in made.response],
        f"  load        {drill.load.shape}; at most {made.requests_max:,} requests",
        f"  control     {made.control}",
        f"  windows     {windows}",
        f"  guards      {'; '.join(map(str, drill.abort_when)) or 'none'}",
        f"  checks      {', '.join(spec.kind for spec in drill.checks)}",
        f"  lease       {made.lease_s:g} s, renewed while the run lives",
        f"  suite       {prepared.cases} cases from {prepared.suite_file}",
        f"  digest      {made.digest}, which approvals are bound to",
    ]


def _rows(what: str, runs: Path) -> list[tuple[str, str]]:
    registries: dict[str, tuple[Registry[Any, Any], ...]] = {
        "faults": (faults,),
        "checks": (checks,),
        "scorers": (scorers,),
        "components": (components,),
        "steps": (steps, errands, waits),
        "questions": (questions,),
        "exports": (exports,),
    }
    if what == "drills":
        return [(name, title) for name, title, _ in drill_names()]
    if what == "runbooks":
        return [(name, title) for name, title, _ in runbook_names()]
    if what == "game_days":
        return [(name, title) for name, title, _ in game_day_names()]
    if what == "runs":
        return [(stored.run_id, _run_about(stored)) for stored in runs_in(runs)]
    if what == "redactions":
        return [(rule.name, rule.about) for rule in RULES]
    if what in registries:
        every = [(kind, one.summary(kind)) for one in registries[what] for kind, _ in one.kinds()]
        return sorted(every)
    known = ", ".join(("drills", "runbooks", "game_days", *registries, "redactions", "runs"))
    raise FileError(
        f"{what!r} is none of {known}",
        next_step="gameday list faults",
    )


def _run_about(stored: StoredRun) -> str:
    if stored.result is not None:
        result = stored.result
        return f"{result.started_at:%Y-%m-%d %H:%M}  {result.verdict}  {result.drill}"
    if stored.record is not None:
        record = stored.record
        return f"{record.started_at:%Y-%m-%d %H:%M}  not closed  {record.request.drill.drill}"
    return "not readable"


@contextmanager
def _just(path: Path) -> Iterator[Path]:
    yield path
