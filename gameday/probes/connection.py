"""One connection to the front door: carries one exchange after the other, never two at once."""

import asyncio
import time
from typing import TYPE_CHECKING, cast

from httptools import HttpParserError, HttpResponseParser

from gameday.domain.sample import Outcome
from gameday.gate import outlet

if TYPE_CHECKING:
    from gameday.probes.exchange import Exchange
    from gameday.probes.pool import Pool

_HEAD_BYTES_MAX = 262_144
# A server that gives a kept connection up says so within a round trip. One that is longer quiet
# and then closes had the request, and has failed it.
STALE_WITHIN_S = 0.5


class Connection(asyncio.Protocol):
    """A connection, which is used again only under three conditions.

    The server said that it may be, its last answer came to its proper end, and not one byte came
    after that end.
    """

    __slots__ = (
        "_answering",
        "_complete",
        "_descriptor",
        "_exchange",
        "_head_bytes",
        "_head_told",
        "_headers",
        "_in_head",
        "_keep",
        "_parser",
        "_pieces",
        "_pool",
        "_reused",
        "_sent_at",
        "_surplus",
        "_until_close",
        "idle",
        "transport",
    )  # fmt: skip

    transport: asyncio.Transport

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        self._exchange: Exchange | None = None
        self._reused = self.idle = False
        self._sent_at = 0.0
        self._rest()

    def _rest(self) -> None:
        """As before an answer."""
        self._answering = self._complete = self._surplus = False
        self._keep = self._until_close = False
        self._in_head = True
        self._head_told = False
        self._head_bytes = 0
        self._headers: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []

    def carry(self, exchange: "Exchange") -> None:
        """Send its request; it is told what comes."""
        self._exchange = exchange
        exchange.connection = self
        self._sent_at = time.monotonic()
        outlet.write(self.transport, self._descriptor, exchange.request)

    def drop(self) -> None:
        """Nobody wants what it still has to say."""
        self._exchange = None
        self.transport.close()

    # --- the transport's calls ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass
        self._descriptor = outlet.descriptor(self.transport)

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None or self._parser is None:
            self.transport.abort()  # nobody asked for it
            return
        at = time.monotonic()
        self._answering = exchange.began = True
        wrong = ""
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            wrong = "" if self._complete else f"what came is no HTTP answer: {error}"
            self._surplus = True
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES_MAX:
                wrong = "the head of the answer has no end"
        self._tell(exchange, at, wrong)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pool.forget(self)
        self._parser = None  # it holds this object, as this object holds it
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        exchange.connection = None
        at = time.monotonic()
        if self._until_close and exc is None:
            exchange.end(at)
        elif self._reused and not self._answering and at - self._sent_at < STALE_WITHIN_S:
            exchange.note = "sent again: the kept connection had been closed"
            self._pool.connect(exchange)
        else:
            exchange.lost(Outcome.RESET, _how_lost(exc))

    # --- the parser's calls: they only note, so that no mistake of ours looks like the server's

    def on_message_begin(self) -> None:
        self._surplus = self._complete

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            name = name.lower()
            before = self._headers.get(name)
            self._headers[name] = value if before is None else before + b", " + value

    def on_headers_complete(self) -> None:
        parser = self._parser
        if parser is None or self._complete:
            return
        if parser.get_status_code() < 200:
            self._headers = {}  # of an interim answer; another one follows
            return
        self._in_head = False
        self._keep = parser.should_keep_alive()
        encoding = self._headers.get(b"transfer-encoding", b"").lower()
        self._until_close = b"content-length" not in self._headers and b"chunked" not in encoding

    def on_body(self, data: bytes) -> None:
        if not self._complete:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        if not self._in_head:
            self._complete = True

    # --- what comes of them -------------------------------------------------------------------

    def _tell(self, exchange: "Exchange", at: float, wrong: str) -> None:
        if not self._in_head and not self._head_told:
            self._head_told = True
            assert self._parser is not None
            exchange.head(self._parser.get_status_code(), self._headers)
        pieces, self._pieces = self._pieces, []
        for piece in pieces:
            if self._exchange is None:
                return  # it has let go of this connection
            exchange.body(piece, at)
        if self._exchange is None:
            return
        if self._complete:
            self._finish(exchange, at)
        elif wrong:
            exchange.lost(Outcome.RESET, wrong)

    def _finish(self, exchange: "Exchange", at: float) -> None:
        self._exchange = exchange.connection = None
        if self._keep and not self._surplus:
            self._rest()
            self._reused = True
            self._pool.give_back(self)
        else:
            self.transport.abort()
        exchange.end(at)


def _how_lost(exc: Exception | None) -> str:
    if exc is None:
        return "the connection was closed before the answer's end"
    return f"the connection failed before the answer's end: {type(exc).__name__}"
