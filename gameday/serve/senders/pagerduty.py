"""The sender `pagerduty`: PagerDuty's webhooks, version 3."""

from datetime import datetime
from typing import Any

from gameday.domain.sender import Delivery, Occurrence, Sender
from gameday.serve.senders._proof import any_same, mac

_HEADER = "X-PagerDuty-Signature"
_FIRING = {"incident.triggered": True, "incident.resolved": False}


class Pagerduty(Sender):
    """PagerDuty's incidents, by a version 3 webhook subscription.

    Its signatures have no moment in them: what is delivered once more is known by the incident's
    id, and what is delivered late by the event's own time, which is signed as well. While a
    secret is rotated there are several signatures, and one that fits is enough.

    Source: PagerDuty's developer documentation, webhooks.
    """

    def objection(self, delivery: Delivery, secret: str) -> str:
        header = delivery.headers.get(_HEADER.lower(), "")
        if not header:
            return f"it has no header {_HEADER}"
        signed = f"v1={mac(secret.encode(), delivery.body).hex()}"
        found = (one.strip() for one in header.split(","))
        return "" if any_same(found, signed) else f"no signature in {_HEADER} fits the body"

    def read(self, body: Any) -> tuple[Occurrence, ...]:
        event = body["event"]
        if event["event_type"] not in _FIRING:
            return ()  # acknowledged, reassigned, a ping: no beginning and no end
        incident = event["data"]
        return (
            Occurrence(
                key=incident["id"],
                firing=_FIRING[event["event_type"]],
                began_at=datetime.fromisoformat(event["occurred_at"]),
                labels=_labels(incident),
            ),
        )


def _labels(incident: Any) -> dict[str, str]:
    named = {name: incident.get(name) for name in ("service", "priority", "escalation_policy")}
    return {
        "title": incident["title"],
        "urgency": incident["urgency"],
        **{name: one["summary"] for name, one in named.items() if one},
    }
