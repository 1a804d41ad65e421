"""Ends what is under way for a client when the client leaves."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

_CLIENT_LEFT = 499  # nobody reads it


async def unless_client_leaves(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """The response of `work`, which is cancelled when nobody waits for it any more.

    A server does not do so by itself: a handler runs to its end, and goes on asking providers.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else Response(status_code=_CLIENT_LEFT)
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    """Wait until the client is gone. The body must have been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
