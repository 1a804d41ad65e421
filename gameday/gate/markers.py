"""Tells a drill's own requests from everybody else's, by the sign that a MarkerMatch names."""

import hashlib
import hmac
from typing import NamedTuple

from gameday.domain.gate import MarkerMatch
from gameday.domain.wire import WireRequest
from gameday.gate.asked import api_key, field


class Mark(NamedTuple):
    """What a request's marker says: of which run it is, and which of its requests."""

    run_id: str
    request_id: str = ""


def needs_body(marker: MarkerMatch | None) -> bool:
    return marker is not None and marker.body is not None


def find(marker: MarkerMatch, request: WireRequest, run_id: str) -> Mark | None:
    """The request's mark, whichever run's it is; None where it has none.

    run_id: whose key it is, where the sign is a key: a key says nothing but itself.
    """
    if marker.key_sha256 is not None:
        digest = hashlib.sha256(api_key(request.headers).encode("latin-1", "replace")).hexdigest()
        return Mark(run_id) if hmac.compare_digest(digest, marker.key_sha256) else None
    if marker.header is not None:
        value = request.headers.get(marker.header, "")
    else:
        value = field(request.body, marker.body or "")
    if not value:
        return None
    run, _, request_id = value.partition(".")
    return Mark(run, request_id)
