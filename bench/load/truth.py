"""What every request really took: the truth that a client's report is held against.

A user comes when the schedule says so, and waits until the answer has left the server, whatever
a client did in between. So the truth of request i is

    when the server wrote its answer, by the server's clock  -  (start + i / rate)

and nothing of it comes from a client: the server notes each request's id when it has read it and
when it has answered it, and the start is the latest one that no request came before. A client
that begins late has only begun late; one that sends a single request late has made a user wait.

A client without a schedule of numbered requests is held against what such a schedule would have
met: whoever is due while the server stands still waits until it goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.numbers import at

QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class Freeze:
    """From when to when the server stood still, in seconds after it read the first request."""

    begins_s: float
    ends_s: float


@dataclass(frozen=True)
class Served:
    """One line of the server's log, in seconds of its monotonic clock."""

    request_id: str
    read_s: float
    answered_s: float


def of_schedule(served: Mapping[int, Served], rate_per_s: float) -> dict[int, float]:
    """Milliseconds that each request of an evenly spaced schedule took, by its place in it."""
    starts_s = min(one.read_s - place / rate_per_s for place, one in served.items())
    return {
        place: 1000 * (one.answered_s - starts_s - place / rate_per_s)
        for place, one in served.items()
    }


def of_freeze(freeze: Freeze, rate_per_s: float, count: int) -> list[float]:
    """Milliseconds that `count` evenly spaced requests take of a server that only stands still."""
    dues_s = (place / rate_per_s for place in range(count))
    return [
        1000 * (freeze.ends_s - due_s) if freeze.begins_s <= due_s < freeze.ends_s else 0.0
        for due_s in dues_s
    ]


def quantiles(latencies_ms: Sequence[float]) -> dict[str, float]:
    """By nearest rank: `{"p50": ms, "p95": ms, "p99": ms}`."""
    return {name: at(latencies_ms, quantile) for name, quantile in QUANTILES.items()}


def errors(said: Mapping[str, float], truth: Mapping[str, float]) -> dict[str, float]:
    """How far a report is off: the median in milliseconds, p95 and p99 as shares of the truth.

    The median of the truth is next to nothing, and a share of nothing says nothing.
    """
    return {
        "p50_error_ms": said["p50"] - truth["p50"],
        "p95_error": said["p95"] / truth["p95"] - 1,
        "p99_error": said["p99"] / truth["p99"] - 1,
    }
