"""The admin port of the gate: its own small HTTP server, for the injector alone."""

import asyncio
import hmac
import json
import logging
import os
from collections.abc import Awaitable
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from gameday.gate.boot import Boot
from gameday.gate.framing import phrase

if TYPE_CHECKING:
    from gameday.gate.books import Books

_log = logging.getLogger(__name__)
_BYTES_MAX = 262_144  # of a call, head and body
_IDLE_S = 75.0


class Admin:
    """Answers /health at once; everything else needs the token, and the books to be there."""

    def __init__(self, token: str, boot: Boot, books: "Awaitable[Books]") -> None:
        self._wanted = f"Bearer {token}".encode()
        self._boot = boot
        self._books = books
        self.connections: set[AdminConnection] = set()

    def is_known(self, authorization: bytes) -> bool:
        return hmac.compare_digest(authorization, self._wanted)

    async def answer(self, method: str, url: bytes, body: bytes) -> tuple[int, bytes]:
        """Raises nothing: what goes wrong here must not end the gate."""
        from gameday.gate.routes import Ask  # noqa: PLC0415 - after the books, which bring it

        parts = urlsplit(url.decode("latin-1"))
        ask = Ask(method, parts.path, dict(parse_qsl(parts.query)), body)
        try:
            return (await self._books).routes.answer(ask)
        except Exception:  # noqa: BLE001 - a bad call must not end the gate
            _log.exception("%s %s could not be done", method, parts.path)
            return 500, _error("the gate could not do it; its log says why")

    def health(self) -> bytes:
        return json.dumps({"boot": self._boot.name, "pid": os.getpid()}).encode()

    def sweep(self, now: float) -> None:
        for connection in tuple(self.connections):
            if now - connection.seen > _IDLE_S:
                connection.transport.abort()

    def close(self) -> None:
        for connection in tuple(self.connections):
            connection.transport.abort()


class AdminConnection(asyncio.Protocol):
    """One call after the other; the next one is not read before the last one is answered."""

    transport: asyncio.Transport

    def __init__(self, admin: Admin, loop: asyncio.AbstractEventLoop) -> None:
        self._admin = admin
        self._loop = loop
        self._parser: HttpRequestParser | None = HttpRequestParser(self)
        self._task: asyncio.Task[None] | None = None
        self._bytes = 0
        self.seen = loop.time()
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass
        self._admin.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the contract
        self._admin.connections.discard(self)
        self._parser = None

    def data_received(self, data: bytes) -> None:
        self.seen = self._loop.time()
        self._bytes += len(data)
        if self._parser is None or self._bytes > _BYTES_MAX:
            self._say(413, _error(f"a call is at most {_BYTES_MAX} bytes"), keep=False)
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            if self._task is None:
                self._say(400, _error(f"not a call in HTTP/1.1: {error}"), keep=False)

    # --- the parser's calls -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._task is not None:
            raise RuntimeError("calls must not be pipelined here")
        self._url = self._authorization = b""
        self._body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"authorization":
            self._authorization = value

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        assert self._parser is not None
        method = self._parser.get_method().decode("latin-1")
        keep = self._parser.should_keep_alive()
        self._task = self._loop.create_task(self._answer(method, keep=keep))

    # --- the answer ---------------------------------------------------------------------------

    async def _answer(self, method: str, *, keep: bool) -> None:
        try:
            if self._url == b"/health" and method == "GET":
                status, body = 200, self._admin.health()
            elif not self._admin.is_known(self._authorization):
                status, body = 401, _error("the token is missing or wrong")
            else:
                status, body = await self._admin.answer(method, self._url, b"".join(self._body))
        finally:
            self._task = None
        self._bytes = 0
        self._say(status, body, keep=keep)

    def _say(self, status: int, body: bytes, *, keep: bool) -> None:
        if self.transport.is_closing():
            return
        head = (
            b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b\r\n"
        ) % (status, phrase(status), len(body), b"" if keep else b"connection: close\r\n")
        self.transport.write(head + body)
        if not keep:
            self.transport.close()


def _error(sentence: str) -> bytes:
    return json.dumps({"error": sentence, "next": ""}).encode()
