"""A plain head means the same to the pattern, to the parser, and to whoever reads what goes on."""

import http.client
import io

import pytest
from httptools import HttpParserError, HttpRequestParser, HttpResponseParser
from hypothesis import example, given
from hypothesis import strategies as st

from gameday.domain.gate_config import Limits
from gameday.domain.gate_config import Listener as ListenerConfig
from gameday.gate import client_side, upstream_side
from gameday.gate.client_side import ClientConnection
from gameday.gate.clock import Clock
from gameday.gate.framing import Origin, rebuild_request
from gameday.gate.listener import Listener
from gameday.gate.plain import Plain, read_answer, read_request, split_lines
from gameday.gate.upstream_side import UpstreamConnection

ORIGIN = Origin.parse("http://provider.example:81/base")
BODY = b'{"stream":true}'
LINES = (
    b"Host: gate.example",
    b"Accept-Encoding: gzip, deflate",
    b"Connection: keep-alive",
    b"Content-Type: application/json",
    b"User-Agent: OpenAI/Python 2.1.0",
    b"X-Stainless-OS: Linux",
    b"Authorization: Bearer sk-1",
    b"x-stainless-read-timeout: 600",
    b"Content-Length: %d" % len(BODY),
)
ANSWER_LINES = (b"Date: today", b"Content-Type: text/event-stream", b"x-request-id: req_1")
CHUNK = b"5\r\nhello\r\n"


def head(first, lines):
    return b"\r\n".join([first, *lines, b"", b""])


REQUEST = head(b"POST /v1/chat?x=1 HTTP/1.1", LINES) + BODY
SIZED = head(b"HTTP/1.1 200 OK", (*ANSWER_LINES, b"Content-Length: 5")) + b"hello"
CHUNKED = head(b"HTTP/1.1 200 OK", (*ANSWER_LINES, b"Transfer-Encoding: chunked")) + CHUNK


class Told:
    """What the parser says of one read."""

    def __init__(self, kind, data):
        self.target, self.headers, self.body, self.ends = b"", [], b"", 0
        self.parser = kind(self)
        self.parser.feed_data(data)

    def on_url(self, url):
        self.target += url

    def on_header(self, name, value):
        self.headers.append((name, value))

    def on_headers_complete(self):
        self.keep = self.parser.should_keep_alive()

    def on_body(self, data):
        self.body += data

    def on_message_complete(self):
        self.ends += 1


def lines_of(wire):
    first, *lines = wire.removesuffix(b"\r\n\r\n").split(b"\r\n")
    return first, sorted(line for line in lines if line.lower() != b"connection: keep-alive")


def lower_length(lines):
    return sorted(
        line.lower() if line.lower().startswith(b"content-length") else line for line in lines
    )


def check_request(data):
    """What the pattern takes, the parser takes, and both make the same of it."""
    plain = read_request(data, ORIGIN)
    if plain is None:
        return
    method, target, lines, wire, length, body = plain
    told = Told(HttpRequestParser, data)  # raises for what it refuses
    parser = told.parser
    assert (parser.get_method(), told.target) == (method, target)
    assert (parser.get_http_version(), told.keep) == ("1.1", True)
    assert not parser.should_upgrade()
    assert split_lines(lines) == told.headers
    assert (told.body, told.ends) == (body, len(body) == length)
    rebuilt = rebuild_request(method, target, told.headers, ORIGIN)
    assert (rebuilt.length, rebuilt.chunked, rebuilt.expects) == (length, False, False)
    ours, theirs = lines_of(wire), lines_of(rebuilt.wire)
    assert (ours[0], lower_length(ours[1])) == (theirs[0], lower_length(theirs[1]))


def check_answer(data):
    to_come = read_answer(data)
    if to_come is None:
        return
    told = Told(HttpResponseParser, data)
    assert told.ends == (to_come is Plain.NOTHING)
    assert told.keep
    names = [name.lower() for name, _ in told.headers]
    framing = b"transfer-encoding" if to_come is Plain.CHUNKS else b"content-length"
    assert names.count(framing) == 1
    others = {b"transfer-encoding", b"content-length", b"keep-alive", b"upgrade"} - {framing}
    assert not others & set(names)


def mutated(data):
    """`data` with a few bytes put in, taken out or changed, where heads are often misread."""
    piece = st.sampled_from(
        [b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"0", b",", b"\0", b"\xff", b"a", b"\r\n ", b";"]
        + [line + b"\r\n" for line in (*LINES, b"Transfer-Encoding: chunked", b"TE: trailers")]
        + [b"HTTP/1.0", b"Upgrade: h2c\r\n", b"Connection: close\r\n", b"0\r\n\r\n", b"chunked"]
    )
    change = st.tuples(st.integers(0, len(data)), st.integers(0, 3), st.just(b"") | piece)

    def apply(changes):
        changed = data
        for at, cut, put in changes:
            changed = changed[:at] + put + changed[at + cut :]
        return changed

    return st.lists(change, max_size=3).map(apply)


