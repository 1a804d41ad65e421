"""Drafts the drill that rehearses an incident, out of what is recorded of it.

A cause that a fault can stand for becomes that fault: a component that stood at another version, a
provider that answered nothing. What records cannot tell, such as which pages of a corpus somebody
edited, is not made up: then a drill that rehearses the same runbook lends its faults.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gameday.domain.drill import Drill
from gameday.domain.revert_plan import Changed
from gameday.domain.runbook_record import RunbookRecord
from gameday.domain.target import Target
from gameday.reporting.inert import inert_line

_CUT = "…"  # ends a label of which only the beginning is known
_STEPS: Mapping[str, str] = {
    "prompt": "revert_prompt",
    "parameters": "revert_parameters",
    "index": "revert_corpus",
}
_GUARD = {"metric": "error_rate", "above": 0.5, "for": "10s"}


@dataclass(frozen=True)
class Cause:
    """One thing that was wrong, and the fault that stands for it. why: the record that says so."""

    fault: Mapping[str, Any]
    why: str
    step: Mapping[str, Any] | None = None  # that puts it back, where no runbook does


@dataclass(frozen=True)
class Happened:
    """An incident as far as a rehearsal needs to know it.

    name: the incident's id, or the run's. runbook: that answered it, '' for none; inputs: what it
    was told. changes: the components that stood at another version. down: providers that answered
    nothing.
    """

    name: str
    what: str
    target: Target
    runbook: str = ""
    inputs: Mapping[str, str] | None = None
    changes: tuple[Changed, ...] = ()
    down: tuple[str, ...] = ()


def told_by(record: RunbookRecord) -> tuple[tuple[Changed, ...], tuple[str, ...]]:
    """What the answers of a runbook's run tell: which components changed, which providers failed.

    Only what a plan would put back: what it leaves alone it has found to be innocent.
    """
    changes: dict[str, Changed] = {}
    down: dict[str, None] = {}
    for played in record.played:
        if played.kind == "ledger_diff":
            for step in played.evidence.get("steps", ()):
                changed = Changed.model_validate(step["changed"])
                changes.setdefault(changed.component, changed)
        if played.kind == "provider_reachable" and played.answer == "no":
            down[str(played.evidence.get("provider", ""))] = None
    return tuple(changes.values()), tuple(filter(None, down))


def causes_of(happened: Happened) -> list[Cause]:
    """What a fault can stand for, each once; empty where the records tell of no such thing."""
    causes = (
        *(_down(provider, happened.target) for provider in happened.down),
        *(_changed(change, happened.target) for change in happened.changes),
    )
    found = {str(cause.fault["on"]): cause for cause in causes if cause is not None}
    return list(found.values())


def causes_like(drill: Drill) -> list[Cause]:
    """The faults of a drill that rehearses the same, and its steps."""
    steps = {step.on: step for step in drill.respond}
    causes = []
    for fault in drill.faults:
        step = steps.get(fault.on)
        own = {"kind": fault.kind, "on": fault.on, "scope": fault.scope.value, **fault.settings}
        why = f"as in the drill {drill.drill}"
        back = {"step": step.kind, "on": step.on, **step.settings} if step else None
        causes.append(Cause(own, why, back))
    return causes


def drill_name(name: str) -> str:
    """`rehearse-inc-12`, of an incident's id or a run's."""
    return "rehearse-" + re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:50]


def draft(happened: Happened, causes: Iterable[Cause], suite: str, seconds: int) -> str:
    """The drill's file. seconds: of each window."""
    every = list(causes)
    document = _document(happened, every, suite, seconds)
    lines = [
        f"# Drafted from {happened.name}: {inert_line(happened.what, 300)}",
        *(f"# {cause.fault['kind']} on {cause.fault['on']}: {inert_line(cause.why, 300)}"
          for cause in every),
        "# Look at windows, checks and objectives before you rely on it.",
    ]  # fmt: skip
    return "\n".join([*lines, *_yaml(document)]) + "\n"


