"""What has come of one answer.

While a load is under way the processor belongs to requests that are due and to answers that wait
to be read. So a whole body is only put down here, and understood when somebody asks for it. The
events of a stream are read as they come: most are alike, and cost less now, while they are still
in the processor's caches, than memory that is looked at again later.
"""

from gameday.probes.answer import Answer
from gameday.probes.dialect import Dialect
from gameday.probes.stream import StreamReader

Headers = dict[bytes, bytes]


class Arrival:
    """One answer on its way. Times are time.monotonic(), as they were when bytes were read."""

    __slots__ = (
        "_answer",
        "_body",
        "_dialect",
        "_ended",
        "_fields",
        "_headers",
        "_spoiled",
        "_stream",
        "status",
    )

    def __init__(self, dialect: Dialect) -> None:
        self.status: int | None = None
        self._dialect = dialect
        self._fields: list[tuple[bytes, bytes]] = []
        self._headers: Headers | None = None
        self._body: list[bytes] = []  # of an answer that is no stream
        self._stream: StreamReader | None = None
        self._answer: Answer | None = None
        self._ended = False  # by its own framing
        self._spoiled = ""

    def head(self, status: int, fields: list[tuple[bytes, bytes]]) -> None:
        self.status = status
        self._fields = fields

    def take(self, at: float, pieces: list[bytes]) -> None:
        """More of the body, as it was read at once."""
        stream = self._stream if self._body else self._as_stream()
        if stream is None:
            self._body += pieces
        else:
            for piece in pieces:
                stream.feed(piece, at)

    def end(self, at: float) -> None:
        """The body has come to its end, by its own framing."""
        stream = self._stream if self._body else self._as_stream()
        self._ended = True
        if stream is not None:
            stream.end(at)

    def spoil(self, problem: str) -> None:
        """Whatever else may come, it is no good answer."""
        self._spoiled = problem

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

    @property
    def answer(self) -> Answer:
        """What the dialect makes of it. Ask when nothing more is to come."""
        if self._answer is None:
            self._answer = answer = self._begun()
            if self._ended and not answer.problem and not self._spoiled:
                self._dialect.take_body(answer, b"".join(self._body))
        if self._spoiled:
            self._answer.spoil(self._spoiled)
        return self._answer

    def _as_stream(self) -> StreamReader | None:
        """The reader of a stream; None where it is none."""
        if self._stream is None:
            kind = self.headers.get(b"content-type", b"")
            if kind.startswith(b"text/event-stream"):
                self._answer = self._begun()
                self._stream = StreamReader(self._answer, self._dialect)
        return self._stream

    def _begun(self) -> Answer:
        """The answer, as far as its head tells of it."""
        answer = Answer()
        if self.status is not None:
            self._dialect.take_head(answer, self.headers)
        encoding = _lower(self.headers, b"content-encoding")
        if encoding not in {b"", b"identity"}:
            said = encoding[:40].decode("latin-1")
            answer.spoil(f"content-encoding {said}, although identity was asked for")
        return answer


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
