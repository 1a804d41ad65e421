"""One request and its answer, from its turn on a client's connection to its end."""

from enum import IntEnum
from typing import TYPE_CHECKING

from gameday.gate import outlet
from gameday.gate.framing import (
    CHUNKED_END,
    CONTINUE,
    AnswerHead,
    BadAnswerError,
    Headers,
    Refusal,
    RequestHead,
    answer_head,
    gate_answer,
    of_length,
    phrase,
    rebuild_answer,
    rebuild_request,
    unencoded,
    with_key,
)
from gameday.gate.plain import split_lines

if TYPE_CHECKING:
    from gameday.gate.client_side import ClientConnection
    from gameday.gate.edits import Editor
    from gameday.gate.pool import Pool
    from gameday.gate.touch import Touch
    from gameday.gate.upstream_side import UpstreamConnection
    from gameday.gate.watches import Noted

_PENDING_BYTES_MAX = 65_536  # of a body that waits for its upstream
_SENT_BYTES_MAX = 1_048_576  # kept for a second try
_STALE_WITHIN_S = 0.5


class Framing(IntEnum):
    """How the client is told where the answer's body ends."""

    NO_BODY = 0
    LENGTH = 1
    CHUNKED = 2
    CLOSE = 3  # HTTP/1.0 knows no other way for a body of unknown length


# Looking a member up in its class costs several times as much as a name of the module.
_LENGTH, _CHUNKED, _NO_BODY = Framing.LENGTH, Framing.CHUNKED, Framing.NO_BODY


