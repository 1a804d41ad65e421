"""The provider of this benchmark: a process that answers at once, or with timed events.

It reads no more of HTTP than this benchmark's own requests need, so that it costs less than
any of the proxies under test.
"""

import argparse
import asyncio
import re
import time
from typing import cast

import uvloop

from bench.wire import (
    ANSWER,
    BODY_END,
    EVENTS_HEADER,
    STREAM_END,
    STREAM_HEAD,
    event_chunk,
)
from gameday.supervisor.ports import LOOPBACK

_EVENTS = re.compile(EVENTS_HEADER + rb": *(\d+),(\d+)", re.IGNORECASE)
_BODY_ENDS = (BODY_END, BODY_END + b"\r\n" + STREAM_END)  # a proxy may choose either framing
_BACKLOG = 4096


class _Connection(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._received = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def data_received(self, data: bytes) -> None:
        received = self._received + data
        if not received.endswith(_BODY_ENDS):
            self._received = received
            return
        self._received = b""
        asked = _EVENTS.search(received)
        if asked is None:
            self._transport.write(ANSWER)
        else:
            self._send(int(asked[1]), int(asked[2]) / 1000, STREAM_HEAD)

    def _send(self, left: int, gap_s: float, before: bytes = b"") -> None:
        if not left:
            self._transport.write(before + STREAM_END)
            return
        self._transport.write(before + event_chunk(time.monotonic_ns()))
        # From now, not from a schedule: a late event must not make the next gap shorter.
        self._timer = self._loop.call_later(gap_s, self._send, left - 1, gap_s)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - the protocol
        if self._timer is not None:
            self._timer.cancel()


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Connection(loop), LOOPBACK, port, backlog=_BACKLOG, reuse_address=True
    )
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(_serve(parser.parse_args().port))
