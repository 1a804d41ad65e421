"""The client's side of the gate: one connection, and its requests in their order."""

import asyncio
import contextlib
import fcntl
import logging
import socket
import struct
import sys
from collections import deque
from typing import TYPE_CHECKING, cast

from httptools import HttpParserCallbackError, HttpParserError, HttpRequestParser

from gameday.gate import outlet
from gameday.gate.exchange import Exchange
from gameday.gate.framing import (
    Refusal,
    answer_head,
    gate_answer,
    is_http11,
    origin_form,
    phrase,
    rebuild_request,
)
from gameday.gate.plain import PlainRequest, read_request

if TYPE_CHECKING:
    from gameday.gate.listener import Listener

_log = logging.getLogger(__name__)

LINGER_S = 5.0  # for an answer to be read before its connection goes
_FLUSH_TURNS_MAX = 100
_SIOCOUTQNSD = 0x894B  # asks for the bytes that a connection has not sent yet
_RESET = struct.pack("ii", 1, 0)


class ClientConnection(asyncio.Protocol):
    """Reads requests, and answers them one after the other; a second one waits for the first.

    A client that closes its side while it is owed an answer has left: that looks the same as
    one that only ended its sending, and a provider must not go on for nobody.
    """

    __slots__ = (
        "body_seen", "catching_up", "clock", "current", "deaf", "descriptor", "head_bytes",
        "head_since", "headers", "incoming", "listener", "parser", "refusal", "seen",
        "stuck_since", "transport", "url", "waiting",
    )  # fmt: skip

    transport: asyncio.Transport

    def __init__(self, listener: "Listener") -> None:
        self.listener = listener
        self.clock = listener.clock
        self.parser: HttpRequestParser | None = HttpRequestParser(self)
        self.current: Exchange | None = None  # being answered
        self.incoming: Exchange | None = None  # its request is being read, or was the last read
        self.waiting: deque[Exchange] | None = None
        self.refusal: Refusal | None = None  # said after what is under way
        self.catching_up = False  # the parser reads what has been taken already
        self.deaf = False  # nothing that comes is a request any more
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.head_bytes = 0  # of a head that is not whole yet, or of what frames a body
        self.body_seen = 0
        self.head_since = 0.0  # when it began; 0 while there is none
        self.stuck_since = 0.0  # when the client stopped to read; 0 while it reads

    # --- the connection -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass
        self.descriptor = outlet.descriptor(self.transport)
        self.seen = self.clock.now
        self.listener.clients.add(self)

    def data_received(self, data: bytes) -> None:
        if self.deaf or self.parser is None:
            return
        self.seen = self.clock.now
        if self.current is None and self.incoming is None and not self.head_since:
            plain = read_request(data, self.listener.pool.origin)
            if plain is not None and self._take_plain(plain, data):
                return
        try:
            self.parser.feed_data(data)
        except HttpParserError as error:
            self._stop_parsing(error)
        else:
            if self.head_since:
                self._weigh_head(len(data))
        exchange = self.current
        if exchange is not None:
            if not exchange.done and not self.deaf:
                self._weigh_framing(exchange.body_bytes, len(data))
            exchange.flush_request()

    def eof_received(self) -> bool:
        if self.current is not None:
            self._leave()
        return False  # the transport closes itself

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the contract
        self._leave()
        self.listener.clients.discard(self)
        self.parser = None  # it holds this object, as this object holds it

    def pause_writing(self) -> None:
        self.stuck_since = self.clock.now
        if self.current is not None:
            self.current.pause_answer()

    def resume_writing(self) -> None:
        self.stuck_since = 0.0
        if self.current is not None:
            self.current.resume_answer()

    def resume_reading(self) -> None:
        self.seen = self.clock.now
        if not self.waiting:
            self.transport.resume_reading()

    def cut(self, *, rst: bool) -> None:
        """End it in the middle of an answer."""
        self.deaf = True
        self.current = self.incoming = self.waiting = None
        if rst:
            self.reset()
        else:
            self.transport.close()

    def _leave(self) -> None:
        self.deaf = True
        current, self.current, self.incoming, self.waiting = self.current, None, None, None
        if current is not None:
            current.client_left()
        self.transport.abort()

    # --- a plain request ----------------------------------------------------------------------

    def _take_plain(self, plain: PlainRequest, data: bytes) -> bool:
        """Pass it on, then let the parser catch up if more is to come. False: it must judge."""
        method, target, lines, wire, length, body = plain
        try:
            exchange = Exchange(self, method, target, wire, length, lines)
        except Refusal:
            return False
        if body:
            exchange.pending.append(body)
            exchange.body_bytes = len(body)
        exchange.done = whole = len(body) == length
        self._take(exchange)
        exchange.flush_request()
        if not whole and self.parser is not None:
            self.catching_up = True
            self.parser.feed_data(data)
            self.catching_up = False
            self.body_seen = len(body)
        return True

    # --- the parser's calls -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.head_bytes = 0
        self.head_since = self.clock.now

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        parser = self.parser
        assert parser is not None
        self.head_since = 0.0
        headers, self.headers = self.headers, []  # of a body's trailers, from here on
        self.head_bytes = self.body_seen = 0
        if self.catching_up:
            return
        if parser.should_upgrade():
            raise Refusal(501, "the gate does not change protocols")
        http11 = is_http11(parser.get_http_version())
        method, target = parser.get_method(), origin_form(self.url)
        head = rebuild_request(method, target, headers, self.listener.pool.origin)
        exchange = Exchange(self, method, target, head.wire, head.length, headers)
        exchange.take_request_head(head)
        exchange.http11 = http11
        exchange.keep = parser.should_keep_alive()
        self._take(exchange)

    def _take(self, exchange: Exchange) -> None:
        """A request has come, its body or a part of that perhaps not."""
        self.listener.requests += 1
        self.incoming = exchange
        if self.current is None:
            self.current = exchange
            exchange.begin()
        else:
            self._wait(exchange)

    def on_body(self, data: bytes) -> None:
        if self.catching_up:
            return
        assert self.incoming is not None
        self.incoming.take_body(data)

    def on_message_complete(self) -> None:
        self.head_since = 0.0
        self.headers = []
        assert self.incoming is not None
        self.incoming.complete_body()

    def _wait(self, exchange: Exchange) -> None:
        """Let a request wait for its turn; no more is read until then."""
        if self.waiting is None:
            self.waiting = deque()
        self.waiting.append(exchange)
        self.transport.pause_reading()

    def _weigh_head(self, count: int) -> None:
        self.head_bytes += count
        if self.head_bytes > self.listener.limits.head_bytes_max:
            self._refuse_next(Refusal(431, "the request's head is over the gate's limit"))

    def _weigh_framing(self, body_bytes: int, count: int) -> None:
        """Bound what frames a body and is none of it: chunk extensions and trailers."""
        if body_bytes != self.body_seen:
            self.body_seen = body_bytes
            self.head_bytes = 0
        else:
            self._weigh_head(count)

    # --- no more requests ---------------------------------------------------------------------

    def _stop_parsing(self, error: HttpParserError) -> None:
        cause = error.__context__
        if isinstance(cause, Refusal):
            self._refuse_next(cause)
        elif isinstance(error, HttpParserCallbackError):
            _log.error("a request could not be handled", exc_info=cause)
            self.reset()
        elif self._was_last():
            self.deaf = True  # what follows a last request is nobody's
        else:
            self._refuse_next(Refusal(400, f"the request is not HTTP/1.1: {error}"))

    def _was_last(self) -> bool:
        last = self.incoming
        return last is not None and last.done and not last.keep and not self.head_since

    def _refuse_next(self, refusal: Refusal) -> None:
        self.deaf = True
        self.refusal = refusal
        current = self.current
        if current is None:
            self.refuse()
        elif current is self.incoming and not current.done:
            current.request_broke()

    def refuse(self) -> None:
        """Say the gate's own no, and let go of the connection once it could be read."""
        assert self.refusal is not None
        status = self.refusal.status
        lines, body = gate_answer("refused", self.refusal.sentence)
        lines += (b"content-length: %d" % len(body), b"connection: close")
        head = answer_head(status, phrase(status), lines)
        self.transport.write(head + body)
        self.linger()

    def linger(self) -> None:
        """Close when the client has: closing at once could destroy what it has not read yet."""
        self.deaf = True
        self.head_since = 0.0
        self.seen = self.clock.now
        if not self.transport.is_closing():
            self.transport.write_eof()
            self.transport.resume_reading()

    def reset(self) -> None:
        """End it so that the client sees an error, whatever it has read."""
        if not self.transport.is_closing():
            self._flush_then_reset(0)

    def _flush_then_reset(self, turns: int) -> None:
        """What was sent before goes out first, as long as the client takes it."""
        if self.transport.is_closing():
            return
        if turns < _FLUSH_TURNS_MAX and self._has_unsent():
            self.listener.loop.call_later(0.01, self._flush_then_reset, turns + 1)
            return
        connection: socket.socket = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def _has_unsent(self) -> bool:
        """Whether bytes wait here or in the kernel, which a reset would throw away."""
        if self.transport.get_write_buffer_size():
            return True
        connection: socket.socket = self.transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # Linux alone can tell
            unsent = fcntl.ioctl(connection.fileno(), _SIOCOUTQNSD, bytes(4))
            return int.from_bytes(unsent, sys.byteorder) > 0
        return False

    # --- one request has its answer -----------------------------------------------------------

    def answered(self, exchange: Exchange) -> None:
        """The next request's turn, if the connection bears one."""
        self.current = None
        if self.incoming is exchange:
            self.incoming = None
        self.seen = self.clock.now
        if not exchange.done:
            self.linger()
        elif not exchange.keep:
            self.transport.close()
        elif self.waiting:
            # Not at once: a thousand answered at once would be as many calls deep.
            self.listener.loop.call_soon(self._begin_next)
        elif self.refusal is not None:
            self.refuse()
        elif self.listener.draining:
            self.transport.close()
        else:
            self.transport.resume_reading()  # its upstream may have held it back

    def _begin_next(self) -> None:
        if not self.waiting or self.transport.is_closing():
            return
        self.current = self.waiting.popleft()
        if not self.waiting and not self.deaf:
            self.transport.resume_reading()
        self.current.begin()
        self.current.flush_request()

    def drain(self) -> None:
        """Close it now if nothing is owed to it, else after its answer."""
        if self.current is None and not self.deaf:
            self.transport.close()

    # --- time ---------------------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Let go of a client that takes too long. Called every now and then."""
        limits = self.listener.limits
        current = self.current
        if self.stuck_since and now - self.stuck_since > limits.answer_within:
            self._leave()
        elif current is not None:
            if not current.done and not self.deaf and self._is_slow(limits.body_within, now):
                self._refuse_next(Refusal(408, "the request's body took too long"))
        elif self.deaf:
            if now - self.seen > LINGER_S and not self.stuck_since:
                self.transport.abort()
        elif self.head_since:
            if now - self.head_since > limits.head_within:
                self._refuse_next(Refusal(408, "the request's head took too long"))
        elif now - self.seen > limits.idle:
            self.transport.abort()

    def _is_slow(self, limit_s: float, now: float) -> bool:
        """Whether the client could have sent, and has not."""
        return self.transport.is_reading() and now - self.seen > limit_s
