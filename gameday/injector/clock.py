"""The clock that leases run on: it ignores the wall clock, and goes on while a laptop sleeps."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]

# CLOCK_MONOTONIC stands still during suspend; a lease must not.
_CLOCK_ID = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def lease_clock_s() -> float:
    """Seconds since some fixed moment. Only differences mean anything."""
    return time.clock_gettime(_CLOCK_ID)


def utc_now() -> datetime:
    """For people to read, and to tell how old their word is; no lease hangs on it."""
    return datetime.now(UTC)
