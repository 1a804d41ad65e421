"""The closed client: on each connection the next request goes out when the answer is whole."""

import asyncio
import time
from typing import cast

from bench.wire import ANSWER_BODY
from gameday.domain.errors import StartError
from gameday.supervisor.ports import LOOPBACK

_HEAD_OK = b"HTTP/1.1 200 "


class _Connection(asyncio.Protocol):
    """Takes requests from a shared purse until it is empty, and notes how long each took."""

    def __init__(self, request: bytes, purse: "_Purse") -> None:
        self._request, self._purse = request, purse
        self._received = b""
        self.took_s: list[float] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def start(self) -> None:
        if not self._purse.left:
            if not self.ended.done():
                self.ended.set_result(None)
            return
        self._purse.left -= 1
        self._since = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        # The body is known, so that its end is the answer's end, and a wrong answer never ends.
        if not received.endswith(ANSWER_BODY):
            self._received = received
            return
        self.took_s.append(time.perf_counter() - self._since)
        self._received = b""
        if received.startswith(_HEAD_OK):
            self.start()
        elif not self.ended.done():
            self.ended.set_exception(StartError(f"answered {received[:40]!r}, not 200"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            said = repr(self._received[:200])
            self.ended.set_exception(StartError(f"a connection was lost: {error}, after {said}"))

    def close(self) -> None:
        self._transport.close()


class _Purse:
    def __init__(self, left: int) -> None:
        self.left = left


async def times_s(
    port: int, request: bytes, count: int, *, connections: int = 1, within_s: float = 120.0
) -> list[float]:
    """How long each of `count` requests took, over so many connections; refuses a wrong answer.

    Each connection's first request is not counted: it pays for connecting upstream.
    """
    loop = asyncio.get_running_loop()
    purse = _Purse(connections)
    opened = [
        (await loop.create_connection(lambda: _Connection(request, purse), LOOPBACK, port))[1]
        for _ in range(connections)
    ]
    try:
        async with asyncio.timeout(within_s):
            await _run(opened)
            for one in opened:
                one.took_s = []
                one.ended = loop.create_future()
            purse.left = count
            await _run(opened)
    except TimeoutError:
        raise StartError(
            f"port {port} did not answer {count} requests within {within_s:g} s"
        ) from None
    finally:
        for one in opened:
            one.close()
    return [took for one in opened for took in one.took_s]


async def _run(opened: list[_Connection]) -> None:
    for one in opened:
        one.start()
    await asyncio.gather(*(one.ended for one in opened))
