"""The bytes of a request."""

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

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


def make_request(
    url: str, headers: Mapping[str, str], document: Mapping[str, Any], method: str = "POST"
) -> bytes:
    """A whole request with a JSON body.

    Raises ValueError where a header holds a character that would end it.
    """
    parts = urlsplit(url)
    body = json.dumps(document, separators=(",", ":")).encode()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"host: {parts.netloc.rpartition('@')[2]}"]
    framing = {"content-type": "application/json", "content-length": str(len(body))}
    for name, value in {**_ALWAYS, **framing, **headers}.items():
        if not _is_one_line(name + value):
            raise ValueError(f"the header {name!r} holds a control character")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _is_one_line(text: str) -> bool:
    return all(character >= " " or character == "\t" for character in text)
