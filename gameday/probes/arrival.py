"""What has come of one answer: bytes and when they were read, understood only when asked for.

While a load is under way the processor belongs to requests that are due and to answers that wait
to be read. So a connection only puts down here what it reads; the dialect looks into it later.
"""

from gameday.probes.answer import Answer
from gameday.probes.dialect import Dialect
from gameday.probes.events import EventReader

Headers = dict[bytes, bytes]


class Arrival:
    """One answer on its way. Times are time.monotonic(), as they were when bytes were read."""

    __slots__ = ("_fields", "_headers", "_pieces", "ended_at", "spoiled", "status")

    def __init__(self) -> None:
        self.status: int | None = None
        self.ended_at: float | None = None  # by its own framing
        self.spoiled = ""  # why nobody should go on with it
        self._fields: list[tuple[bytes, bytes]] = []
        self._headers: Headers | None = None
        self._pieces: list[tuple[float, list[bytes]]] = []  # of the body

    def head(self, status: int, fields: list[tuple[bytes, bytes]]) -> None:
        self.status = status
        self._fields = fields

    def take(self, at: float, pieces: list[bytes]) -> None:
        """More of the body, as it was read at once."""
        self._pieces.append((at, pieces))

    @property
    def headers(self) -> Headers:
        """By name in lower case; of one that came several times the values, parted by commas."""
        if self._headers is None:
            self._headers = _joined(self._fields)
        return self._headers

    @property
    def until_close(self) -> bool:
        """Whether nothing but the end of its connection tells where it ends."""
        headers = self.headers
        framed = b"content-length" in headers or b"chunked" in _lower(headers, b"transfer-encoding")
        return self.status is not None and not framed

    def read(self, dialect: Dialect) -> Answer:
        """The answer, as far as it has come."""
        answer = Answer()
        if self.status is None:
            return answer
        dialect.take_head(answer, self.headers)
        encoding = _lower(self.headers, b"content-encoding")
        if encoding not in {b"", b"identity"}:
            said = encoding[:40].decode("latin-1")
            answer.spoil(f"content-encoding {said}, although identity was asked for")
        if self.headers.get(b"content-type", b"").startswith(b"text/event-stream"):
            self._read_stream(answer, dialect)
        elif self.ended_at is not None and not answer.problem:
            dialect.take_body(answer, b"".join([b"".join(pieces) for _, pieces in self._pieces]))
        if self.spoiled:
            answer.spoil(self.spoiled)
        return answer

    def _read_stream(self, answer: Answer, dialect: Dialect) -> None:
        events = EventReader()
        for at, pieces in self._pieces:
            for piece in pieces:
                for name, data in events.feed(piece):
                    if dialect.take_event(answer, name, data):
                        answer.see_content(at)
        if self.ended_at is not None:
            for name, data in events.end():
                if dialect.take_event(answer, name, data):
                    answer.see_content(self.ended_at)
            dialect.take_end(answer)


def _joined(fields: list[tuple[bytes, bytes]]) -> Headers:
    headers = {name.lower(): value for name, value in fields}
    if len(headers) == len(fields):
        return headers
    headers = {}
    for name, value in fields:
        key = name.lower()
        headers[key] = value if key not in headers else headers[key] + b", " + value
    return headers


def _lower(headers: Headers, name: bytes) -> bytes:
    return headers.get(name, b"").lower()
