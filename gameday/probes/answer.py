"""An answer, put together from a body or from stream events, whatever its dialect.

Whether it is whole is judged from what arrived: text, a finish reason and, in a stream, the end
mark. A status code says nothing about it.
"""

from msgspec import Struct, field

from gameday.domain.sample import Outcome


class CallParts(Struct):
    """A tool call, of which a stream brings the arguments in pieces."""

    name: str = ""
    arguments: str = ""


class Answer(Struct):
    """What has arrived so far. A dialect fills it; it never raises for what a server sends."""

    parts: list[str] = field(default_factory=list)
    finish_reason: str | None = None
    model: str | None = None
    fingerprint: str | None = None
    version: str | None = None
    served_by: str | None = None
    calls: dict[int, CallParts] | None = None  # of tools, by place; None: nobody tells of any
    sources: tuple[str, ...] | None = None  # what it was given to read; None: nobody tells
    tokens_in: int = 0
    tokens_in_cached: int = 0
    tokens_out: int = 0
    tokens_out_reasoning: int = 0
    cost_told_usd: float | None = None
    ended: bool = False  # the body, or the stream's end mark, arrived
    by_framing: bool = False  # it has no finish reason to wait for: its framing tells its end
    problem: str = ""
    # When each piece of content of a stream came, by time.monotonic().
    times: list[float] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def add(self, text: str) -> bool:
        """Take a piece of the text; True when there is something in it."""
        if text:
            self.parts.append(text)
        return bool(text)

    def call(self, place: int) -> CallParts:
        """The tool call at that place, made when it is first heard of."""
        if self.calls is None:
            self.calls = {}
        return self.calls.setdefault(place, CallParts())

    def spoil(self, problem: str) -> bool:
        """Say what is wrong with it. False, as no content came."""
        self.problem = self.problem or problem
        return False

    def outcome(self) -> tuple[Outcome, str]:
        """How the answer ended, and a few words when it did not end well."""
        if self.problem:
            return Outcome.CUT if self.parts else Outcome.MALFORMED, self.problem
        if not self.parts and not self.calls:
            return Outcome.MALFORMED, "no content"
        if not self.ended or (self.finish_reason is None and not self.by_framing):
            return Outcome.CUT, "the answer has no proper end"
        return Outcome.OK, ""
