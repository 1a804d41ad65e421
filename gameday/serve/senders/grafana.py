"""The sender `grafana`: Grafana Alerting from version 12 on, with an HMAC signature."""

from typing import Annotated, Any

from pydantic import Field

from gameday.domain.sender import Delivery, Occurrence, Sender
from gameday.serve.senders._alerts_form import occurrences
from gameday.serve.senders._proof import any_same, mac, why_not_now

_Header = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")]


class Grafana(Sender):
    """Grafana Alerting, by a webhook contact point with an HMAC signature.

    The signature is the bare hexadecimal HMAC-SHA256 of the body; with a timestamp header, which
    the contact point must name as well, of `TIMESTAMP:BODY`, and an old one is refused.

    Source: Grafana's webhook notifier.
    """

    header: _Header = "X-Grafana-Alerting-Signature"
    timestamp_header: _Header | None = None

    def objection(self, delivery: Delivery, secret: str) -> str:
        signature = delivery.headers.get(self.header.lower(), "")
        if not signature:
            return f"it has no header {self.header}"
        if self.timestamp_header is None:
            return self._mismatch(signature, mac(secret.encode(), delivery.body))
        moment = delivery.headers.get(self.timestamp_header.lower(), "")
        signed = mac(secret.encode(), moment.encode(), b":", delivery.body)
        return self._mismatch(signature, signed) or why_not_now(moment, delivery.at)

    def read(self, body: Any) -> tuple[Occurrence, ...]:
        return occurrences(body)

    def _mismatch(self, signature: str, signed: bytes) -> str:
        return "" if any_same([signature], signed.hex()) else f"{self.header} does not fit the body"
