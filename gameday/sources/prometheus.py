"""Asks a Prometheus for figures, alerts and rules by its HTTP API."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gameday.domain.errors import SourceError
from gameday.domain.reading import Point
from gameday.sources.asking import ask


@dataclass(frozen=True)
class Series:
    """The figures of the one series that a query gave, and the answer itself."""

    points: tuple[Point, ...]
    raw: str


@dataclass(frozen=True)
class Rule:
    """One alerting rule as Prometheus has it loaded."""

    name: str
    query: str
    state: str  # "inactive", "pending" or "firing"
    health: str  # "ok", "err" or "unknown"
    last_error: str


class Prometheus:
    """One Prometheus. Every method raises SourceError when it does not answer as one."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._key = key

    async def query(self, query: str, at_s: float) -> Series:
        """The figure of `query` at a moment; no point where it has none."""
        data, raw = await self._ask("query", {"query": query, "time": f"{at_s:.3f}"})
        return Series(_points(data), raw)

    async def query_range(self, query: str, start_s: float, end_s: float, step_s: float) -> Series:
        """The figures of `query` from a moment to another; what is missing has no point."""
        params = {
            "query": query,
            "start": f"{start_s:.3f}",
            "end": f"{end_s:.3f}",
            "step": f"{step_s:.3f}",
        }
        data, raw = await self._ask("query_range", params)
        return Series(_points(data), raw)

    async def alerts(self) -> list[tuple[dict[str, str], str]]:
        """The labels and the state ("pending" or "firing") of each alert that is not inactive."""
        data, _ = await self._ask("alerts", {})
        try:
            return [(dict(alert["labels"]), str(alert["state"])) for alert in data["alerts"]]
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(f"{self.url} does not list alerts as Prometheus does") from error

    async def alerting_rules(self) -> list[Rule]:
        data, _ = await self._ask("rules", {"type": "alert"})
        try:
            return [
                Rule(
                    name=rule["name"],
                    query=rule["query"],
                    state=rule["state"],
                    health=rule["health"],
                    last_error=rule.get("lastError", ""),
                )
                for group in data["groups"]
                for rule in group["rules"]
            ]
        except (KeyError, TypeError) as error:
            raise SourceError(f"{self.url} does not list rules as Prometheus does") from error

    async def _ask(self, what: str, params: Mapping[str, str]) -> tuple[Any, str]:
        answer, raw = await ask(f"{self.url}/api/v1/{what}", params, key=self._key)
        if not isinstance(answer, dict) or answer.get("status") != "success":
            said = answer.get("error") if isinstance(answer, dict) else raw[:120]
            raise SourceError(f"{self.url} says no to {what}: {said}")
        return answer.get("data"), raw


def _points(data: Any) -> tuple[Point, ...]:
    """The points of a vector, matrix or scalar. Raises SourceError unless it is one series."""
    try:
        kind, result = data["resultType"], data["result"]
        if kind == "scalar":
            return (_point(result),)
        if len(result) > 1:
            raise SourceError(f"the query gives {len(result)} series; expected one, as of sum()")
        if not result:
            return ()
        values = result[0]["values"] if kind == "matrix" else [result[0]["value"]]
        return tuple(_point(value) for value in values)
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError("the answer is none of Prometheus: no series in it") from error


def _point(pair: Any) -> Point:
    at, text = pair
    # It writes +Inf, -Inf and NaN as text, as all numbers.
    return float(at), math.nan if text == "NaN" else float(text)