class Exchange:
    """Passes a request on and its answer back, unless a rule has been chosen for it.

    A request is sent a second time in one case alone: it went out on a connection that had
    stood idle, the whole of it is still at hand, and the upstream closed that connection within
    half a second without one byte of an answer. That is a connection that the upstream had given
    up while the request was under way; any longer, and it may have been at work on it.
    """

    __slots__ = (
        "_told", "body_bytes", "chunked", "client", "collecting", "connecting", "continued",
        "done", "editor", "ended", "expects", "flushed", "framing", "head_sent", "http11", "keep",
        "listener", "method", "noted", "opened", "out", "pending", "pool", "sent", "sent_at",
        "status", "target", "touch", "upstream", "wire",
    )  # fmt: skip

    def __init__(
        self,
        client: "ClientConnection",
        method: bytes,
        target: bytes,
        wire: bytes,
        length: int,
        told: Headers | bytes,
    ) -> None:
        """Raises Refusal for a head that must not be passed on.

        wire: the head as the upstream gets it. length: of the body, as announced. told: the
        head's lines, parsed, or as they came where it is plain.
        """
        self.client = client
        self.listener = listener = client.listener
        self.pool = listener.pool
        self.method = method
        self.target = target
        self.wire = wire
        self._told = told
        limits = listener.limits
        if len(wire) > limits.head_bytes_max:
            raise Refusal(431, "the request's head is over the gate's limit")
        if length > limits.body_bytes_max:
            raise Refusal(413, "the request's body is over the gate's limit")
        self.keep = self.http11 = True
        self.chunked = self.expects = False
        self.done = False  # the whole request is here
        self.pending: list[bytes] = []  # of the body, not sent yet
        self.body_bytes = self.flushed = 0
        self.upstream: UpstreamConnection | None = None
        self.connecting = self.head_sent = False
        self.sent: list[bytes] | None = None  # for a second try
        self.sent_at = 0.0
        self.status = 0
        self.opened = False  # the answer's head has gone out
        self.ended = False
        self.framing = _NO_BODY
        self.out: list[bytes] = []  # of the answer, not written yet
        self.collecting = self.continued = False
        self.touch: Touch | None = None
        self.editor: Editor | None = None
        self.noted: Noted | None = None

    # --- the request --------------------------------------------------------------------------

    @property
    def headers(self) -> Headers:
        """As the client sent them; of a plain head only split when somebody asks."""
        if isinstance(self._told, bytes):
            self._told = split_lines(self._told)
        return self._told

    def has_header(self, lower: bytes) -> bool:
        """Whether there is one of that name, which is given in lower case."""
        if isinstance(self._told, bytes):
            return b"\r\n%b: " % lower in self._told.lower()
        length = len(lower)
        return any(len(name) == length and name.lower() == lower for name, _ in self._told)

    def begin(self) -> None:
        """It is this request's turn."""
        listener = self.listener
        if listener.rule is None and not listener.watches:
            self.pass_on()
        else:
            listener.consider(self)

    def pass_on(self) -> None:
        """Send it to the upstream, as much of it as is here; the caller flushes."""
        self.collecting = False
        connection = self.pool.take()
        if connection is None:
            self.connecting = True
            self.pool.connect(self)
        else:
            self.upstream = connection
            connection.exchange = self

    def rewrite(self, path: str, body: bytes) -> None:
        """Let another request go on in this one's place, whose body is all here."""
        query = self.target.partition(b"?")[1:]
        self.target = b"".join([path.encode("latin-1", "replace"), *query])
        self.pending = [body]
        self.body_bytes = len(body)
        self._told = of_length(self.headers, len(body))

    def divert(self, pool: "Pool", key: tuple[str, str] | None) -> None:
        """Send it elsewhere; the key that its client shows the provider is not for others."""
        self.pool = pool
        self._told = with_key(self.headers, key)

    def take_request_head(self, head: RequestHead) -> None:
        """What the parser's pieces were made into."""
        self.wire, self.chunked, _, self.expects = head

    def pass_on_unencoded(self) -> None:
        """Ask for an answer that can be read here."""
        self._told = unencoded(self.headers)
        self.pass_on_whole()

    def pass_on_whole(self) -> None:
        """Send the request, whose body is all here."""
        self.take_request_head(
            rebuild_request(self.method, self.target, self.headers, self.pool.origin, at_hand=True)
        )
        self.pass_on()
        self.flush_request()

    def collect(self) -> None:
        """Keep the body here until it is whole."""
        self.collecting = True
        if self.expects and not self.done and not self.continued:
            self.continued = True
            self.client.transport.write(CONTINUE)

    def take_body(self, data: bytes) -> None:
        """Raises Refusal when it is over the limit."""
        self.body_bytes += len(data)
        if self.body_bytes > self.listener.limits.body_bytes_max:
            raise Refusal(413, "the request's body is over the gate's limit")
        self.pending.append(data)
        if self.noted is not None:
            self.noted.take_body(data)

    def complete_body(self) -> None:
        self.done = True
        if self.noted is not None:
            self.noted.complete_body()
        if self.touch is not None:
            self.touch.complete_body()

    def attach(self, connection: "UpstreamConnection") -> None:
        self.connecting = False
        self.upstream = connection
        connection.exchange = self

    def flush_request(self) -> None:
        """Write what is here to the upstream, in one piece."""
        connection = self.upstream
        if connection is None or self.collecting:
            if self.connecting and self.body_bytes - self.flushed > _PENDING_BYTES_MAX:
                self.client.transport.pause_reading()
            return
        pieces = self.pending
        self.flushed = self.body_bytes
        if self.chunked:
            pieces = self._chunks(pieces)
        if not self.head_sent:
            data = b"".join([self.wire, *pieces])
        elif pieces:
            data = b"".join(pieces)
        else:
            return
        self.pending.clear()
        connection.write(data)
        if self.sent is not None or (connection.reused and not self.head_sent):
            self._keep_for_retry(data)
        self.head_sent = True

    def _chunks(self, pieces: list[bytes]) -> list[bytes]:
        framed: list[bytes] = []
        for piece in pieces:
            framed += (b"%x\r\n" % len(piece), piece, b"\r\n")
        if self.done:
            framed.append(CHUNKED_END)
            self.chunked = False  # it is ended: nothing more to frame
        return framed

    def _keep_for_retry(self, data: bytes) -> None:
        if self.sent is not None:
            self.sent.append(data)
        else:
            self.sent = [data]
            self.sent_at = self.listener.loop.time()
        if self.flushed > _SENT_BYTES_MAX:
            self.sent = None

    def connected(self, connection: "UpstreamConnection") -> None:
        """A new connection is there for it."""
        self.attach(connection)
        if self.sent is not None:
            sent, self.sent = self.sent, None
            connection.write(b"".join(sent))
        self.flush_request()
        self.client.resume_reading()

    def request_broke(self) -> None:
        """What came of it cannot be passed on."""
        self._let_go()
        if self.opened:
            self.client.cut(rst=True)
        else:
            self.client.current = None
            self.client.refuse()

    # --- the answer ---------------------------------------------------------------------------

    def interim(self, status: int, reason: bytes, headers: Headers) -> None:
        """`100 Continue` and its like, for a client that knows them."""
        if self.http11 and not self.opened and (status != 100 or self._awaits_continue()):
            lines = rebuild_answer(headers).lines
            self.client.transport.write(answer_head(status, reason, lines))

    def _awaits_continue(self) -> bool:
        return self.expects and not self.continued

    def take_head(self, status: int, reason: bytes, headers: Headers) -> AnswerHead:
        """The upstream's answer begins. Raises BadAnswerError."""
        if self.noted is not None:
            self.noted.take_head(headers)
        head = rebuild_answer(headers)
        if self.touch is not None:
            self.editor = self.touch.editor(status, reason, headers, head)
            if self.editor is not None:
                return head
        if status in {204, 304} or self.method == b"HEAD":
            self._open_bodyless(status, reason, head.lines, head.length)
        else:
            self.open_answer(status, reason, head.lines, head.length)
        return head

    @property
    def takes_plain(self) -> bool:
        """Whether a plain answer may go to the client as it comes, looked at by nobody."""
        return (
            self.touch is None
            and self.noted is None
            and self.done
            and self.keep
            and self.http11
            and self.method != b"HEAD"
            and not self.listener.draining
        )

    def take_plain(self, data: bytes, *, chunked: bool) -> None:
        """The upstream's answer begins with `data`; the caller flushes."""
        self.opened = True  # its status stays unread: only a watch would ask
        self.framing = _CHUNKED if chunked else _LENGTH
        self.out.append(data)

    def open_answer(
        self, status: int, reason: bytes, lines: list[bytes], length: int | None
    ) -> None:
        """length: of the body; None when nobody knows it yet."""
        if length is not None:
            self.framing = _LENGTH
            lines.append(b"content-length: %d" % length)
        elif self.http11:
            self.framing = _CHUNKED
            lines.append(b"transfer-encoding: chunked")
        else:
            self.framing = Framing.CLOSE
            self.keep = False
        self._open(status, reason, lines)

    def _open_bodyless(
        self, status: int, reason: bytes, lines: list[bytes], length: int | None
    ) -> None:
        """length: what the body would have, had it been asked for."""
        self.framing = _NO_BODY
        if length is not None and status != 204:
            lines.append(b"content-length: %d" % length)
        self._open(status, reason, lines)

    def _open(self, status: int, reason: bytes, lines: list[bytes]) -> None:
        self.opened = True
        self.status = status
        if not (self.done and self.http11) or self.listener.draining:
            self.keep = False
        if not self.keep:
            lines.append(b"connection: close")
        self.out.append(answer_head(status, reason, lines))

    def answer_body(self, data: bytes) -> None:
        if self.editor is not None:
            self.editor.feed(data)
        else:
            self.send(data)

    def send(self, data: bytes) -> None:
        """One piece of the body, in a chunk of its own; the caller flushes."""
        if self.framing is _CHUNKED:
            if data:  # an empty chunk would be the end
                self.out += (b"%x\r\n" % len(data), data, b"\r\n")
        elif self.framing is not _NO_BODY:
            self.out.append(data)

    def flush_answer(self) -> None:
        out = self.out
        if out:
            client = self.client
            data = out[0] if len(out) == 1 else b"".join(out)
            outlet.write(client.transport, client.descriptor, data)
            out.clear()

    def answer_complete(self) -> None:
        """The upstream's answer has come to its proper end."""
        if self.editor is not None:
            self.editor.finish()
        else:
            self.end_answer()

    def end_answer(self, *, whole: bool = True) -> None:
        """End the body properly, and give the connection back to its client."""
        if self.framing is _CHUNKED:
            self.out.append(CHUNKED_END)
        self.flush_answer()
        self._end(whole=whole)
        self.client.answered(self)

    def break_answer(self, *, rst: bool) -> None:
        """End it so that the client sees that something is missing."""
        self._let_go()
        self.flush_answer()
        self._end(whole=False)
        # Without any framing, a mere close would look like the proper end.
        self.client.cut(rst=rst or self.framing is Framing.CLOSE)

    def cut_clean(self) -> None:
        """End the body properly although more was to come."""
        self._let_go()
        self.end_answer(whole=False)

    def give(self, status: int, lines: list[bytes], body: bytes) -> None:
        """A whole answer in the provider's place."""
        reason = phrase(status)
        if status in {204, 304} or self.method == b"HEAD":
            self._open_bodyless(status, reason, lines, len(body))
        else:
            streamed = any(b"text/event-stream" in line for line in lines)
            self.open_answer(status, reason, lines, None if streamed else len(body))
            self.send(body)
        self.end_answer()

    def speak(self, status: int, why: str, sentence: str) -> None:
        """The gate's own answer, where there is none of the provider's."""
        lines, body = gate_answer(why, sentence)
        self._let_go()
        self.open_answer(status, phrase(status), lines, len(body))
        if self.method != b"HEAD":
            self.send(body)
        self.end_answer(whole=False)

    def _end(self, *, whole: bool, left: bool = False) -> None:
        self.ended = True
        if self.noted is not None:
            self.noted.end(self.status, whole=whole, left=left)
        if self.touch is not None:
            self.touch.drop()
        if self.editor is not None:
            self.editor.drop()
        self.touch = self.editor = None

    def _let_go(self) -> None:
        """Nothing more is wanted of the upstream."""
        self.connecting = False
        connection, self.upstream = self.upstream, None
        if connection is not None:
            connection.drop()

    # --- what goes wrong ----------------------------------------------------------------------

    def unreachable(self, sentence: str) -> None:
        """There is no connection to be had."""
        if self.connecting:
            self.speak(502, "upstream-unreachable", sentence)

    def upstream_lost(self, connection: "UpstreamConnection", error: Exception | None) -> None:
        """The upstream's connection ended before its answer did."""
        self.upstream = None
        if self.editor is not None:
            self.editor.fail(rst=error is not None)
        elif self.opened:
            self.break_answer(rst=error is not None)
        elif self._was_stale(connection):
            self.connecting = True
            self.pool.connect(self)
        else:
            self.speak(502, "upstream-unreachable", "the upstream closed without an answer")

    def _was_stale(self, connection: "UpstreamConnection") -> bool:
        """Whether the upstream had given that connection up before the request came."""
        if connection.answering or not self.done or self.sent is None:
            return False
        return self.listener.loop.time() - self.sent_at < _STALE_WITHIN_S

    def upstream_broke(self, error: BadAnswerError) -> None:
        """What the upstream says is no HTTP."""
        self.upstream = None
        if self.editor is not None:
            self.editor.fail(rst=True)
        elif self.opened:
            self.break_answer(rst=True)
        else:
            self.speak(502, "upstream-invalid", f"the upstream's answer is not HTTP/1.1: {error}")

    def upstream_late(self) -> None:
        """Nothing has come for longer than the limit allows."""
        if self.opened or self.editor is not None:
            self.break_answer(rst=True)
        else:
            self.speak(504, "upstream-late", "the upstream did not answer within the gate's limit")

    def client_left(self) -> None:
        """Nobody is there any more to read the answer."""
        self._let_go()
        self._end(whole=False, left=True)

    def pause_answer(self) -> None:
        if self.upstream is not None:
            self.upstream.pause_reading()

    def resume_answer(self) -> None:
        if self.upstream is not None and (self.editor is None or not self.editor.is_full):
            self.upstream.resume_reading()
