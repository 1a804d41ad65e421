"""From a drill's name to a request that a workflow can run: files read, windows judged."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.shifts import shift_of
from gameday.catalog.files import find_drill, load_drill, load_target
from gameday.catalog.kinds import checks, faults, steps
from gameday.catalog.suite_files import load_suite
from gameday.cli.runbook_fitness import runbook_of, what_items_are
from gameday.domain.component import Component
from gameday.domain.control import why_no_control, with_control
from gameday.domain.drill import CheckSpec, Drill, FaultSpec, Scope, StepSpec
from gameday.domain.environment import is_production
from gameday.domain.errors import FileError
from gameday.domain.plan import Plan, Planned, PlannedWindow, make_plan
from gameday.domain.record import RunRequest, faulted_providers
from gameday.domain.rise import why_no_rise
from gameday.domain.runbook import Runbook
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.suite import Suite
from gameday.domain.target import Target
from gameday.probes.mix import why_nothing

_ID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none can be taken for another
_PORTS = {"toxiproxy": "Toxiproxy", "gate": "a gate's listener"}  # as people call them
_SILENT_GAPS_MIN = 3  # requests in a row that no_data must at least wait for
_TOKENS_MAX = 2000  # of one request and its answer, for the worst case of the cost


@dataclass(frozen=True)
class Prepared:
    """A drill that can be started."""

    drill: Drill
    target: Target
    environment: str
    suite_file: Path
    cases: int
    plan: Plan
    target_file: Path
    runbook: Runbook | None = None  # that it responds with


def prepare(
    name: str, overrides: Sequence[str], target_file: Path, environment: str | None
) -> Prepared:
    """Read and check everything that a drill needs. Raises FileError before anything is touched."""
    drill_file = find_drill(name)
    drill = load_drill(drill_file, overrides)
    target = load_target(target_file)
    chosen = choose_environment(target, environment, target_file)
    suite_file = (target_file.parent / target.suite).resolve()
    suite = load_suite(suite_file)
    drill, runbook = runbook_of(drill, target, drill_file, target_file)
    _require_fitting(drill, target, drill_file, target_file)
    _require_questions(drill, suite, drill_file, suite_file)
    drill = with_control(drill, target)
    if is_production(chosen):  # never without a second person; the injector's policy sees to it too
        drill = drill.model_copy(update={"require_approval": True})
    plan = make_plan(
        drill,
        target,
        chosen,
        cost_usd_max=_cost_usd_max(drill, target),
        play_s=_play_s(drill, runbook),
    )
    _require_calm_guards(drill, plan, drill_file)
    rises = plan.windows[1].name == "peak"
    if rises and (why := why_no_rise(drill.load.curve(), *plan.windows[:2])):
        raise FileError(
            f"{drill_file}: {why}", next_step="change the load's stages or windows.peak"
        )
    _require_power(drill, planned_for(drill, plan, target, suite), drill_file)
    return Prepared(
        drill, target, chosen, suite_file, len(suite.cases), plan, target_file.resolve(), runbook
    )


def _play_s(drill: Drill, runbook: Runbook | None) -> float:
    """How long the runbook may take that the drill responds with, beside the windows."""
    if runbook is None or drill.respond_with is None:
        return 0.0
    pauses = what_items_are(runbook)["pauses"]
    timed = {name: pause.seconds for name, pause in pauses.items() if pause.seconds is not None}
    return runbook.seconds_max(timed, drill.respond_with.people_within)


def planned_for(drill: Drill, plan: Plan, target: Target, suite: Suite) -> Planned:
    """What the drill's checks may look at to say whether they can decide."""
    return Planned(
        windows=_by_name(plan),
        load=drill.load.offered(),
        suite=suite.suite,
        cases=len(suite.cases),
        target=target,
        breaks=bool(drill.faults),
        faulted_providers=faulted_providers(drill),
        responds=bool(drill.respond),
        rehearses=drill.rehearse is not None,
        detects=drill.waits_to_be_noticed,
        users=drill.load.users or 0,
        hang_up_share=drill.load.hang_up.share if drill.load.hang_up else 0.0,
        conversations=drill.load.conversations,
    )


