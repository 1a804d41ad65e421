"""The control group: the same load beside the drill's, from where none of its faults reaches.

With it a provider's own bad hour is told from what the drill did.
"""

from gameday.domain.drill import Drill, FaultSpec, Scope
from gameday.domain.target import Target


def with_control(drill: Drill, target: Target) -> Drill:
    """The drill, with its control group's rate stated: the load's own, where it says nothing."""
    if drill.load.control is not None or why_no_control(drill, target):
        return drill
    load = drill.load.model_copy(update={"control": drill.load.rate})
    return drill.model_copy(update={"load": load})


def why_no_control(drill: Drill, target: Target) -> str:
    """Why no request can be sure to be left alone by the drill's faults; '' when some can."""
    if not drill.faults:
        return "nothing is broken"
    return next(filter(None, (_reaches_all(fault, target) for fault in drill.faults)), "")


def _reaches_all(fault: FaultSpec, target: Target) -> str:
    """Why this fault can touch any request; '' when some are safe from it."""
    marker = target.front_door.marker
    if fault.scope is not Scope.MARKED:
        return f"{fault.kind} on {fault.on} touches {fault.traffic}"
    if marker is not None and marker.key is not None and target.front_door.key is None:
        return "requests are marked by their key, and front_door has no other key"
    return ""


def control_words(drill: Drill, target: Target, requests_max: int, cost_usd_max: float) -> str:
    """The control group as a plan shows it: how much is asked beside, or why nothing is."""
    load = drill.load
    if load.control_share:
        of_control = load.control_share / (1 + load.control_share)
        return (
            f"{load.control_rate:g}/s beside it that no fault touches; of the requests at most "
            f"{round(of_control * requests_max):,}, ${of_control * cost_usd_max:.2f}"
        )
    return "off, as the drill says" if load.control else f"none: {why_no_control(drill, target)}"
