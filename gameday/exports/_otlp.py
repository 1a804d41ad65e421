"""OpenTelemetry's protocol as JSON, by its own mapping: what spans and metrics share.

One request of the protocol is one line: what a collector takes at /v1/traces or /v1/metrics, and
what its file receiver reads. Names are those of OpenTelemetry's conventions for generative AI
where there is one, else `gameday.`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from gameday.domain.record import RunRecord
from gameday.domain.result import Result
from gameday.reporting.inert import inert_line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KNOWN_AS = {"openai": "openai", "anthropic": "anthropic", "azure_openai": "azure.ai.openai"}
VALUE_LENGTH_MAX = 500

Plain = str | bool | int | float | list[str]


def request_line(signal: str, scoped: str, result: Result, told: list[Any]) -> str:
    """One request of the protocol. signal: `resourceSpans`, say; scoped: `scopeSpans`."""
    scope = {"name": "gameday", "version": version("ai-gameday")}
    body = {"resource": {"attributes": _resource(result)}, scoped: [{"scope": scope}]}
    body[scoped][0][signal] = told  # type: ignore[index]
    name = {"spans": "resourceSpans", "metrics": "resourceMetrics"}[signal]
    return json.dumps({name: [body]}, ensure_ascii=False, separators=(",", ":")) + "\n"


def attributes(values: Mapping[str, Plain | None]) -> list[dict[str, Any]]:
    """Key and value as the protocol has them; what is None is left out."""
    return [
        {"key": name, "value": _value(value)} for name, value in values.items() if value is not None
    ]


def failed(why: str) -> dict[str, Any]:
    """The status of a span that ended badly."""
    return {"code": 2, "message": inert_line(why, VALUE_LENGTH_MAX)}


def nanoseconds(moment: datetime) -> str:
    """Since 1970; 64 bits are a string in JSON."""
    return str((moment - _EPOCH) // timedelta(microseconds=1) * 1000)


def identity(result: Result, *of: object, length: int = 8) -> str:
    """An id in hex, of the run or of a part of it; the same whenever it is asked for."""
    text = "\n".join(map(str, (result.run_id, result.started_at.isoformat(), *of)))
    return sha256(text.encode()).hexdigest()[: 2 * length]


def provider_name(record: RunRecord, served_by: str | None) -> str | None:
    """What the conventions call the provider; its own name where they have none."""
    provider = record.request.target.providers.get(served_by or "")
    return _KNOWN_AS[provider.dialect] if provider else served_by


def _resource(result: Result) -> list[dict[str, Any]]:
    return attributes(
        {
            "service.name": "gameday",
            "service.version": version("ai-gameday"),
            "deployment.environment.name": result.environment,
            "gameday.target": result.target,
            "gameday.drill": result.drill,
            "gameday.run.id": result.run_id,
        }
    )


def _value(value: Plain) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": inert_line(value, VALUE_LENGTH_MAX)}
