"""One connection to the front door: carries one exchange after the other, never two at once."""

import asyncio
import time
from typing import TYPE_CHECKING, cast

from httptools import HttpParserError, HttpResponseParser

from gameday.domain.sample import Outcome
from gameday.gate import outlet
from gameday.probes.head import last_head

if TYPE_CHECKING:
    from gameday.probes.exchange import Exchange
    from gameday.probes.pool import Pool

BODY_BYTES_MAX = 4_000_000
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
        "_arrival",
        "_bytes",
        "_came",
        "_complete",
        "_descriptor",
        "_exchange",
        "_interim",
        "_keep",
        "_parser",
        "_pieces",
        "_pool",
        "_reused",
        "_sent_at",
        "_surplus",
        "_taker",
        "_whole",
        "idle",
        "on_body",
        "transport",
    )  # fmt: skip

    transport: asyncio.Transport

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._pieces: list[bytes] = []  # of the body, not told yet
        self.on_body = self._pieces.append  # without a call of ours for each
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        self._exchange: Exchange | None = None
        self._reused = self.idle = False
        self._sent_at = 0.0
        self._came: list[bytes] = []  # of a head that is not whole yet
        self._whole = self._interim = 0

    def carry(self, exchange: "Exchange") -> None:
        """Send its request; it is told what comes."""
        self._exchange = exchange
        self._arrival = exchange.arrival
        self._complete = self._surplus = self._keep = False
        self._bytes = 0
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
        exchange, parser = self._exchange, self._parser
        if exchange is None or parser is None:
            self.transport.abort()  # nobody asked for it
            return
        at = time.monotonic()
        self._bytes += len(data)
        if self._arrival.status is None:
            self._came.append(data)
        wrong = ""
        try:
            parser.feed_data(data)
        except HttpParserError as error:
            self._surplus = True
            wrong = f"what came is no HTTP answer: {error}"
        if pieces := self._pieces:
            if self._complete:
                del pieces[self._whole :]  # of whatever came after its end
            self._taker.take(at, pieces)
            pieces.clear()
        if self._complete:
            self._finish(exchange, at)
        elif wrong:
            exchange.lost(Outcome.RESET, wrong)
        elif self._bytes > _HEAD_BYTES_MAX:
            self._limit(exchange, at)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pool.forget(self)
        self._parser = None  # it holds this object, as this object holds it
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        exchange.connection = None
        at = time.monotonic()
        if exc is None and exchange.arrival.until_close:
            exchange.end(at)
        elif self._reused and not self._bytes and at - self._sent_at < STALE_WITHIN_S:
            exchange.note = "sent again: the kept connection had been closed"
            self._pool.connect(exchange)
        else:
            exchange.lost(Outcome.RESET, _how_lost(exc))

    # --- the parser's calls: they only note, so that no mistake of ours looks like the server's

    def on_message_begin(self) -> None:
        self._surplus = self._complete

    def on_headers_complete(self) -> None:
        parser = self._parser
        if parser is None or self._complete:
            return
        status = parser.get_status_code()
        if status < 200:  # an interim answer, and another one follows
            self._interim += 1
            return
        self._keep = parser.should_keep_alive()
        self._taker = self._arrival.head(status, last_head(b"".join(self._came), self._interim))
        self._came.clear()
        self._interim = 0

    def on_message_complete(self) -> None:
        if not self._complete and self._arrival.status is not None:
            self._complete = True
            self._whole = len(self._pieces)

    # --- what comes of them -------------------------------------------------------------------

    def _finish(self, exchange: "Exchange", at: float) -> None:
        self._exchange = exchange.connection = None
        if self._keep and not self._surplus:
            self._reused = True
            self._pool.give_back(self)
        else:
            self.transport.abort()
        exchange.end(at)

    def _limit(self, exchange: "Exchange", at: float) -> None:
        if exchange.arrival.status is None:
            exchange.lost(Outcome.RESET, "the head of the answer has no end")
        elif self._bytes > BODY_BYTES_MAX:
            exchange.spoil(f"more than {BODY_BYTES_MAX:,} bytes", at)


def _how_lost(exc: Exception | None) -> str:
    if exc is None:
        return "the connection was closed before the answer's end"
    return f"the connection failed before the answer's end: {type(exc).__name__}"
