r"""Reads, in one look, a head that is so plain that nobody could read it in two ways.

Nearly all heads are: the host first, each line a name, a colon, one space and printable ASCII,
framed by one length or as chunks, and the whole head in one read. One strict pattern takes such a
head at a fraction of what the parser's calls for each of its pieces cost. Whatever is not exactly
so (a folded line, a bare `\n`, a space too many, a second length, an upgrade, a connection that
shall close) is None here, and the parser's to judge. So the pattern may be narrower than HTTP, and
never wider: the same head must mean the same to it, to the parser, and to whoever is behind.
"""

import re
from enum import IntEnum

from gameday.gate.framing import METHODS, SPECIAL, Headers, Origin

_HEAD_END = b"\r\n\r\n"
_LENGTH = rb"(0|[1-9][0-9]{0,14})"
# `connection: keep-alive` says of each side's own connection what holds anyway.
_JUDGED = [name if name != b"connection" else name + rb"(?!: keep-alive\r)" for name in SPECIAL]
_FIRST = b"".join(sorted({name[:1] + name[:1].upper() for name in SPECIAL}))
# Most lines are none of them by their first letter already.
_SPECIAL = rb"(?=[%b])(?i:%b):" % (_FIRST, b"|".join(sorted(_JUDGED)))
_LINES = rb"(?:\r\n(?!%b)[!#$%%&'*+.^_`|~0-9A-Za-z-]+: [!-~][ -~]*(?<! ))*" % _SPECIAL
_REQUEST = re.compile(
    rb"(%b) (/[!-~]*) HTTP/1\.1(\r\n(?i:host): [!-~]+" % b"|".join(sorted(METHODS))
    + rb"(%b(?:\r\n(?i:content-length): %b%b)?))\r\n\r\n" % (_LINES, _LENGTH, _LINES)
)
_ANSWER = re.compile(
    rb"HTTP/1\.1 (?!204|304)[2-9][0-9][0-9] [ -~]*%b\r\n" % _LINES
    + rb"(?:(?i:content-length): %b%b\r\n\r\n" % (_LENGTH, _LINES)
    + rb"|(?i:transfer-encoding): chunked%b\r\n\r\n(?:([1-9A-Fa-f][0-9A-Fa-f]{0,6})\r\n)?)" % _LINES
)


# Method, target, lines as they came, the head for the upstream, the body's length, and what is here
# of it. Bare, because traffic comes now and then: once the processor's caches hold nothing of the
# gate any more, to make a named tuple takes half as long as to match the pattern.
PlainRequest = tuple[bytes, bytes, bytes, bytes, int, bytes]


class Plain(IntEnum):
    """What comes after a read that begins with an answer's plain head."""

    NOTHING = 0
    BODY = 1  # the rest of it
    CHUNKS = 2  # more of them, or the last one


_NOTHING, _BODY, _CHUNKS = Plain.NOTHING, Plain.BODY, Plain.CHUNKS


def read_request(data: bytes, origin: Origin) -> PlainRequest | None:
    """The request that begins with `data`, and is all of it; None where that takes a parser."""
    found = _REQUEST.match(data)
    if found is None:
        return None
    method, target, lines, others, told = found.groups()
    length = int(told) if told else 0
    body = data[found.end() :]
    if len(body) > length:
        return None
    wire = b"".join(
        (method, b" ", origin.base, target, b" HTTP/1.1\r\n", origin.host_line, others, _HEAD_END)
    )
    return method, target, lines, wire, length, body


def read_answer(data: bytes) -> Plain | None:
    """What comes after `data`, which begins an answer; None where that takes a parser."""
    found = _ANSWER.match(data)
    if found is None:
        return None
    length, chunk = found.groups()
    here = len(data) - found.end()
    if length is None:
        wanted = int(chunk, 16) + 2 if chunk else 0
        return _CHUNKS if here == wanted and data.endswith(b"\r\n") else None
    missing = int(length) - here
    if missing:
        return _BODY if missing > 0 else None
    return _NOTHING


def split_lines(lines: bytes) -> Headers:
    """The names and values of a plain head's lines."""
    pairs = (line.partition(b": ") for line in lines[2:].split(b"\r\n"))
    return [(name, value) for name, _, value in pairs]
