"""What a provider remembers of its requests, so that others' claims can be checked against it."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from gameday.domain.sample import Outcome

_ENTRIES_MAX = 50_000


@dataclass(frozen=True)
class Entry:
    """One request as the provider saw it end."""

    request_id: str
    at: datetime
    outcome: Outcome
    model: str
    tokens_in: int
    tokens_out: int

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_ENTRIES_MAX)

    def add(
        self, request_id: str, outcome: Outcome, model: str, tokens_in: int, tokens_out: int
    ) -> None:
        now = datetime.now(UTC)
        self._entries.append(Entry(request_id, now, outcome, model, tokens_in, tokens_out))

    def since(self, at: datetime) -> list[dict[str, Any]]:
        """Return the requests that ended at `at` or later."""
        return [entry.as_json() for entry in self._entries if entry.at >= at]
