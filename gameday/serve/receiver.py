"""The receiver: believes a delivery or not, reads it, and confirms what is on disk.

Answers: 202 kept; 400 not the sender's form; 401 not the sender's; 404 no such sender; 413 too
large; 503 the disk said no, so that the sender tells it again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gameday.domain.errors import StartError
from gameday.domain.sender import Delivery, Occurrence, Sender
from gameday.serve.inbox import Arrival, Inbox
from gameday.serve.writer import Writer

BYTES_MAX = 256 * 1024


@dataclass(frozen=True)
class Believed:
    """A sender, and the secret by which its deliveries are believed."""

    sender: Sender
    secret: str


def receiver_app(
    senders: Mapping[str, Believed],
    inbox: Inbox,
    arrived: Callable[[], None] = lambda: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    beside: Sequence[Route] = (),
) -> Starlette:
    """The receiver. arrived: called after something was kept. beside: other doors, asked first."""
    writer = Writer(inbox)

    async def take(request: Request) -> Response:
        name = request.path_params["sender"]
        believed = senders.get(name)
        if believed is None:
            return _no(404, f"there is no sender {name!r} here")
        body = await _body(request)
        if body is None:
            return _no(413, f"more than {BYTES_MAX:,} bytes")
        delivery = Delivery(dict(request.headers), body, now())
        if objection := believed.sender.objection(delivery, believed.secret):
            return _no(401, f"not believed: {objection}")
        try:
            told = _read(believed.sender, body)
        except ValueError as error:
            return _no(400, f"not understood: {error}")
        try:
            await writer.keep([Arrival(name, one, delivery.at) for one in told])
        except StartError as error:
            return _no(503, f"not kept: {error.sentence}")
        arrived()
        return JSONResponse({"alerts": len(told)}, 202)

    async def health(_: Request) -> Response:
        return JSONResponse({"waiting": await asyncio.to_thread(inbox.count_waiting)})

    senders_door = Route("/{sender}", take, methods=["POST"])
    return Starlette(routes=[Route("/healthz", health), *beside, senders_door])


def _no(status: int, error: str) -> Response:
    return JSONResponse({"error": error}, status)


async def _body(request: Request) -> bytes | None:
    """The raw body, as it was signed; None when it is too large, which is not read to its end."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BYTES_MAX:
            return None
    return bytes(body)


def _read(sender: Sender, body: bytes) -> tuple[Occurrence, ...]:
    """Raises ValueError, in a few words, for whatever the body is instead."""
    try:
        return sender.read(from_json(body))
    except KeyError as error:
        raise ValueError(f"it lacks, or does not expect, {error.args[0]!r}") from error
    except (TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error
    except ValueError as error:  # pydantic's have several lines
        raise ValueError(" ".join(str(error).splitlines()[:3])) from error
