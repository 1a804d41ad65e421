"""The sender `datadog`: Datadog's monitors, by a webhook whose payload is written in Datadog."""

from datetime import UTC, datetime
from typing import Any

from gameday.domain.sender import Delivery, Occurrence, Sender
from gameday.serve.senders._proof import bearer_objection

_ENDS = "Recovered"
_NONE = ("Null", "")  # an event that is no monitor's


class Datadog(Sender):
    """Datadog's monitors, by a webhook with the payload that docs/serve.md gives.

    It signs nothing; a custom header `authorization: Bearer TOKEN` holds the secret. Its payload
    has no form of its own, so that the one to fill in is ours. One cycle key lasts from a
    monitor's trigger to its recovery.

    Source: Datadog's documentation of its webhooks integration.
    """

    def objection(self, delivery: Delivery, secret: str) -> str:
        return bearer_objection(delivery, secret)

    def read(self, body: Any) -> tuple[Occurrence, ...]:
        transition = body["transition"]
        if transition in _NONE:
            return ()
        return (
            Occurrence(
                key=body["cycle"],
                firing=transition != _ENDS,
                began_at=datetime.fromtimestamp(int(body["date"]) / 1000, UTC),
                labels={
                    "title": body["title"],
                    "transition": transition,
                    "monitor": body["monitor"],
                    **_tags(body["tags"]),
                },
            ),
        )


def _tags(text: str) -> dict[str, str]:
    """`env:staging, team:ml, monitor` as labels; a tag without a value has an empty one."""
    pairs = (tag.strip().partition(":") for tag in text.split(",") if tag.strip())
    return {f"tag.{name}": value for name, _, value in pairs}
