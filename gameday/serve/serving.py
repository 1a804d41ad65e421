"""Runs the receiver and the dispatcher in one process, until it is told to end."""

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette

from gameday.domain.errors import StartError
from gameday.serve.dispatcher import Dispatcher

_AT_ONCE_MAX = 512  # deliveries; others are told to come again


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises StartError when it cannot."""
    try:
        listening = socket.create_server((host, port), backlog=1024)
    except OSError as error:
        raise StartError(
            f"{host}:{port} cannot be listened at: {error.strerror or error}",
            next_step="choose another address with --listen",
        ) from error
    # asyncio does so by itself only where the socket's protocol is named, which create_server does
    # not: an answer of two writes would then wait 40 ms for its sender's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def serve(app: Starlette, dispatcher: Dispatcher, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM. A dispatcher that fails ends the whole, which would else be mute."""
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, limit_concurrency=_AT_ONCE_MAX,
            timeout_graceful_shutdown=5,
        )
    )  # fmt: skip
    async with asyncio.TaskGroup() as together:
        draining = together.create_task(dispatcher.run())
        await server.serve([listening])
        draining.cancel()
