"""The asking client: one connection, whole HTTP, and when each part of an answer was here."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any, cast

import httptools

from gameday.domain.errors import StartError
from gameday.supervisor.ports import LOOPBACK


@dataclass
class Got:
    """One answer. Times are CLOCK_MONOTONIC in nanoseconds."""

    asked_ns: int = 0
    first_body_ns: int = 0
    done_ns: int = 0
    status: int = 0
    body: bytes = b""
    chunks: list[tuple[int, bytes]] = field(default_factory=list)  # when whole, and its data

    @property
    def took_ms(self) -> float:
        return (self.done_ns - self.asked_ns) / 1e6

    def json(self) -> Any:
        return json.loads(self.body)


class Asker:
    """Asks one request after the other, over one connection for as long as it is kept open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: _Connection | None = None

    async def ask(self, request: bytes, *, within_s: float = 30.0) -> Got:
        """Raises StartError when the connection breaks or the answer is not whole in time."""
        if self._connection is None or self._connection.closed:
            loop = asyncio.get_running_loop()
            _, self._connection = await loop.create_connection(_Connection, LOOPBACK, self._port)
        try:
            async with asyncio.timeout(within_s):
                return await self._connection.ask(request)
        except TimeoutError:
            raise StartError(
                f"port {self._port} gave no whole answer within {within_s:g} s"
            ) from None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.closed = False
        self._answer: asyncio.Future[Got] | None = None

    def ask(self, request: bytes) -> "asyncio.Future[Got]":
        self._parser = httptools.HttpResponseParser(self)
        self._answer = asyncio.get_running_loop().create_future()
        self._got = Got(asked_ns=time.monotonic_ns())
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        self.closed = True
        self._transport.close()

    # --- asyncio.Protocol -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def data_received(self, data: bytes) -> None:
        self._now_ns = time.monotonic_ns()
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(StartError(f"the connection was closed: {error}"))

    # --- httptools ------------------------------------------------------------------------------

    def on_chunk_header(self) -> None:
        self._got.chunks.append((0, b""))

    def on_body(self, data: bytes) -> None:
        got = self._got
        if not got.first_body_ns:
            got.first_body_ns = self._now_ns
        got.body += data
        if got.chunks:
            got.chunks[-1] = (self._now_ns, got.chunks[-1][1] + data)

    def on_message_complete(self) -> None:
        assert self._answer is not None
        self._got.done_ns = self._now_ns
        self._got.status = self._parser.get_status_code()
        if not self._parser.should_keep_alive():
            self.close()
        if not self._answer.done():
            self._answer.set_result(self._got)
