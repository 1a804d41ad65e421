"""Fetches what the providers themselves logged, to hold the front door's headers against."""

from datetime import datetime

import httpx
from pydantic import TypeAdapter, ValidationError

from gameday.domain.record import ServedEntry
from gameday.domain.target import Target

_ENTRIES = TypeAdapter(list[ServedEntry])


async def fetch_served_logs(
    target: Target, since: datetime
) -> tuple[dict[str, list[ServedEntry]], dict[str, str]]:
    """The entries since `since` by provider, and by provider why a declared log was not read."""
    served: dict[str, list[ServedEntry]] = {}
    unread: dict[str, str] = {}
    async with httpx.AsyncClient(timeout=10.0, trust_env=False) as http:
        for name, provider in target.providers.items():
            if provider.request_log is None:
                continue
            try:
                answer = await http.get(provider.request_log, params={"since": since.timestamp()})
                answer.raise_for_status()
                served[name] = _entries(answer.json())
            except (httpx.HTTPError, ValidationError, ValueError) as error:
                unread[name] = f"{type(error).__name__} from {provider.request_log}"
    return served, unread


def _entries(document: list[dict[str, object]]) -> list[ServedEntry]:
    """Only the fields that a check needs: a provider's log may hold more."""
    wanted = ServedEntry.model_fields
    return _ENTRIES.validate_python(
        [{key: entry[key] for key in wanted if key in entry} for entry in document]
    )
