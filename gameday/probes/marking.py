"""Puts the drill's mark on a request, as the target says that its own are told from others'."""

from typing import Any

from gameday.domain.target import Marker


def mark_headers(marker: Marker | None, mark: str) -> dict[str, str]:
    """The headers that carry the mark; none where it goes elsewhere."""
    if marker is None or marker.header is None:
        return {}
    return {marker.header: mark}


def mark_body(marker: Marker | None, mark: str, body: dict[str, Any]) -> dict[str, Any]:
    """`body` with the mark at the marker's dotted path; what is on the way there is made."""
    if marker is None or marker.body is None:
        return body
    return _put(body, marker.body.split("."), mark)


def _put(body: dict[str, Any], path: list[str], mark: str) -> dict[str, Any]:
    name, *rest = path
    if not rest:
        return {**body, name: mark}
    inside = body.get(name)
    return {**body, name: _put(inside if isinstance(inside, dict) else {}, rest, mark)}
