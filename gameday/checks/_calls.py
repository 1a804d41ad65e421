"""Ties the calls that the gates saw to the requests of the run that caused them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from gameday.domain.check import Seen
from gameday.domain.gate import Call

# A call may begin on the edge of what the gate was asked to watch, or a gate may be restarted.
MISSING_SHARE_MAX = 0.02
WHAT_TO_CONFIGURE = (
    "let the system pass x-request-id on to its providers, or name in front_door.marker a header "
    "or body field that it passes on"
)


@dataclass(frozen=True)
class Visit:
    """One call and the provider that it went to."""

    provider: str
    call: Call


def visits_by_request(seen: Seen) -> dict[str, list[Visit]]:
    """The calls of each request of the run, over all gates, in the order in which they began."""
    known = known_ids(seen)
    found: defaultdict[str, list[Visit]] = defaultdict(list)
    for provider, calls in seen.calls.items():
        for call in calls:
            if call.request_id in known:
                found[call.request_id].append(Visit(provider, call))
    for visits in found.values():
        visits.sort(key=lambda visit: visit.call.started_at)
    return dict(found)


def known_ids(seen: Seen) -> frozenset[str]:
    """The id of every request of the run, of whatever window."""
    ids = (window.samples.texts("request_id") for window in seen.windows.values())
    return frozenset(chain.from_iterable(ids)) - {""}


def why_untold(seen: Seen, providers: Iterable[str]) -> str:
    """Why nobody can count calls at these providers by request, in one sentence; '' if one can."""
    names = list(providers)
    place = " and ".join(names) or "any provider"
    if all(name not in seen.calls for name in names):
        return (
            f"no gate counted the calls at {place}; put the gate before it and name its listener "
            f"as `gate:` of that provider"
        )
    calls = [call for name in names for call in seen.calls.get(name, ())]
    if not calls:
        return (
            f"the gate saw no call at {place} in the whole run, so it is not on the way there, or "
            "was not watched"
        )
    known = known_ids(seen)
    if any(call.request_id in known for call in calls):
        return ""
    return (
        f"none of the {len(calls)} calls that the gate saw at {place} carries the id of a request "
        f"of this run; {WHAT_TO_CONFIGURE}"
    )


def telling_gates(seen: Seen) -> frozenset[str]:
    """The providers whose gates' counts can be held against what the system itself tells.

    A gate that saw nobody counts too, once another has shown that the ids do arrive.
    """
    known = known_ids(seen)
    tells = {
        provider: any(call.request_id in known for call in calls)
        for provider, calls in seen.calls.items()
    }
    if not any(tells.values()):
        return frozenset()
    return frozenset(name for name, calls in seen.calls.items() if tells[name] or not calls)
