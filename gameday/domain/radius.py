"""Whose requests a drill may touch: its faults', and those of the system's own response to them.

They are not the same. A fault for marked requests alone can make a gateway cool a provider down,
and then everybody's requests go elsewhere.
"""

from collections.abc import Sequence

from gameday.domain.drill import COMPONENT, Drill, FaultSpec, Scope
from gameday.domain.environment import is_production
from gameday.domain.front_door import Marker
from gameday.domain.shift import INPUTS
from gameday.domain.target import Target


def fault_radius(drill: Drill, target: Target, environment: str) -> str:
    """Whose requests the faults change."""
    if drill.rehearse:
        return f"nothing is broken; {_changed(drill, target)}"
    if not drill.faults:
        peak = drill.load.curve().rate_max
        return f"nothing is broken; all of {target.target}/{environment} gets up to {peak:g}/s more"
    marker = target.front_door.marker
    touched = "; ".join(
        _edited(fault, target, environment) if fault.changes_component else _touched(fault, marker)
        for fault in drill.faults
    )
    place = target.environments.get(environment)
    twin = ", through its twin, which nobody else asks" if place and place.through else ""
    return f"{touched}; all of {target.target}/{environment}{twin}"


def response_radius(drill: Drill, target: Target) -> str:
    """Who else may feel what the system does about it, and what is watched for that."""
    changed = _changed(drill, target)
    if drill.rehearse:
        return changed
    if all(fault.on == INPUTS for fault in drill.faults):
        also = f"; {changed}" if changed else ""
        return f"whoever shares a quota, a queue or a machine with these requests{also}"
    others = [
        name for name in target.providers if f"provider/{name}" not in {f.on for f in drill.faults}
    ]
    taking = f", and {_listed(others)} may have to answer for it" if others else ""
    shared = "whoever shares a cooldown, a breaker, retries or a quota with those requests"
    if not any(fault.on.startswith("provider/") for fault in drill.faults):
        taking = ""  # no provider fails, so none stands in for another
    also = f"; {changed}" if changed else ""
    if not any(fault.scope is Scope.MARKED for fault in drill.faults):
        return f"{shared}{taking}; unmarked traffic is not watched, as it is touched itself{also}"
    return (
        f"{shared}{taking}{also}: a marked fault can still move others; "
        f"watched: unmarked traffic at {len(target.gates)} gates, whose shift ends the drill"
    )


def _changed(drill: Drill, target: Target) -> str:
    """Who is served by what the steps of the response change; '' where there is none."""
    if not drill.respond:
        return ""
    changed = _listed([step.on for step in drill.respond])
    return f"everybody whom {target.target} serves gets what the response sets ({changed})"


def _edited(fault: FaultSpec, target: Target, environment: str) -> str:
    """Who is served by what a fault has edited."""
    kept = target.components.get(fault.on.removeprefix(COMPONENT))  # type: ignore[call-overload]
    if kept and kept.shadow and is_production(environment):
        return f"whoever asks the shadow of {fault.on}"
    return f"everybody who is served from {fault.on}, not only the drill's own"


def _touched(fault: FaultSpec, marker: Marker | None) -> str:
    if fault.on == INPUTS:
        return "nothing but what this drill itself asks"
    part = f"{fault.part} of " if fault.part else ""
    limits = "".join(_limits(fault))
    if fault.scope is Scope.MARKED:
        whose = f"{part}the requests marked " if part else "only requests marked "
        return f"{whose}{_sign(marker)} at {fault.on}{limits}"
    if part:
        return f"{part}all requests at {fault.on}{limits}, not only the drill's own"
    return f"every request at {fault.on}{limits}, not only the drill's own"


def _limits(fault: FaultSpec) -> Sequence[str]:
    """What narrows a fault further, in the order in which a person asks for it."""
    settings = fault.settings
    return [
        f" {words} {_written(settings[key])}"
        for key, words in (
            ("routes", "on"),
            ("models", "for"),
            ("sticky_by", "chosen by"),
            ("hits_max", "and at most"),
        )
        if settings.get(key)
    ]


def _written(value: object) -> str:
    return _listed([str(one) for one in value]) if isinstance(value, list | tuple) else str(value)


def _sign(marker: Marker | None) -> str:
    if marker is None:
        return "as the target does not say yet"
    if marker.key is not None:
        return "by a key of their own"
    return f"{marker.header or marker.body}: RUN"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