@given(mutated(REQUEST))
@example(REQUEST)
@example(REQUEST + REQUEST)
def test_a_request_is_read_as_the_parser_reads_it(data):
    check_request(data)


@given(mutated(SIZED) | mutated(CHUNKED))
@example(SIZED)
@example(SIZED + SIZED)
@example(CHUNKED + b"0\r\n\r\n")
def test_an_answer_is_read_as_the_parser_reads_it(data):
    check_answer(data)


TOKEN = st.from_regex(rb"\A[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}\Z")
VALUE = st.from_regex(rb"\A[ -~\t\x80]{0,12}\Z")
TARGET = st.from_regex(rb"\A/[!-~]{0,20}\Z")
NAMES = st.sampled_from([b"content-length", b"host", b"te", b"Connection", b"expect"]) | TOKEN


@given(TARGET, st.lists(st.tuples(NAMES, VALUE), max_size=6), st.binary(max_size=20))
def test_any_names_and_values(target, pairs, body):
    lines = [name + b": " + value for name, value in pairs]
    data = head(b"POST " + target + b" HTTP/1.1", [b"host: x", *lines]) + body
    check_request(data)
    check_answer(head(b"HTTP/1.1 200 OK", [*lines, b"content-length: 9"]) + body)


def with_line(line):
    return head(b"POST /v1/chat HTTP/1.1", [LINES[0], line, LINES[-1]]) + BODY


UNPLAIN_REQUESTS = {
    "another version": REQUEST.replace(b"1.1", b"1.0", 1),
    "a method in small letters": REQUEST.replace(b"POST", b"post", 1),
    "a method that is not passed on": REQUEST.replace(b"POST", b"TRACE", 1),
    "a whole address": REQUEST.replace(b" /v1", b" http://x/v1", 1),
    "the host later": head(b"GET / HTTP/1.1", [b"a: b", b"host: x"]),
    "no host": head(b"GET / HTTP/1.1", [b"a: b"]),
    "two hosts": with_line(LINES[0]),
    "two lengths": with_line(LINES[-1]),
    "a length written otherwise": REQUEST.replace(b"Length: 15", b"Length: 015"),
    "a length with a sign": REQUEST.replace(b"Length: 15", b"Length: +15"),
    "a length that is none": REQUEST.replace(b"Length: 15", b"Length: f"),
    "more than its body": REQUEST + b"G",
    "a second request": REQUEST + REQUEST,
    "chunks": with_line(b"transfer-encoding: chunked"),
    "an expectation": with_line(b"expect: 100-continue"),
    "an upgrade": with_line(b"upgrade: websocket"),
    "a connection that shall close": with_line(b"connection: close"),
    "what a connection keeps to itself": with_line(b"connection: keep-alive, x"),
    "a hop's own line": with_line(b"te: trailers"),
    "a proxy's line": with_line(b"Proxy-Authorization: x"),
    "a folded line": with_line(b"a: b\r\n c"),
    "a bare line feed": with_line(b"a: b\nc: d"),
    "a bare carriage return": with_line(b"a: b\rc"),
    "a space before the colon": with_line(b"a : b"),
    "no space after it": with_line(b"a:b"),
    "two spaces after it": with_line(b"a:  b"),
    "a space at the end": with_line(b"a: b "),
    "a tab": with_line(b"a: b\tc"),
    "no value": with_line(b"a: "),
    "no name": with_line(b": b"),
    "a letter beyond ASCII": with_line(b"a: \xe4"),
    "a head without end": REQUEST[: REQUEST.index(b"\r\n\r\n") + 2],
    "an empty line first": b"\r\n" + REQUEST,
    "nothing": b"",
}
UNPLAIN_ANSWERS = {
    "another version": SIZED.replace(b"1.1", b"1.0", 1),
    "an interim answer": SIZED.replace(b"200", b"100", 1),
    "no content": head(b"HTTP/1.1 204 No Content", [b"content-length: 0"]),
    "not modified": head(b"HTTP/1.1 304 Not Modified", [b"content-length: 5"]),
    "no framing": head(b"HTTP/1.1 200 OK", ANSWER_LINES) + b"hello",
    "both framings": CHUNKED.replace(b"Transfer", b"Content-Length: 5\r\nTransfer"),
    "two lengths": SIZED.replace(b"Content-Length: 5", b"Content-Length: 5\r\ncontent-length: 5"),
    "another coding": CHUNKED.replace(b"chunked", b"gzip, chunked"),
    "a connection that shall close": SIZED.replace(b"x-request-id: req_1", b"connection: close"),
    "more than its body": SIZED + b"H",
    "a part of a chunk": CHUNKED[:-3],
    "the size of a chunk": CHUNKED[:-7],
    "two chunks": CHUNKED + CHUNK,  # a chunk a read is what a stream that flows looks like
    "the last chunk": CHUNKED + b"0\r\n\r\n",
    "an extension": CHUNKED.replace(b"5\r\n", b"5;a\r\n"),
    "a size written otherwise": CHUNKED.replace(b"5\r\n", b"05\r\n"),
    "a chunk longer than it says": CHUNKED.replace(b"hello", b"hello!"),
    "a head without end": SIZED[: SIZED.index(b"\r\n\r\n") + 2],
    "nothing": b"",
}


