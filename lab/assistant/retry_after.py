"""Reads when a provider wants to be asked again: seconds, milliseconds or a date."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from `now`; None where the provider says nothing that can be read."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after")
    seconds = _number(said)
    return _seconds_until(said, now) if seconds is None else seconds


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _seconds_until(date: str | None, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    if moment.tzinfo is None:  # the obsolete forms name no zone; HTTP has only one
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
