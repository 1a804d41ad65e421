"""The alert sink: a receiver of notifications that keeps each on disk before it says yes.

It stands at the end of the pager's way: what is in its file has arrived. Alertmanager posts to it
as to any webhook; a test or a drill asks it what came.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gameday.domain.alerts import Notification, NotifiedAlert
from gameday.domain.errors import SourceError
from gameday.sources.asking import ask
from gameday.store.lines import parse_lines

BYTES_MAX = 256 * 1024


class Received:
    """What has been received, one JSON line each in one file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        os.truncate(path, len(whole))  # a killed sink may leave half a line
        self.notifications = list(parse_lines(Notification, whole, path))
        self._path = path

    def keep(self, notification: Notification) -> None:
        """Put it on disk; what raises is not kept."""
        with self._path.open("ab") as file:
            file.write(notification.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.notifications.append(notification)


def sink_app(path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Starlette:
    """The receiver whose notifications are kept in `path`."""
    received = Received(path)

    async def take(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > BYTES_MAX:
                return JSONResponse({"error": f"more than {BYTES_MAX:,} bytes"}, 413)
        try:
            notification = read_notification(json.loads(body), now())
        except (JSONDecodeError, UnicodeDecodeError, SourceError) as error:
            return JSONResponse({"error": f"no notification of Alertmanager's: {error}"}, 400)
        received.keep(notification)
        return JSONResponse({"kept": len(received.notifications)}, 202)

    async def tell(request: Request) -> Response:
        asked = request.query_params.get("since", "1970-01-01T00:00:00Z")
        try:
            since = datetime.fromisoformat(asked).astimezone(UTC)
        except ValueError:
            return JSONResponse({"error": f"since is no ISO 8601 moment: {asked!r}"}, 400)
        found = [n.model_dump(mode="json") for n in received.notifications if n.at >= since]
        return JSONResponse(found)

    return Starlette(
        routes=[
            Route("/received", tell),
            Route("/healthz", lambda _: JSONResponse({"received": len(received.notifications)})),
            Route("/{path:path}", take, methods=["POST"]),
        ]
    )


def read_notification(body: Any, at: datetime) -> Notification:
    """The notification in a webhook's body, of version 4. Raises SourceError."""
    try:
        return Notification(
            at=at,
            receiver=body["receiver"],
            alerts=tuple(
                NotifiedAlert(
                    alert=alert["labels"]["alertname"],
                    firing=alert["status"] == "firing",
                    labels=alert["labels"],
                )
                for alert in body["alerts"]
            ),
        )
    except (KeyError, TypeError, ValidationError) as error:
        raise SourceError(f"{type(error).__name__}: {str(error).splitlines()[0]}") from error


async def received_since(url: str, since: datetime) -> list[Notification]:
    """What a sink has received since a moment. Raises SourceError."""
    answer, _ = await ask(f"{url.rstrip('/')}/received", {"since": since.isoformat()})
    try:
        return [Notification.model_validate_json(json.dumps(one)) for one in answer]
    except (TypeError, ValidationError) as error:
        raise SourceError(f"{url} does not answer as a gameday sink does") from error
