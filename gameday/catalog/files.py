"""Loads drill, target and policy files, and says exactly where one is wrong."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

import gameday
from gameday.catalog import kinds
from gameday.catalog.loading import fit_spec, load, located, whole
from gameday.catalog.misfit import Misfit, show
from gameday.catalog.nearest import did_you_mean
from gameday.catalog.openslo import load_openslo
from gameday.catalog.overrides import override
from gameday.catalog.recording import mean_rate_per_s, read_recording
from gameday.catalog.yaml_reader import Document, Where, read_file
from gameday.domain.action import Action
from gameday.domain.component import Backend, Component, ComponentName
from gameday.domain.drill import Drill, FaultSpec, StepSpec
from gameday.domain.errors import FileError
from gameday.domain.game_day import GameDay
from gameday.domain.policy import Policy
from gameday.domain.proof import Proof
from gameday.domain.quantities import plain
from gameday.domain.serving import Serving
from gameday.domain.slo import OWN_NAMES, why_not_named
from gameday.domain.target import Target

_RUNBOOK = "respond_with"  # where a drill keeps `respond: {runbook: NAME}`
_SHIPPED = Path(gameday.__file__).resolve().parents[1] / "drills"


def load_drill(path: Path | str, overrides: Sequence[str] = ()) -> Drill:
    """The drill in `path`, with every fault, step and check tried. Raises FileError.

    overrides: `windows.faulted=5s`, `checks.0.within=1s`, ...; each is judged like the file.
    """
    document = read_file(Path(path), next_step="gameday schema drill")
    for text in overrides:
        override(document, text)
    try:
        _measure_recording(document, Path(path).parent)
        _tell_runbook_from_steps(document)
        drill = whole(Drill, document)
        for position, fault in enumerate(drill.faults):
            _fit_fault(document, ("faults", position), fault)
        for position, step in enumerate(drill.respond):
            _fit_step(document, ("respond", position), step, drill)
        _fit_checks(document, drill)
    except Misfit as misfit:
        raise located(document, misfit) from misfit
    return drill


def _tell_runbook_from_steps(document: Document) -> None:
    """Move `respond: {runbook: NAME}` to where a drill keeps it. Raises Misfit."""
    raw = document.raw
    if not isinstance(raw, dict):
        return
    if _RUNBOOK in raw:
        raise Misfit(
            (_RUNBOOK,), "unknown key 'respond_with'; did you mean 'respond'?", at_key=True
        )
    if isinstance(raw.get("respond"), dict):
        raw[_RUNBOOK] = raw.pop("respond")
        for marks in (document.values, document.keys):
            moved = {where: mark for where, mark in marks.items() if where[:1] == ("respond",)}
            marks.update({(_RUNBOOK, *where[1:]): mark for where, mark in moved.items()})


def _measure_recording(document: Document, beside: Path) -> None:
    """Put the mean rate of the recorded arrivals beside them, and their path as it is on this host.

    Raises Misfit and FileError.
    """
    load = document.raw.get("load") if isinstance(document.raw, dict) else None
    if not isinstance(load, dict) or not isinstance(load.get("replay"), str):
        return
    if "rate" in load:
        raise Misfit(("load", "rate"), "replay has the rate of its recording; expected only one")
    file = (beside / load["replay"]).resolve()
    load["replay"] = str(file)
    load["rate"] = f"{plain(round(mean_rate_per_s(read_recording(file)), 6))}/s"


def load_target(path: Path | str) -> Target:
    """The target in `path`, each component and action tried, with its OpenSLO file's objectives.

    Raises FileError.
    """
    document = read_file(Path(path), next_step="gameday schema target")
    try:
        _refuse_unmeasured(document)
        target = whole(Target, document)
        for name, component in target.components.items():
            fit_spec(document, kinds.components, ("components", name), component)
            _fit_shadow(document, name, component)
        for action, spec in target.actions.items():
            fit_spec(document, kinds.actions, ("actions", action), spec)
        return _with_openslo(target, Path(path).parent)
    except Misfit as misfit:
        raise located(document, misfit) from misfit


def load_components(path: Path | str) -> dict[ComponentName, Backend]:
    """What keeps each component of the target in `path`, ready to be asked. Raises FileError."""
    declared = load_target(path).components
    beside = Path(path).resolve().parent
    return {name: kinds.components.make(one).beside(beside) for name, one in declared.items()}


def load_shadows(path: Path | str) -> dict[ComponentName, Backend]:
    """What keeps the shadow of each component that has one. Raises FileError."""
    declared = load_target(path).components
    beside = Path(path).resolve().parent
    return {
        name: kinds.components.make(one.shadowed).beside(beside)
        for name, one in declared.items()
        if one.shadow
    }


def load_actions(path: Path | str) -> dict[str, Action]:
    """How each action of the target in `path` is done. Raises FileError."""
    declared = load_target(path).actions
    beside = Path(path).resolve().parent
    return {name: kinds.actions.make(one).beside(beside) for name, one in declared.items()}


def _refuse_unmeasured(document: Document) -> None:
    """Point at the name of an objective that nothing measures, such as a misspelt one."""
    raw = document.raw.get("slos") if isinstance(document.raw, dict) else None
    for name, slo in raw.items() if isinstance(raw, dict) else ():
        if name != "file" and isinstance(slo, dict):
            outside = any(slo.get(kind) for kind in ("ratio", "raw_ratio", "threshold"))
            if objection := why_not_named(name, measured_outside=outside):
                nearest = did_you_mean(name, OWN_NAMES) if not outside else ""
                raise Misfit(("slos", name), f"{name}: {objection}{nearest}", at_key=True)


def _with_openslo(target: Target, folder: Path) -> Target:
    if target.slos.file is None:
        return target
    try:
        slos = target.slos.joined_with(load_openslo(folder / target.slos.file))
        # As a whole: a query may lean on the Prometheus that the target's `alerts:` names.
        return Target.model_validate(dict(target) | {"slos": slos})
    except ValueError as error:
        first = (
            str(error).splitlines()[0]
            if not isinstance(error, ValidationError)
            else (error.errors()[0]["msg"].removeprefix("Value error, "))
        )
        raise Misfit(("slos", "file"), first) from error


def load_policy(path: Path | str) -> Policy:
    """The policy in `path`, each proof and whoever is known by it tried. Raises FileError."""
    document = read_file(Path(path), next_step="gameday schema policy")
    try:
        policy = whole(Policy, document)
        proofs = {
            name: fit_spec(document, kinds.proofs, ("proofs", name), spec)
            for name, spec in policy.proofs_known.items()
        }
        for name, person in policy.people.items():
            for proof, text in person.known_by.items():
                _fit_known_by(("people", name, "known_by", proof), proofs, text)
    except Misfit as misfit:
        raise located(document, misfit) from misfit
    return policy


def _fit_known_by(where: Where, proofs: Mapping[str, Proof], text: str) -> None:
    proof = str(where[-1])
    if proof not in proofs:
        known = ", ".join(proofs)
        raise Misfit(where, f"no proof is called {proof!r} (there is: {known})", at_key=True)
    if why := proofs[proof].why_not_known_as(text):
        raise Misfit(where, f"{show(text)}: {why}")


def load_serving(path: Path | str) -> Serving:
    """Which alerts start which drills, each sender tried. Raises FileError."""
    document = read_file(Path(path), next_step="gameday schema serve")
    try:
        serving = whole(Serving, document)
        for name, sender in serving.senders.items():
            fit_spec(document, kinds.senders, ("senders", name), sender)
    except Misfit as misfit:
        raise located(document, misfit) from misfit
    return serving


def load_game_day(path: Path | str) -> GameDay:
    """The game day in `path`; its drills are not looked at. Raises FileError."""
    return load(GameDay, Path(path), "gameday schema game_day")


def find_drill(name_or_path: Path | str) -> Path:
    """A path as it is; a name in ./drills, else among the shipped ones. Raises FileError."""
    text = str(name_or_path)
    if text.endswith((".yaml", ".yml")):
        return Path(text)
    known = _drill_files()
    if text in known:
        return known[text]
    if text in _drill_files(game_days=True):
        raise FileError(
            f"{text} is a game day, not a drill", next_step=f"gameday game-day run {text}"
        )
    raise FileError(f"unknown drill {text!r}{did_you_mean(text, known)}", next_step="gameday list")


def find_game_day(name_or_path: Path | str) -> Path:
    """The same for a game day. Raises FileError."""
    text, known = str(name_or_path), _drill_files(game_days=True)
    if text.endswith((".yaml", ".yml")):
        return Path(text)
    if text not in known:
        raise FileError(
            f"unknown game day {text!r}{did_you_mean(text, known)}",
            next_step="gameday list game_days",
        )
    return known[text]


def drill_names() -> list[tuple[str, str, Path]]:
    """Name, title and path of each drill; a file that is wrong says so in place of its title."""
    named = sorted(_drill_files().items())
    return [(name, _title(load_drill, path), path) for name, path in named]


def game_day_names() -> list[tuple[str, str, Path]]:
    """The same of each game day."""
    named = sorted(_drill_files(game_days=True).items())
    return [(name, _title(load_game_day, path), path) for name, path in named]


def _drill_files(*, game_days: bool = False) -> dict[str, Path]:
    """By name; a drill in the current directory hides a shipped one of the same name."""
    paths = [
        path for folder in (_SHIPPED, Path("drills")) for path in sorted(folder.glob("*.yaml"))
    ]
    return {path.stem: path for path in paths if _is_game_day(path) is game_days}


def _is_game_day(path: Path) -> bool:
    """By its first key alone, so that a file that is wrong is called what it is meant to be."""
    with path.open(encoding="utf-8", errors="replace") as file:
        said = (line for line in file if line.strip() and not line.startswith(("#", "---")))
        return next(said, "").startswith("game_day:")


def _title(load_file: Callable[[Path], Drill | GameDay], path: Path) -> str:
    try:
        return load_file(path).title
    except FileError as error:
        return f"cannot be run: {error.sentence}"


def _fit_shadow(document: Document, name: ComponentName, component: Component) -> None:
    """Point into the shadow where its settings do not fit, or lead to the very same place."""
    where: Where = ("components", name, "shadow")
    if not component.shadow:
        return
    fit_spec(document, kinds.components, where, component.shadowed)
    if component.shadowed.settings == component.settings:
        raise Misfit(where, "the shadow is the component itself; expected another place")


def _fit_fault(document: Document, where: Where, spec: FaultSpec) -> None:
    fault = fit_spec(document, kinds.faults, where, spec)
    if belongs := fault.misplaced(spec.on):
        raise Misfit((*where, "on"), f"fault {spec.kind!r} is for {belongs}, found {show(spec.on)}")
    if spec.scope not in fault.scopes:
        supported = ", ".join(sorted(fault.scopes))
        raise Misfit(
            (*where, "scope"),
            f"fault {spec.kind!r} supports scope {supported}, found {spec.scope.value!r}",
        )
    if objection := fault.objection(spec.scope):
        raise Misfit((*where, "scope"), objection)


def _fit_step(document: Document, where: Where, spec: StepSpec, drill: Drill) -> None:
    step = fit_spec(document, kinds.steps, where, spec)
    if able := step.misplaced(spec.on):
        raise Misfit((*where, "on"), f"step {spec.kind!r} changes {able}, found {show(spec.on)}")
    if step.goes_before and spec.on not in {fault.on for fault in drill.faults}:
        raise Misfit(
            (*where, "to"),
            f"step {spec.kind!r} goes back to what was before a fault on {spec.on}, and this drill "
            "has none; expected `to: VERSION`",
        )


def _fit_checks(document: Document, drill: Drill) -> None:
    """Try every check, and every scorer that one of them has put on the answers."""
    sealed: set[str] = set()
    for position, spec in enumerate(drill.checks):
        where = ("checks", position)
        check = fit_spec(document, kinds.checks, where, spec)
        for name, scorer in check.seals().items():
            if name in sealed:
                raise Misfit(where, f"two checks score answers as {name!r}; give each a `name`")
            sealed.add(name)
            try:
                kinds.scorers.fit(scorer)
            except Misfit as misfit:
                raise Misfit(where, f"{spec.kind}: {misfit.sentence}") from misfit
