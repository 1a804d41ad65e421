"""The sender `standard`: your own programs, signed as Standard Webhooks has it."""

import base64
from datetime import datetime
from typing import Any

from gameday.domain.sender import Delivery, Occurrence, Sender
from gameday.serve.senders._proof import any_same, mac, why_not_now

_PREFIX = "whsec_"
_FIRING = {"alert.firing": True, "alert.resolved": False}


class Standard(Sender):
    """Anything that signs as Standard Webhooks has it, with `alert.firing` and `alert.resolved`.

    Signed are the id, the moment and the body; what is older than five minutes is refused.

    Source: the specification Standard Webhooks 1.0.
    """

    def why_no_secret(self, secret: str) -> str:
        try:
            key = _key(secret)
        except ValueError:
            key = b""
        return "" if key else f"it is not {_PREFIX} and base64"

    def objection(self, delivery: Delivery, secret: str) -> str:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        identity, moment, header = (delivery.headers.get(name, "") for name in names)
        if not (identity and moment and header):
            return f"it lacks one of the headers {', '.join(names)}"
        head = f"{identity}.{moment}.".encode()
        signed = base64.b64encode(mac(_key(secret), head, delivery.body)).decode()
        if not any_same(header.split(" "), f"v1,{signed}"):
            return "no signature in webhook-signature fits the id, the moment and the body"
        return why_not_now(moment, delivery.at)

    def read(self, body: Any) -> tuple[Occurrence, ...]:
        if body["type"] not in _FIRING:
            return ()
        return (
            Occurrence(
                key=body["data"]["alert"],
                firing=_FIRING[body["type"]],
                began_at=datetime.fromisoformat(body["timestamp"]),
                labels=body["data"]["labels"],
            ),
        )


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
