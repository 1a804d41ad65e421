"""What has come of one answer.

While a load is under way the processor belongs to requests that are due and to answers that wait
to be read. So a head and a whole body are only put down here, and understood when somebody asks
for them. The events of a stream are read as they come: most are alike, and cost less now, while
they are still in the processor's caches, than memory that is looked at again later.
"""

from gameday.probes.answer import Answer
from gameday.probes.dialect import Dialect
from gameday.probes.head import Head
from gameday.probes.stream import StreamReader

_STREAM = "text/event-stream"
_NO_HEAD = Head()


class Arrival:
    """One answer on its way. Times are time.monotonic(), as they were when bytes were read."""

    __slots__ = (
        "_answer",
        "_body",
        "_dialect",
        "_ended",
        "_spoiled",
        "_stream",
        "headers",
        "status",
    )

    def __init__(self, dialect: Dialect) -> None:
        self.status: int | None = None
        self.headers = _NO_HEAD
        self._stream: StreamReader | None = None  # where it is one
        self._dialect = dialect
        self._body: list[bytes] = []  # of an answer that is no stream
        self._answer: Answer | None = None
        self._ended = False  # by its own framing
        self._spoiled = ""

    def head(self, status: int, lines: str) -> "Arrival | StreamReader":
        """Its head has come, in these lines. Says who takes the pieces of its body."""
        self.status = status
        self.headers = Head(lines)
        if _STREAM in lines and self.headers.fields.get("content-type", "").startswith(_STREAM):
            self._answer = self._begun()
            self._stream = StreamReader(self._answer, self._dialect)
        return self._stream or self

    def take(self, at: float, pieces: list[bytes]) -> None:  # noqa: ARG002 - as a stream's reader
        """More of a body that is no stream."""
        self._body += pieces

    def end(self, at: float) -> None:
        """The body has come to its end, by its own framing."""
        self._ended = True
        if self._stream is not None:
            self._stream.end(at)

    def spoil(self, problem: str) -> None:
        """Whatever else may come, it is no good answer."""
        self._spoiled = problem

    @property
    def until_close(self) -> bool:
        """Whether nothing but the end of its connection tells where it ends."""
        fields = self.headers.fields
        coding = fields.get("transfer-encoding", "").lower()
        framed = "content-length" in fields or "chunked" in coding
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

    def _begun(self) -> Answer:
        """The answer, as far as its head tells of it."""
        answer = Answer()
        if self.status is not None:
            self._dialect.take_head(answer, self.headers)
        encoding = self.headers.get("content-encoding")
        if encoding and encoding.lower() != "identity":
            answer.spoil(f"content-encoding {encoding[:40]}, although identity was asked for")
        return answer
