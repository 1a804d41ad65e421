"""What rules, watches and faults may see of a request."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gameday.domain.wire import WireRequest
from gameday.gate.framing import Headers


def wire_request(method: bytes, target: bytes, headers: Headers) -> WireRequest:
    """The request as its head tells it, under the client's own id if it says one."""
    told: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        told[name] = f"{told[name]}, {value}" if name in told else value
    return WireRequest(
        method=method.decode("latin-1"),
        path=target.partition(b"?")[0].decode("latin-1"),
        headers=told,
        body={},
        id=told.get("x-request-id") or os.urandom(8).hex(),
    )


def with_body(request: WireRequest, body: bytes) -> WireRequest:
    return replace(request, body=json_object(body))


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; empty where there is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def field(body: Mapping[str, Any], path: str) -> str:
    """The text or number at a dotted path; '' where there is none."""
    found: Any = body
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return ""
        found = found[step]
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found)


def api_key(headers: Mapping[str, str]) -> str:
    """The key that a request shows to its provider; '' where it shows none."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        return key.strip()
    return headers.get("x-api-key") or headers.get("api-key") or ""