def _document(happened: Happened, causes: list[Cause], suite: str, seconds: int) -> dict[str, Any]:
    respond, responds = _respond(happened, causes)
    broken = " and ".join(f"{one.fault['kind']} on {one.fault['on']}" for one in causes)
    does = f"the runbook {happened.runbook}" if happened.runbook else "putting it back"
    window = "responded" if responds else "faulted"
    windows: dict[str, Any] = {"baseline": f"{seconds}s", "faulted": f"{seconds}s"}
    if responds:
        windows["responded"] = f"{seconds}s"
    windows["recovered"] = {"until": "all_good", "at_most": "90s"}
    by_itself = f"Under {broken} the system keeps its objectives by itself."
    return {
        "drill": drill_name(happened.name),
        "title": inert_line(f"Again: {happened.what}", 200),
        "hypothesis": f"After {broken}, {does} brings good answers back."
        if responds
        else by_itself,
        "target": happened.target.target,
        "load": {"rate": "10/s", "suite": suite, "stream": True},
        "windows": windows,
        "faults": [dict(cause.fault) for cause in causes],
        **({"respond": respond} if responds else {}),
        "abort_when": [_GUARD],
        "checks": list(_checks(happened.target, suite, window)),
    }


def _respond(happened: Happened, causes: list[Cause]) -> tuple[Any, bool]:
    if happened.runbook:
        told = {"inputs": dict(happened.inputs)} if happened.inputs else {}
        return {"runbook": happened.runbook, **told}, True
    steps = [dict(cause.step) for cause in causes if cause.step]
    return steps, bool(steps)


def _checks(target: Target, suite: str, window: str) -> Iterator[dict[str, Any]]:
    if "availability" in target.slos.names:
        yield {"kind": "slo", "name": "availability", "window": window}
    yield {"kind": "envelope", "suite": suite, "margin": 0.10, "in": window}
    yield {"kind": "recovered_within", "objective": "60s"}


def _down(provider: str, target: Target) -> Cause | None:
    """A provider that answers nothing: its connections are refused, or it answers 503."""
    on = f"provider/{provider}"
    ports = target.ports_at(on) or {}
    why = f"{provider} answered none of what the system asked it"
    if ports.get("toxiproxy"):
        return Cause({"kind": "connection_refused", "on": on, "scope": "all"}, why)
    if ports.get("gate"):
        return Cause({"kind": "http_error", "on": on, "scope": "all", "status": 503}, why)
    return None


def _changed(change: Changed, target: Target) -> Cause | None:
    """The same edit again, where its version can be named."""
    to = _version(change)
    if to is None or change.component not in target.components:
        return None
    on, why = f"component/{change.component}", change.words
    match change.component:
        case "prompt":
            fault = {"kind": "prompt_edit", "on": on, "to": to}
        case "parameters":
            fault = {"kind": "parameter_edit", "on": on, "to": to}
        case "index":
            fault = {"kind": "index_lost", "on": on, "to": to}
        case "model":
            return _another_model(change, str(to), target)
        case _:
            return None
    return Cause(fault, why, {"step": _STEPS[change.component], "on": on, "to": "before"})


def _another_model(change: Changed, to: str, target: Target) -> Cause | None:
    """What answered under the old name, at the first provider that a gate stands before."""
    gated = (name for name, one in target.providers.items() if one.ports.get("gate"))
    provider = next(gated, None)
    if provider is None:
        return None
    fault = {"kind": "model_swap", "on": f"provider/{provider}", "scope": "all", "to_model": to,
             "reported": "same"}  # fmt: skip
    return Cause(fault, change.words, {"step": "pin_model", "on": "component/model",
                                       "to": "previous"})  # fmt: skip


def _version(change: Changed) -> str | int | float | bool | None:
    """What its backend knows it by; None where only a beginning of it, or its content, is known."""
    label = change.now.removeprefix("version ")
    if _CUT in label or not label:
        return None
    if change.component == "parameters" or label != change.now:
        try:
            value = json.loads(label)
        except ValueError:
            return label
        return value if isinstance(value, str | int | float | bool) else None
    return label


def _yaml(document: Mapping[str, Any]) -> Iterator[str]:
    """Each key on a line; a list's entries below it. Every value is JSON, which is YAML too."""
    for key, value in document.items():
        if isinstance(value, list):
            yield f"{key}:"
            yield from (f"  - {_flow(entry)}" for entry in value)
        else:
            yield f"{key}: {_flow(value)}"


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
