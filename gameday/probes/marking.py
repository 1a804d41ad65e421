"""Puts the drill's mark on a request, as the target says that its own are told from others'."""

from typing import Any

from gameday.domain.front_door import Marker
from gameday.domain.synthetic import put_at


def mark_headers(marker: Marker | None, mark: str) -> dict[str, str]:
    """The headers that carry the mark; none where it goes elsewhere."""
    if marker is None or marker.header is None:
        return {}
    return {marker.header: mark}


def mark_body(marker: Marker | None, mark: str, body: dict[str, Any]) -> dict[str, Any]:
    """`body` with the mark at the marker's dotted path; what is on the way there is made."""
    if marker is None or marker.body is None:
        return body
    return put_at(body, marker.body, mark)
