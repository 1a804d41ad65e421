"""The control group: the same load beside the drill's, from where none of its faults reaches.

Beside faults for marked requests it goes without the mark. Beside faults for a share that is sticky
it asks as those users whom no share ever takes in. With it, a provider's own bad hour is told from
what the drill did.
"""

from gameday.domain.drill import Drill, FaultSpec, Scope
from gameday.domain.sticky import key_of, place_of
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
    whys = (_reaches_all(fault, drill, target) for fault in drill.faults)
    why = next(filter(None, whys), "")
    if why or not drill.load.users or spared_users(drill, target):
        return why
    return f"the shares take in every one of the load's {drill.load.users} users"


def spared_users(drill: Drill, target: Target) -> tuple[str, ...]:
    """The users of the load whom no fault for a share ever takes in."""
    shares = [fault for fault in drill.faults if fault.scope is Scope.SHARE]
    return tuple(
        user
        for user in drill.load.user_names
        if not any(_takes_in(fault, user, target) for fault in shares)
    )


def _takes_in(fault: FaultSpec, user: str, target: Target) -> bool:
    key = key_of(user, fault.settings["sticky_by"], target.synthetic)
    return place_of(key, fault.settings.get("seed", 0)) < max(fault.shares)


def _reaches_all(fault: FaultSpec, drill: Drill, target: Target) -> str:
    """Why this fault can touch any request; '' when some are safe from it."""
    marker, sticky_by = target.front_door.marker, str(fault.settings.get("sticky_by") or "")
    touches = f"{fault.kind} on {fault.on} touches {fault.traffic}"
    if fault.scope is Scope.ALL:
        return touches
    if fault.scope is Scope.MARKED:
        by_key = marker is not None and marker.key is not None and target.front_door.key is None
        return "requests are marked by their key, and front_door has no other key" * by_key
    if not sticky_by:
        return f"{touches}, and only its gate knows which; one that is sticky spares some users"
    if not any(key_of(user, sticky_by, target.synthetic) for user in drill.load.user_names[:1]):
        return f"{touches} by {sticky_by}, where the load has no users of names of their own"
    return ""


def control_words(drill: Drill, target: Target, requests_max: int, cost_usd_max: float) -> str:
    """The control group as a plan shows it: how much is asked beside, or why nothing is."""
    load = drill.load
    if not load.control_share:
        return (
            "off, as the drill says" if load.control else f"none: {why_no_control(drill, target)}"
        )
    of_control = load.control_share / (1 + load.control_share)
    spared = spared_users(drill, target)
    users = f" of {len(spared)} users" if len(spared) < len(load.user_names) else ""
    return (
        f"{load.control_rate:g}/s{users} beside it that no fault touches; of the requests at most "
        f"{round(of_control * requests_max):,}, ${of_control * cost_usd_max:.2f}"
    )
