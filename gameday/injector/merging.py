"""What several replicas of one gate say, as if one had said it."""

from collections.abc import Sequence

from gameday.domain.gate import (
    Evidence,
    GateState,
    ListenerState,
    RuleState,
    Traffic,
    WatchState,
)

_REQUEST_IDS_MAX = 1000


def merged_state(states: Sequence[GateState]) -> GateState:
    """`boot` holds every replica's, so that it changes when any of them was started again."""
    rules: dict[str, list[RuleState]] = {}
    listeners: dict[str, list[ListenerState]] = {}
    for state in states:
        for rule in state.rules:
            rules.setdefault(rule.id, []).append(rule)
        for listener in state.listeners:
            listeners.setdefault(listener.name, []).append(listener)
    return GateState(
        boot=" ".join(state.boot for state in states),
        started_at=max(state.started_at for state in states),
        listeners=tuple(_merged_listener(same) for same in listeners.values()),
        rules=tuple(one for same in rules.values() if (one := merged_rule(same)) is not None),
    )


def _merged_listener(same: Sequence[ListenerState]) -> ListenerState:
    return same[0].model_copy(
        update={
            "requests": sum(one.requests for one in same),
            "open": sum(one.open for one in same),
        }
    )


def merged_rule(rules: Sequence[RuleState | None]) -> RuleState | None:
    """In force while any replica holds it; None when no replica knows it."""
    known = [rule for rule in rules if rule is not None]
    if not known:
        return None
    endings = {rule.ended for rule in known}
    ended = "" if "" in endings else "lease" if "lease" in endings else known[0].ended
    return known[0].model_copy(
        update={
            "expires_in_s": max(rule.expires_in_s for rule in known),
            "ended": ended,
            "evidence": _summed([rule.evidence for rule in known]),
        }
    )


def _summed(counted: Sequence[Evidence]) -> Evidence:
    first = [one.first_at for one in counted if one.first_at is not None]
    last = [one.last_at for one in counted if one.last_at is not None]
    ids = [request_id for one in counted for request_id in one.request_ids]
    return Evidence(
        matches=sum(one.matches for one in counted),
        hits=sum(one.hits for one in counted),
        held=sum(one.held for one in counted),
        bytes=sum(one.bytes for one in counted),
        first_at=min(first, default=None),
        last_at=max(last, default=None),
        request_ids=tuple(ids[-_REQUEST_IDS_MAX:]),
    )


def merged_watch(watches: Sequence[WatchState]) -> WatchState:
    traffic: dict[str, Traffic] = {}
    for watch in watches:
        for name, seen in watch.traffic.items():
            before = traffic.get(name, Traffic())
            traffic[name] = Traffic(
                **{
                    field: getattr(before, field) + getattr(seen, field)
                    for field in Traffic.model_fields
                }
            )
    return WatchState(
        run_id=watches[0].run_id, traffic=traffic, calls=sum(watch.calls for watch in watches)
    )
