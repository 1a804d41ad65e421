"""Says whether a drill's marked request got through to the gates, and if not, what to configure."""

from collections.abc import Mapping, Sequence

from gameday.domain.front_door import Marker
from gameday.domain.gate import Call
from gameday.domain.sample import Sample


def describe_passage(calls: Sequence[Call], run_id: str) -> str:
    """What came, for a person to read, in one sentence."""
    marked = sum(call.run_id == run_id for call in calls)
    where = " and ".join(sorted({call.provider for call in calls}))
    if marked:
        return f"the gate saw the preflight's request at {where}, with its mark"
    return f"the gate saw the preflight's request at {where}, without a mark"


def why_not_marked(
    calls: Sequence[Call], sample: Sample, marker: Marker, gates: Mapping[str, str]
) -> str:
    """Why a fault for marked requests would touch none of the drill's, in one sentence.

    calls: those that the gates saw while the front door was asked; none has the run's mark.
    gates: the listener before each provider.
    """
    if not calls:
        return why_not_seen(gates)
    told = any(call.request_id == sample.request_id for call in calls)
    if told or len(calls) == 1:
        return f"the gate saw the preflight's request without its mark: {_is_dropped(marker)}"
    return (
        f"the gate saw {len(calls)} calls while the front door was asked, none of them with the "
        f"preflight's mark: {_is_dropped(marker)}; or the front door asks its providers without "
        f"the gate, and the calls were others'"
    )


def why_not_seen(gates: Mapping[str, str]) -> str:
    listeners = ", ".join(f"{provider} at listener {name}" for provider, name in gates.items())
    return (
        "the gate saw no request at all while the front door was asked: let the base URL of the "
        f"provider name the gate ({listeners})"
    )


def _is_dropped(marker: Marker) -> str:
    if marker.header is not None:
        return (
            f"the header {marker.header} is dropped on the way to the providers; let the gateway "
            "pass it on, or choose marker body or key"
        )
    if marker.body is not None:
        return (
            f"the body field {marker.body} is dropped on the way to the providers; let the "
            "gateway pass it on, or choose marker header or key"
        )
    return (
        "the providers are asked with another key; let the system use a key of its own for the "
        "marker's, and name it in key_at_provider, or choose marker header or body"
    )
