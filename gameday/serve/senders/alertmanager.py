"""The sender `alertmanager`: Prometheus' Alertmanager, webhook version 4."""

from typing import Any

from gameday.domain.sender import Delivery, Occurrence, Sender
from gameday.serve.senders._alerts_form import occurrences
from gameday.serve.senders._proof import bearer_objection


class Alertmanager(Sender):
    """Prometheus' Alertmanager, by a webhook receiver with a bearer token.

    It signs nothing; its receiver's `http_config.authorization.credentials` is the secret.

    Source: Alertmanager's configuration, `webhook_config`.
    """

    def objection(self, delivery: Delivery, secret: str) -> str:
        return bearer_objection(delivery, secret)

    def read(self, body: Any) -> tuple[Occurrence, ...]:
        if body["version"] != "4":
            raise ValueError(f"version is {body['version']!r}; expected '4'")
        return occurrences(body)
