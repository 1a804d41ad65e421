"""The bytes of a request."""

import json
import os
from urllib.parse import urlencode, urlsplit

from gameday.probes.dialect import Wanted

# HTTP/1.1 to one origin; nothing is compressed, so that each piece of a stream can be timed.
_ALWAYS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "gameday"}


class RequestIds:
    """The ids of one client's requests, all of one length: `gd-` and sixteen hexadecimal digits."""

    def __init__(self) -> None:
        self._first_half = os.urandom(4).hex()
        self._asked = 0
        self.blank = f"gd-{os.urandom(8).hex()}"  # stands for an id where there is none yet

    def next(self) -> str:
        self._asked += 1
        return f"gd-{self._first_half}{self._asked:08x}"


def make_request(url: str, wanted: Wanted) -> bytes:
    """A whole request to the front door at `url`.

    Raises ValueError where a header holds a character that would end it.
    """
    parts = urlsplit(url)
    body = b"" if wanted.document is None else _encode(wanted)
    target = (parts.path.rstrip("/") + wanted.path) or "/"
    lines = [f"{wanted.method} {target} HTTP/1.1", f"host: {parts.netloc.rpartition('@')[2]}"]
    framing = {} if wanted.document is None else _framing(wanted, body)
    for name, value in {**_ALWAYS, **framing, **wanted.headers}.items():
        if not _is_one_line(name + value):
            raise ValueError(f"the header {name!r} holds a control character")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _encode(wanted: Wanted) -> bytes:
    assert wanted.document is not None
    if wanted.encoding == "json":
        return json.dumps(wanted.document, separators=(",", ":")).encode()
    fields = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in wanted.document.items()
    }
    return urlencode(fields).encode()


def _framing(wanted: Wanted, body: bytes) -> dict[str, str]:
    kind = "json" if wanted.encoding == "json" else "x-www-form-urlencoded"
    return {"content-type": f"application/{kind}", "content-length": str(len(body))}


def _is_one_line(text: str) -> bool:
    return all(character >= " " or character == "\t" for character in text)
