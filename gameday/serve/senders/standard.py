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

    It may tell of one alert, or of several in `alerts`. Signed are the id, the moment and the body;
    what is older than five minutes is refused.

    Source: the specification Standard Webhooks 1.0.
    """

    def why_no_secret(self, secret: str) -> str:
        return why_no_secret(secret)

    def objection(self, delivery: Delivery, secret: str) -> str:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        identity, moment, header = (delivery.headers.get(name, "") for name in names)
        if not (identity and moment and header):
            return f"it lacks one of the headers {', '.join(names)}"
        signed = _signature(identity, moment, delivery.body, secret)
        if not any_same(header.split(" "), f"v1,{signed}"):
            return "no signature in webhook-signature fits the id, the moment and the body"
        return why_not_now(moment, delivery.at)

    def read(self, body: Any) -> tuple[Occurrence, ...]:
        if body["type"] not in _FIRING:
            return ()
        return tuple(
            Occurrence(
                key=told["alert"],
                firing=_FIRING[body["type"]],
                began_at=datetime.fromisoformat(body["timestamp"]),
                labels=told["labels"],
            )
            for told in body["data"].get("alerts", (body["data"],))
        )


def why_no_secret(secret: str) -> str:
    """Why nothing can be signed with `secret`, in a few words; '' where it can."""
    try:
        key = _key(secret)
    except ValueError:
        key = b""
    return "" if key else f"it is not {_PREFIX} and base64"


def headers_for(identity: str, body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """What a body is sent with, so that whoever shares the secret believes it. Raises ValueError.

    identity: the same whenever it is sent again.
    """
    moment = str(int(at.timestamp()))
    return {
        "webhook-id": identity,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{_signature(identity, moment, body, secret)}",
    }


def _signature(identity: str, moment: str, body: bytes, secret: str) -> str:
    head = f"{identity}.{moment}.".encode()
    return base64.b64encode(mac(_key(secret), head, body)).decode()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
