"""The upstream's side of the gate: one connection to a provider, and its answers."""

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from httptools import HttpParserCallbackError, HttpParserError, HttpResponseParser

from gameday.gate import outlet
from gameday.gate.framing import BadAnswerError, Headers
from gameday.gate.plain import Plain, read_answer

if TYPE_CHECKING:
    from gameday.gate.exchange import Exchange
    from gameday.gate.pool import Pool

_log = logging.getLogger(__name__)
_HEAD_BYTES_MAX = 262_144
_NOTHING, _CHUNKS = Plain.NOTHING, Plain.CHUNKS


class UpstreamConnection(asyncio.Protocol):
    """Carries one exchange after the other, never two at once.

    It is used again only when the upstream said that it may be, its last answer came to its
    proper end, and not one byte came after that end.
    """

    __slots__ = (
        "answering", "catching_up", "clock", "complete", "descriptor", "exchange", "head_bytes",
        "headers", "in_head", "keep", "listener", "parser", "paused", "pool", "pooled", "reason",
        "reused", "seen", "transport", "until_close",
    )  # fmt: skip

    transport: asyncio.Transport

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.listener = listener = pool.listener
        self.clock = listener.clock
        self.parser: HttpResponseParser | None = HttpResponseParser(self)
        self.exchange: Exchange | None = None
        self.reused = self.pooled = self.paused = False
        self.catching_up = False  # the parser reads what has been passed on already
        self._rest()

    def _rest(self) -> None:
        """As before an answer."""
        self.answering = self.complete = self.keep = self.until_close = False
        self.in_head = True
        self.head_bytes = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass
        self.descriptor = outlet.descriptor(self.transport)
        self.seen = self.clock.now
        self.listener.upstreams.add(self)

    def write(self, data: bytes) -> None:
        self.seen = self.clock.now
        outlet.write(self.transport, self.descriptor, data)

    def data_received(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is None or self.parser is None:
            self.transport.abort()  # nobody asked for it, so nobody may get it
            return
        self.seen = self.clock.now
        if not self.answering:
            self.answering = True
            exchange.sent = None
            if exchange.takes_plain:
                to_come = read_answer(data)
                if to_come is not None:
                    self._take_plain(exchange, to_come, data)
                    return
        self._parse(exchange, data)

    def _parse(self, exchange: "Exchange", data: bytes) -> None:
        assert self.parser is not None
        try:
            self.parser.feed_data(data)
        except HttpParserError as error:
            self._stop_parsing(error)
            return
        if self.complete:
            self._finish(exchange)
        elif self.in_head:
            self._weigh_head(len(data))
        elif self.exchange is not None:
            exchange.flush_answer()

    def _take_plain(self, exchange: "Exchange", to_come: Plain, data: bytes) -> None:
        """Pass it on, then let the parser catch up if more is to come."""
        self.in_head = False
        self.keep = True
        exchange.take_plain(data, chunked=to_come is _CHUNKS)
        if to_come is _NOTHING:
            self._finish(exchange)
            return
        exchange.flush_answer()
        self.catching_up = True
        self._parse(exchange, data)
        self.catching_up = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.listener.upstreams.discard(self)
        self.pool.forget(self)
        self.parser = None  # it holds this object, as this object holds it
        exchange, self.exchange = self.exchange, None
        if exchange is None:
            return
        if self.until_close and exc is None:
            exchange.upstream = None
            exchange.answer_complete()
        else:
            exchange.upstream_lost(self, exc)

    def drop(self) -> None:
        """Nobody wants what it still has to say."""
        self.exchange = None
        self.transport.abort()

    def pause_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.client.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.client.resume_reading()

    def pause_reading(self) -> None:
        self.paused = True
        self.transport.pause_reading()

    def resume_reading(self) -> None:
        self.seen = self.clock.now
        if self.paused:
            self.paused = False
            self.transport.resume_reading()

    def sweep(self, now: float) -> None:
        """Let go of an upstream that could have answered, and has not."""
        exchange = self.exchange
        limit_s = self.listener.limits.answer_within
        if exchange is not None and not self.paused and now - self.seen > limit_s:
            exchange.upstream_late()

    # --- the parser's calls -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self.complete:
            raise BadAnswerError("bytes after the answer's end")

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        exchange, parser = self.exchange, self.parser
        if exchange is None or parser is None:
            return
        status = parser.get_status_code()
        headers: Headers = self.headers
        self.headers = []
        if self.catching_up:
            return
        if status < 200:
            if status == 101:
                raise BadAnswerError("it changes protocols unasked")
            exchange.interim(status, self.reason, headers)
            return
        self.in_head = False
        self.keep = parser.should_keep_alive()
        head = exchange.take_head(status, self.reason, headers)
        if exchange.method == b"HEAD":
            self.complete = True  # the parser waits for a body that will not come
        else:
            self.until_close = head.length is None and not head.chunked

    def on_body(self, data: bytes) -> None:
        if self.complete:
            raise BadAnswerError("a body that nobody asked for")
        if self.exchange is not None and not self.catching_up:
            self.exchange.answer_body(data)

    def on_message_complete(self) -> None:
        self.headers = []  # trailers are not passed on
        if self.in_head:
            self.reason = b""  # of an interim answer; another one follows
        else:
            self.complete = True

    # --- the end of an answer -----------------------------------------------------------------

    def _finish(self, exchange: "Exchange") -> None:
        """The answer is whole. It goes out first: nobody waits for the rest of this."""
        if self.exchange is None:
            return
        self.exchange = exchange.upstream = None
        usable = self.keep and exchange.done and not exchange.pending
        exchange.answer_complete()
        if usable:
            if exchange.method == b"HEAD":
                self.parser = HttpResponseParser(self)
            self._rest()
            self.reused = True
            self.pool.give_back(self)
        else:
            self.transport.abort()

    def _weigh_head(self, count: int) -> None:
        self.head_bytes += count
        if self.head_bytes > _HEAD_BYTES_MAX:
            self._break(BadAnswerError("a head without end"))

    def _stop_parsing(self, error: HttpParserError) -> None:
        exchange = self.exchange
        cause = error.__context__ if isinstance(error, HttpParserCallbackError) else None
        if self.complete and exchange is not None:
            self.keep = False  # what came after the end is nobody's
            self._finish(exchange)
        elif isinstance(cause, BadAnswerError):
            self._break(cause)
        else:
            if cause is not None:
                _log.error("an answer could not be handled", exc_info=cause)
            self._break(BadAnswerError(str(error)))

    def _break(self, error: BadAnswerError) -> None:
        exchange = self.exchange
        self.drop()
        if exchange is not None:
            exchange.upstream_broke(error)