@pytest.mark.parametrize("name", sorted(UNPLAIN_REQUESTS))
def test_what_is_not_plain_is_the_parser_s(name):
    assert read_request(UNPLAIN_REQUESTS[name], ORIGIN) is None


@pytest.mark.parametrize("name", sorted(UNPLAIN_ANSWERS))
def test_an_answer_that_is_not_plain_is_the_parser_s(name):
    assert read_answer(UNPLAIN_ANSWERS[name]) is None


def test_what_clients_and_providers_send_is_plain():
    wire = read_request(REQUEST, ORIGIN)[3]
    assert wire.startswith(b"POST /base/v1/chat?x=1 HTTP/1.1\r\nhost: provider.example:81\r\nAcc")
    assert read_answer(SIZED) is Plain.NOTHING
    assert read_answer(SIZED[:-1]) is Plain.BODY
    assert read_answer(CHUNKED) is Plain.CHUNKS
    assert read_answer(CHUNKED[: -len(CHUNK)]) is Plain.CHUNKS
    kept = CHUNKED.replace(b"x-request-id: req_1", b"Connection: keep-alive")
    assert read_answer(kept) is Plain.CHUNKS


# --- through the gate, in pieces ------------------------------------------------------------------


class Transport:
    """Keeps what is written; says that it is encrypted, so that everything goes through it."""

    def __init__(self):
        self.written = b""

    def get_extra_info(self, name):
        return name

    def is_closing(self):
        return False

    def write(self, data):
        self.written += data

    def resume_reading(self):
        pass


class Loop:
    def time(self):
        return 1.0


class Sides:
    """A client's connection and one to the upstream, both without sockets."""

    def __init__(self):
        config = ListenerConfig(
            listen="127.0.0.1:1", upstream="http://provider.example:81/base", dialect="openai"
        )
        listener = Listener("primary", config, Limits(), Loop(), Clock(1.0))
        self.client, self.upstream = ClientConnection(listener), UpstreamConnection(listener.pool)
        self.client.connection_made(Transport())
        self.upstream.connection_made(Transport())
        listener.pool.give_back(self.upstream)

    def passes(self, request, answer):
        """What came out at both ends, of a request and an answer in pieces."""
        ends = self.client.transport, self.upstream.transport
        for end in ends:
            end.written = b""
        for piece in request:
            self.client.data_received(piece)
        for piece in answer:
            self.upstream.data_received(piece)
        assert (self.client.current, self.client.incoming) == (None, None)
        assert self.upstream.pooled
        return understood(ends[1].written, ends[0].written)


def understood(request, answer):
    """Both as Python's own client and a plain look at the request understand them."""
    first, lines = lines_of(request.partition(b"\r\n\r\n")[0])
    response = http.client.HTTPResponse(Said(answer))
    response.begin()
    body = response.read()
    assert response.fp is None or response.fp.read() == b""  # and nothing after it
    headers = sorted((name.lower(), value) for name, value in response.getheaders())
    sent = (first, lower_length(lines), request.partition(b"\r\n\r\n")[2])
    kept = [pair for pair in headers if pair != ("connection", "keep-alive")]
    return sent, (response.status, response.reason, kept, body)


class Said:
    def __init__(self, data):
        self.data = data

    def makefile(self, mode):
        return io.BytesIO(self.data)


def in_two(data):
    return [(data[:at], data[at:]) for at in range(1, len(data))]


WHOLE_ANSWERS = {"sized": SIZED, "chunked": CHUNKED + CHUNK + b"0\r\n\r\n"}


@pytest.mark.parametrize("name", sorted(WHOLE_ANSWERS))
def test_the_same_goes_through_wherever_it_is_cut_and_whoever_reads_it(name, monkeypatch):
    answer, sides = WHOLE_ANSWERS[name], Sides()
    with monkeypatch.context() as patched:
        patched.setattr(client_side, "read_request", lambda data, origin: None)
        patched.setattr(upstream_side, "read_answer", lambda data: None)
        by_parser = Sides().passes([REQUEST], [answer])
    assert sides.passes([REQUEST], [answer]) == by_parser
    for pieces in in_two(REQUEST):
        assert sides.passes(pieces, [answer]) == by_parser
    for pieces in in_two(answer):
        assert sides.passes([REQUEST], pieces) == by_parser
    for piece in (1, 3, 50):
        cut = [answer[at : at + piece] for at in range(0, len(answer), piece)]
        assert sides.passes([REQUEST], cut) == by_parser


def test_the_parser_itself_is_strict():
    """The comparison above would be worth nothing against a parser that takes anything."""
    for name in ("a space before the colon", "two lengths", "a bare carriage return"):
        with pytest.raises(HttpParserError):
            Told(HttpRequestParser, UNPLAIN_REQUESTS[name])
