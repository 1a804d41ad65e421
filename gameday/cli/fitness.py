"""What each drill would need of a target before it can be run there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gameday.catalog.files import drill_names, load_drill
from gameday.catalog.kinds import checks, faults
from gameday.cli.planning import planned_for
from gameday.domain.drill import Drill, FaultSpec, Scope
from gameday.domain.errors import FileError
from gameday.domain.people import START
from gameday.domain.plan import make_plan
from gameday.domain.policy import APPROVAL
from gameday.domain.suite import Suite
from gameday.domain.target import Target

_PORTS = {"toxiproxy": "a Toxiproxy proxy", "gate": "a listener of the gate"}


@dataclass(frozen=True)
class Need:
    """One thing that is missing, and what to do about it."""

    what: str
    next_step: str


@dataclass(frozen=True)
class Fitness:
    """One drill, on one target."""

    drill: str
    needs: tuple[Need, ...]
    overrides: tuple[str, ...] = ()  # that make a shipped drill this target's
    fitted: Drill | None = None  # with them; None where it cannot be read

    @property
    def command(self) -> str:
        sets = "".join(f" --set {text}" for text in self.overrides)
        return f"gameday run {self.drill}{sets}"


@dataclass(frozen=True)
class Place:
    """Where drills are to be run."""

    target: Target
    environment: str
    suite: Suite


def fitness_of_drills(place: Place) -> list[Fitness]:
    """Every drill that is known here, with what it lacks."""
    return [_fitness(name, path, place) for name, _, path in drill_names()]


def _fitness(name: str, path: Path, place: Place) -> Fitness:
    try:
        drill, overrides = _fitted(path, place.target, place.suite)
    except FileError as error:
        return Fitness(name, (Need(error.sentence, error.next_step),))
    needs = [
        *_fault_needs(drill, place.target),
        *_component_needs(drill, place.target),
        *_check_needs(drill, place),
    ]
    return Fitness(name, tuple(dict.fromkeys(needs)), overrides, drill)


Refusal = Callable[[Drill, int], Awaitable[str]]
"""Why the injector would refuse one fault of a drill; '' when it would not."""


async def with_policy(found: Fitness, refusal: Refusal) -> Fitness:
    """The same, with what the injector would refuse among the needs.

    A plan that waits for somebody's approval lacks nothing: the run itself asks for it, as it says
    who starts it.
    """
    if found.needs or found.fitted is None:
        return found
    needs = []
    for position, fault in enumerate(found.fitted.faults):
        why = await refusal(found.fitted, position)
        if why and APPROVAL not in why and START not in why:
            step = _allowed(fault, position) if "policy" in why else "gameday doctor says how it is"
            needs.append(Need(f"the injector would refuse it: {why}", step))
    return replace(found, needs=tuple(needs))


def _allowed(fault: FaultSpec, position: int) -> str:
    asked = "let the owner of policy.yaml allow it"
    if fault.scope is not Scope.MARKED and Scope.MARKED in faults.make(fault).scopes:
        return f"--set faults.{position}.scope=marked, or {asked}"
    return asked


def _fitted(path: Path, target: Target, suite: Suite) -> tuple[Drill, tuple[str, ...]]:
    """The drill as it would be run here: shipped ones are written for the lab and its suite."""
    drill = load_drill(path)
    overrides = [f"target={target.target}"] if drill.target != target.target else []
    if drill.load.suite != suite.suite:
        overrides.append(f"load.suite={suite.suite}")
        overrides += [
            f"checks.{position}.suite={suite.suite}"
            for position, spec in enumerate(drill.checks)
            if "suite" in spec.settings
        ]
    return (load_drill(path, overrides) if overrides else drill), tuple(overrides)


def _fault_needs(drill: Drill, target: Target) -> list[Need]:
    needs = []
    for fault in drill.faults:
        if fault.changes_component:
            continue
        port, ports = faults.make(fault).port, target.ports_at(fault.on)
        sort, name = fault.on.split("/")
        if ports is None:
            needs.append(_nothing_there(fault.on, target))
        elif port not in ports:
            needs.append(
                Need(
                    f"{fault.kind} needs {_PORTS.get(port, port)} before {name}",
                    f"put one there, and name it with `{port}:` under {sort}s.{name}",
                )
            )
        if fault.scope is Scope.MARKED and target.front_door.marker is None:
            needs.append(
                Need(
                    f"{fault.kind} is for marked requests alone, and nothing marks them",
                    "add `marker: {header: x-gameday}` to front_door",
                )
            )
    return needs


def _component_needs(drill: Drill, target: Target) -> list[Need]:
    """Of what its faults and steps change, what the target does not declare."""
    return [
        Need(
            f"it changes {on}, and nothing says what keeps that",
            "declare it under `components:` (docs/components.md)",
        )
        for on in drill.changed_components
        if on not in target.changeable
    ]


def _nothing_there(on: str, target: Target) -> Need:
    sort, name = on.split("/")
    known = ", ".join(target.places.get(sort, ())) or "none"
    return Need(
        f"it is about the {sort} {name}; the target has {known}",
        f"add {name} under {sort}s, or copy the drill into ./drills and name yours there",
    )


def _check_needs(drill: Drill, place: Place) -> list[Need]:
    plan = make_plan(drill, place.target, place.environment)
    planned = planned_for(drill, plan, place.target, place.suite)
    return [
        Need(f"{spec.kind}: {problem}", _next_for(problem))
        for spec in drill.checks
        if (problem := checks.make(spec).cannot_decide(planned))
    ]


def _next_for(problem: str) -> str:
    """Where to turn: what the target lacks is added there, a window is made longer."""
    if "window" in problem or "requests" in problem:
        return "lengthen the window, e.g. with --set windows.faulted=60s"
    return "add it to the target file, or take the check out of a copy of the drill in ./drills"
