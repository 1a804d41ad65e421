"""The form that Alertmanager has for its alerts, and Grafana has taken over."""

from datetime import datetime
from typing import Any

from gameday.domain.sender import Occurrence


def occurrences(body: Any) -> tuple[Occurrence, ...]:
    """Each alert of a notification by its own labels and beginning, whatever group told of it.

    A notification is sent again and again while alerts last, each time with all of its group, and
    by each of a pair of senders. Fingerprint and beginning are the same in all of them.
    """
    return tuple(_occurrence(alert) for alert in body["alerts"])


def _occurrence(alert: Any) -> Occurrence:
    firing = {"firing": True, "resolved": False}[alert["status"]]
    return Occurrence(
        key=f"{alert['fingerprint']}@{alert['startsAt']}",
        firing=firing,
        began_at=datetime.fromisoformat(alert["startsAt"] if firing else alert["endsAt"]),
        labels=alert["labels"],
    )
