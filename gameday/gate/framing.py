"""Rebuilds the heads of requests and answers from parsed pieces.

Nothing of a head is copied whole, unless it is plain beyond doubt (`plain.py`): what one side takes
for the end of a message, the other side must take for it as well, else a part of one request could
pass for another (smuggling).
"""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

Headers = Sequence[tuple[bytes, bytes]]

CHUNKED_END = b"0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
_HOP_BY_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"upgrade",
    }
)  # fmt: skip
_REQUEST_SPECIAL = _HOP_BY_HOP | {
    b"host", b"content-length", b"transfer-encoding", b"expect",
}  # fmt: skip
# What tells of a body as it was: none of it holds for one that was changed.
_OF_BODY = frozenset(
    {b"content-length", b"transfer-encoding", b"content-md5", b"digest", b"content-digest"}
)
_SECRET = frozenset({b"authorization", b"x-api-key", b"api-key", b"cookie"})
_ANSWER_SPECIAL = _HOP_BY_HOP | {b"content-length", b"transfer-encoding"}
SPECIAL = _REQUEST_SPECIAL | _ANSWER_SPECIAL  # names of lines that are not merely passed on
_NAMES_MAX = 2_000
_HEAD_END = (b"", b"")  # joined to the lines, these make the empty one
_line = b": ".join
_PLAIN_CONNECTION = frozenset({b"keep-alive", b"close"})


class _Names(dict[bytes, bytes]):
    """The lower-case form of a special header's name, as somebody writes it; else nothing.

    Remembered, because a system writes the same few names in every request.
    """

    def __init__(self, special: frozenset[bytes]) -> None:
        super().__init__()
        self._special = special

    def __missing__(self, name: bytes) -> bytes:
        lower = name.lower()
        found = lower if lower in self._special else b""
        if len(self) < _NAMES_MAX:  # whoever sends new names for ever must not fill the memory
            self[name] = found
        return found


_REQUEST_NAMES = _Names(_REQUEST_SPECIAL)
_ANSWER_NAMES = _Names(_ANSWER_SPECIAL)


class Refusal(Exception):  # noqa: N818 - the gate's own no to one client, caught where it is written
    """What the gate does not pass on, with the status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class BadAnswerError(Exception):
    """An answer of the upstream whose end cannot be told for certain."""


class Origin(NamedTuple):
    """Where an upstream is, and what a request for it must say."""

    host: str
    port: int
    tls: bool
    host_line: bytes
    base: bytes  # put before every path; empty, or with a leading and no trailing slash

    @classmethod
    def parse(cls, url: str) -> "Origin":
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError(f"expected a host in {url!r}")
        tls = parts.scheme == "https"
        return cls(
            host=parts.hostname,
            port=parts.port or (443 if tls else 80),
            tls=tls,
            host_line=f"host: {parts.netloc.rpartition('@')[2]}".encode(),
            base=parts.path.rstrip("/").encode(),
        )


class RequestHead(NamedTuple):
    """A request's head as the upstream gets it, and what it says of the body."""

    wire: bytes
    chunked: bool
    length: int  # announced; 0 where there is no body, or no telling before its end
    expects: bool  # the client waits for `100 Continue`


class AnswerHead(NamedTuple):
    """An answer's header lines as the client gets them, without framing, and its own framing.

    A line is meant without its end.
    """

    lines: list[bytes]
    length: int | None
    chunked: bool


def origin_form(target: bytes) -> bytes:
    """The path and query of a request's target. Raises Refusal for what names no path."""
    if target.startswith((b"http://", b"https://")):
        path = target.partition(b"://")[2].partition(b"/")[2]
        target = b"/" + path
    if not target.startswith(b"/"):
        raise Refusal(400, "the request names no path")
    return target


def is_http11(version: str) -> bool:
    """Whether it is that or HTTP/1.0. Raises Refusal for any other."""
    if version not in {"1.0", "1.1"}:
        raise Refusal(505, "the gate speaks HTTP/1.1")
    return version == "1.1"


def rebuild_request(
    method: bytes, target: bytes, headers: Headers, origin: Origin, *, at_hand: bool = False
) -> RequestHead:
    """The head for the upstream. Raises Refusal for what must not be passed on.

    at_hand: the body is here already, so that nobody need be asked to continue.
    """
    if method not in METHODS:
        raise Refusal(400, "the gate does not pass on this method")
    lines = [b"%b %b%b HTTP/1.1" % (method, origin.base, target), origin.host_line]
    length: int | None = None
    hosts = 0
    rare: list[tuple[bytes, bytes]] = []
    for header in headers:
        lower = _REQUEST_NAMES[header[0]]
        if not lower:
            lines.append(_line(header))
        elif lower == b"content-length":
            length = int(header[1])  # the parser has refused a second one
        elif lower == b"host":
            hosts += 1
        elif lower == b"connection":
            if header[1].lower() not in _PLAIN_CONNECTION:
                kept = _without_named(headers)
                return rebuild_request(method, target, kept, origin, at_hand=at_hand)
        else:
            rare.append((lower, header[1]))
    if hosts > 1:
        raise Refusal(400, "the request has more than one host header")
    return _framed(lines, length, rare, at_hand=at_hand)


