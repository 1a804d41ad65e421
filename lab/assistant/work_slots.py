"""Lets so many requests be worked on at a time; the others wait, as before a small pool."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send


class WorkSlots:
    """Goes around the whole application, so that a stream keeps its slot until it has ended."""

    def __init__(self, app: ASGIApp, at_once: int) -> None:
        self._app = app
        self._free = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        async with self._free:
            await self._app(scope, receive, send)
