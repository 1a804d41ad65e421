"""Asks an Alertmanager which alerts it holds, and what it does with them."""

from dataclasses import dataclass

from gameday.domain.errors import SourceError
from gameday.sources.asking import ask

_EVERY = dict.fromkeys(("active", "silenced", "inhibited", "unprocessed"), "true")


@dataclass(frozen=True)
class HeldAlert:
    """One alert that Alertmanager holds."""

    labels: dict[str, str]
    suppressed_by: tuple[str, ...]  # "silence ID" or "inhibited by ID"; none where it passes
    receivers: tuple[str, ...]


async def held_alerts(url: str) -> list[HeldAlert]:
    """All alerts, suppressed ones included. Raises SourceError."""
    answer, _ = await ask(f"{url.rstrip('/')}/api/v2/alerts", _EVERY)
    try:
        return [
            HeldAlert(
                labels=dict(alert["labels"]),
                suppressed_by=(
                    *(f"silence {one}" for one in alert["status"]["silencedBy"]),
                    *(f"inhibited by {one}" for one in alert["status"]["inhibitedBy"]),
                ),
                receivers=tuple(receiver["name"] for receiver in alert["receivers"]),
            )
            for alert in answer
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"{url} does not list alerts as Alertmanager does") from error