def _by_name(plan: Plan) -> dict[str, PlannedWindow]:
    """What checks know as `faulted` is `peak` or `responded` in a drill that breaks nothing."""
    named = {window.name: window for window in plan.windows}
    return {"faulted": plan.windows[1], **named}


def request_for(prepared: Prepared, runs: Path, requested_by: str, run_id: str = "") -> RunRequest:
    """A new run of a prepared drill; without an id of its own, under one that no run here has."""
    run_id = run_id or new_run_id(runs)
    request = RunRequest(
        run_id=run_id,
        drill=prepared.drill,
        target=prepared.target,
        environment=prepared.environment,
        suite_file=str(prepared.suite_file),
        folder=str((runs / run_id).resolve()),
        plan=prepared.plan,
        requested_by=requested_by,
        target_file=str(prepared.target_file),
    )
    if prepared.runbook is None:
        return request
    return request.model_copy(update={"response": _response(request, prepared.runbook)})


def _response(request: RunRequest, runbook: Runbook) -> RunbookRequest:
    """What the drill's own workflow plays as its response."""
    stated = request.drill.respond_with
    assert stated is not None
    return RunbookRequest(
        run_id=request.run_id,
        inputs=stated.inputs,
        mode=Mode.DRILL,
        target=request.target,
        environment=request.environment,
        target_file=request.target_file,
        suite_file=request.suite_file,
        folder=request.folder,
        requested_by=request.requested_by,
        people_within_s=stated.people_within,
        **what_items_are(runbook),
    )


def choose_environment(target: Target, wanted: str | None, target_file: Path) -> str:
    """The environment of that name, or the only one. Raises FileError."""
    names = list(target.environments)
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in target.environments:
        raise FileError(
            f"{target_file} has the environments {', '.join(names)}; {wanted or 'none'} was named",
            next_step=f"add --environment {names[0]}",
        )
    return wanted


def _require_fitting(drill: Drill, target: Target, drill_file: Path, target_file: Path) -> None:
    if drill.target != target.target:
        raise FileError(
            f"{drill_file} is for the target {drill.target!r}; {target_file} describes "
            f"{target.target!r}",
            next_step="name the right target file with --target",
        )
    for fault in drill.faults:
        _require_port(fault, target, drill_file, target_file)
    for step in drill.respond:
        _require_component(step, target, drill_file, target_file)
    _require_control_apart(drill, target, drill_file, target_file)
    for guard in drill.abort_when:
        if guard.of is not None and guard.of not in target.providers:
            raise FileError(
                f"{drill_file} ends the drill by {guard}, and {target_file} has no provider "
                f"{guard.of!r} (it has: {', '.join(target.providers)})",
                next_step="name one of them in `of`",
            )


def _require_port(fault: FaultSpec, target: Target, drill_file: Path, target_file: Path) -> None:
    """Raises FileError unless the target says where the fault can take hold."""
    if fault.changes_component:
        does = f"breaks {fault.on} by {fault.kind}"
        _require_kept(does, fault.on, target, drill_file, target_file)
        return
    port, sort = faults.make(fault).port, fault.on.partition("/")[0]
    if not (target.ports_at(fault.on) or {}).get(port):
        behind = (name for name, one in target.places.get(sort, {}).items() if one.ports.get(port))
        known = ", ".join(behind)
        raise FileError(
            f"{drill_file} breaks {fault.on} by {fault.kind}, which {target_file} does not have "
            f"behind {_PORTS.get(port, port)} (it has: {known or 'none'})",
            next_step=f"add `{port}:` to that {sort} in {target_file}",
        )
    if fault.scope is Scope.MARKED and target.front_door.marker is None:
        raise FileError(
            f"{drill_file} breaks {fault.on} for marked requests alone, and {target_file} does "
            "not say how they are marked",
            next_step=f"add `marker: {{header: x-gameday}}` to front_door in {target_file}",
        )