def _framed(lines: list[bytes], length: int | None, rare: Headers, *, at_hand: bool) -> RequestHead:
    """The head from its other lines. The parser has refused a length beside a transfer coding."""
    chunked = expects = False
    for name, value in rare:
        if name == b"transfer-encoding":
            chunked = _chunked(value, Refusal(501, "the gate knows no transfer coding but chunked"))
        elif name == b"expect":
            expects = _expects(value)
    if chunked:
        lines.append(b"transfer-encoding: chunked")
    elif length is not None:
        lines.append(b"content-length: %d" % length)
    if expects and not at_hand:
        lines.append(b"expect: 100-continue")
    lines += _HEAD_END
    return RequestHead(b"\r\n".join(lines), chunked, length or 0, expects)


def rebuild_answer(headers: Headers) -> AnswerHead:
    """The lines for the client. Raises BadAnswerError."""
    lines: list[bytes] = []
    length: int | None = None
    chunked = False
    for header in headers:
        lower = _ANSWER_NAMES[header[0]]
        if not lower:
            lines.append(_line(header))
            continue
        value = header[1]
        if lower == b"content-length":
            length = int(value)
        elif lower == b"transfer-encoding":
            chunked = _chunked(value, BadAnswerError("a transfer coding that is not chunked"))
        elif lower == b"connection" and value.lower() not in _PLAIN_CONNECTION:
            return rebuild_answer(_without_named(headers))
    return AnswerHead(lines, length, chunked)


def unencoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    """`headers` that ask for an answer which can be read here."""
    kept = [(name, value) for name, value in headers if name.lower() != b"accept-encoding"]
    return [*kept, (b"accept-encoding", b"identity")]


def of_length(headers: Headers, length: int) -> list[tuple[bytes, bytes]]:
    """`headers` of a request whose body is another one, and so long."""
    kept = [header for header in headers if header[0].lower() not in _OF_BODY]
    return [*kept, (b"content-length", b"%d" % length)]


def with_key(headers: Headers, key: tuple[str, str] | None) -> list[tuple[bytes, bytes]]:
    """`headers` that show `key`, or none, in place of whatever secret they show."""
    kept = [header for header in headers if header[0].lower() not in _SECRET]
    return kept if key is None else [*kept, (key[0].encode(), key[1].encode())]


def gate_answer(why: str, sentence: str) -> tuple[list[bytes], bytes]:
    """Header lines and body of what the gate itself says; no provider could be meant by it."""
    body = json.dumps({"error": {"type": "gameday_gate", "message": sentence}}).encode()
    return [b"content-type: application/json", f"x-gameday-gate: {why}".encode()], body


def phrase(status: int) -> bytes:
    """The usual words beside a status; empty where there are none."""
    return _PHRASES.get(status, b"")


def answer_head(status: int, reason: bytes, lines: list[bytes]) -> bytes:
    """A head as it goes over the wire."""
    told = b"HTTP/1.1 %d %b" % (status, reason)
    return b"\r\n".join([told, *lines, *_HEAD_END])


def header_line(name: str, value: str) -> bytes:
    """One line of a made-up answer; what would end it is left out."""
    text = f"{name}: {value}".translate(_LINE_ENDS)
    return text.encode("latin-1", "replace")


_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
_LINE_ENDS = {ord(letter): None for letter in "\r\n\0"}


def _chunked(value: bytes, otherwise: Exception) -> bool:
    if value.strip().lower() != b"chunked":
        raise otherwise
    return True


def _expects(value: bytes) -> bool:
    if value.strip().lower() != b"100-continue":
        raise Refusal(417, "the gate knows no expectation but 100-continue")
    return True


def _without_named(headers: Headers) -> list[tuple[bytes, bytes]]:
    """`headers` without all that their `connection` lines keep to one hop, and those lines.

    Framing and host stay, whoever names them: without them a message would end elsewhere.
    """
    named = {
        token.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for token in value.split(b",")
    }
    named |= {b"connection"}
    named -= {b"host", b"content-length", b"transfer-encoding"}
    return [(name, value) for name, value in headers if name.lower() not in named]