def _require_questions(drill: Drill, suite: Suite, drill_file: Path, suite_file: Path) -> None:
    """Raises FileError where the suite has no such questions as the drill shifts its inputs to."""
    wanted = shift_of(drill)
    if wanted is None:
        return
    if why := why_nothing(wanted, ((case.group or "", case.asked[0]) for case in suite.cases)):
        raise FileError(
            f"{drill_file} shifts what is asked, and {suite_file} has not got it: {why}",
            next_step="add such questions to the suite, or shift to others",
        )
    if drill.load.generators > 1 and any(len(case.asked) > 1 for case in suite.cases):
        # Each of them hears of a shift at its own moment, and counts turns by what it asks.
        raise FileError(
            f"{drill_file} shifts what is asked, and the suite has conversations: its "
            f"{drill.load.generators} generators would ask some turns twice",
            next_step="set load.generators to 1",
        )


def _require_kept(
    does: str, on: str, target: Target, drill_file: Path, target_file: Path
) -> Component:
    """The component that the drill changes, or the action that it does. Raises FileError.

    does: what the drill does to it, in words that follow the drill's name.
    """
    kept = target.changeable
    if on not in kept:
        raise FileError(
            f"{drill_file} {does}, and {target_file} does not say what keeps it "
            f"(it has: {', '.join(kept) or 'none'})",
            next_step=f"add it under `{on.partition('/')[0]}s:` in {target_file}",
        )
    return kept[on]


def _require_component(step: StepSpec, target: Target, drill_file: Path, target_file: Path) -> None:
    """Raises FileError unless the target says what keeps the component that the step changes."""
    does = f"responds by {step.kind} on {step.on}"
    component = _require_kept(does, step.on, target, drill_file, target_file)
    if steps.make(step).wanted(component) is None:
        raise FileError(
            f"{drill_file} responds by {step.words}, and {target_file} does not say which version "
            "is the previous one",
            next_step=f"add `previous:` to that component in {target_file}",
        )


def _require_control_apart(
    drill: Drill, target: Target, drill_file: Path, target_file: Path
) -> None:
    """Raises FileError where the drill wants a control group and there can be none."""
    if drill.load.control_share and (why := why_no_control(drill, target)):
        raise FileError(
            f"{drill_file} asks for a control group on {target_file}: {why}",
            next_step="leave load.control out; then the drill has one where there can be one",
        )


def _require_calm_guards(drill: Drill, plan: Plan, drill_file: Path) -> None:
    """A guard that the load itself would trip ends every drill, and says nothing."""
    slowest, fastest = drill.load.curve().rates_between(0.0, plan.seconds_max)
    for guard in drill.abort_when:
        why = ""
        if guard.no_data is not None and guard.no_data < _SILENT_GAPS_MIN / slowest:
            why = f"at {slowest:g}/s requests are {1 / slowest:g} s apart"
        if guard.metric == "sent_per_s" and any(map(guard.passed_by, (slowest, fastest))):
            why = f"the load sends {drill.load.shape}"
        if why:
            raise FileError(
                f"{drill_file}: {guard} would end the drill by itself: {why}",
                next_step="change that entry of abort_when",
            )


def _require_power(drill: Drill, planned: Planned, drill_file: Path) -> None:
    """A window that cannot tell yes from no must not be run: its answer would be an accident."""
    problems = [
        f"{spec.kind}: {problem}"
        for spec in drill.checks
        if (problem := _cannot_decide(spec, planned))
    ]
    if problems:
        raise FileError(
            f"{drill_file}: the windows cannot decide. " + "; ".join(problems),
            next_step="lengthen the window in the file, or with --set windows.faulted=30s",
        )


def _cannot_decide(spec: CheckSpec, planned: Planned) -> str:
    check = checks.make(spec)
    if check.needs_fault and not planned.breaks:
        return "it judges what a fault does, and this drill breaks nothing"
    if check.needs_provider and not planned.faulted_providers:
        return "it judges what is done about a provider that fails, and this drill breaks none"
    return check.cannot_decide(planned)


def _cost_usd_max(drill: Drill, target: Target) -> float:
    dearest = max(
        (price.dearest_usd_per_mtok for price in target.prices.values()),
        default=0.0,
    )
    return make_plan(drill, target, "").requests_max * _TOKENS_MAX * dearest / 1_000_000


def new_run_id(runs: Path) -> str:
    """One that no run and no game day here has."""
    while True:
        run_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(4))
        if not (runs / run_id).exists():
            return run_id
