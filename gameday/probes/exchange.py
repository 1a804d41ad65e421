"""One request under way: what has come of its answer, and when."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from gameday.domain.sample import Group, Outcome
from gameday.probes.answer import Answer
from gameday.probes.dialect import Dialect, Turn
from gameday.probes.events import EventReader

if TYPE_CHECKING:
    from gameday.probes.connection import Connection
    from gameday.probes.questions import Question

BODY_BYTES_MAX = 4_000_000
Headers = dict[bytes, bytes]


class Due(NamedTuple):
    """One slot of the schedule: its number, and when it was to be sent."""

    seq: int
    at: float  # time.monotonic() of the generator
    hangs_up_after_s: float | None = None  # an impatient client's
    group: Group = "experiment"


class Talk(NamedTuple):
    """The conversation that a request goes on with."""

    id: str = ""  # of its first request; '' for that one
    said: tuple[Turn, ...] = ()

    @property
    def turn(self) -> int:
        return len(self.said) // 2


NEW_TALK = Talk()


class Exchange:
    """One request and its answer, told by a connection what comes; `done` is called at its end.

    Times are time.monotonic(). An answer's pieces carry the moment at which they were read from
    the connection, not that at which they were understood.
    """

    __slots__ = (
        "_body",
        "_body_bytes",
        "_events",
        "_failure",
        "answer",
        "began",
        "connecting",
        "connection",
        "dialect",
        "done",
        "due",
        "finished_at",
        "gap_s_max",
        "gap_s_sum",
        "gaps",
        "headers",
        "note",
        "question",
        "renewed",
        "request",
        "request_id",
        "seen_at",
        "sent_at",
        "status",
        "talk",
        "ttft_at",
    )  # fmt: skip

    def __init__(
        self,
        question: "Question",
        due: Due,
        dialect: Dialect,
        done: Callable[["Exchange"], None],
        talk: Talk = NEW_TALK,
    ) -> None:
        self.question = question
        self.due = due
        self.dialect = dialect
        self.done = done
        self.talk = talk
        self.renewed = False  # sent again after a new login
        self.request_id = ""
        self.request = b""
        self.sent_at = time.monotonic()
        self.finished_at: float | None = None
        self.connection: Connection | None = None
        self.connecting: asyncio.Task[None] | None = None
        self.note = ""  # what is to be said of an exchange that went well all the same
        self._failure: tuple[Outcome, str] | None = None
        self.expect()

    def expect(self) -> None:
        """As before an answer: nothing has come."""
        self.answer = Answer()
        self.status: int | None = None
        self.headers: Headers = {}
        self.began = False  # some byte of an answer came
        self.ttft_at: float | None = None
        self.seen_at = 0.0  # when the last piece of content came
        self.gaps = 0
        self.gap_s_sum = self.gap_s_max = 0.0
        self._events: EventReader | None = None
        self._body: list[bytes] = []
        self._body_bytes = 0

    def go_on(self) -> Talk:
        """The conversation with this question and its answer in it."""
        turn, said = self.talk.turn, self.talk.said
        mine = Turn("user", self.question.turn(turn)), Turn("assistant", self.answer.text)
        return Talk(self.talk.id or self.request_id, (*said, *mine))

    # --- what its connection tells ------------------------------------------------------------

    def head(self, status: int, headers: Headers) -> None:
        self.status = status
        self.headers = headers
        self.dialect.take_head(self.answer, headers)
        if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
            self._events = EventReader()
        encoding = headers.get(b"content-encoding", b"identity").lower()
        if encoding != b"identity":
            said = encoding[:40].decode("latin-1")
            self.answer.spoil(f"content-encoding {said}, although identity was asked for")

    def body(self, data: bytes, at: float) -> None:
        self._body_bytes += len(data)
        if self._body_bytes > BODY_BYTES_MAX:
            self.answer.spoil(f"more than {BODY_BYTES_MAX:,} bytes")
            self.finish(at)
        elif self._events is None:
            self._body.append(data)
        else:
            self._take(self._events.feed(data), at)

    def end(self, at: float) -> None:
        """The body has come to its end, by its own framing."""
        if self._events is not None:
            self._take(self._events.end(), at)
            self.dialect.take_end(self.answer)
        elif not self.answer.problem:
            self.dialect.take_body(self.answer, b"".join(self._body))
        self.finish(at)

    def lost(self, outcome: Outcome, detail: str) -> None:
        """The connection has failed it, or could not be made."""
        self._fail(Outcome.CUT if self.answer.parts else outcome, detail)

    # --- what its client tells ----------------------------------------------------------------

    def time_out(self, after_s: float) -> None:
        self._fail(
            Outcome.CUT if self.answer.parts else Outcome.TIMEOUT, f"no end within {after_s:g} s"
        )

    def leave(self, detail: str) -> None:
        """The client hangs up."""
        self._fail(Outcome.LEFT, detail)

    def finish(self, at: float) -> None:
        """It has ended, well or not; once."""
        if self.finished_at is None:
            self.finished_at = at
            self._let_go()
            self.done(self)

    def outcome(self) -> tuple[Outcome, str]:
        """How it ended, and a few words when it did not end well."""
        if self._failure is not None:
            return self._failure
        if self.status is None or self.status >= 400:
            return Outcome.HTTP_ERROR, f"status {self.status}; {self.answer.problem}"
        outcome, detail = self.answer.outcome()
        return outcome, detail or self.note

    def _take(self, events: list[tuple[bytes, bytes]], at: float) -> None:
        for name, data in events:
            if self.dialect.take_event(self.answer, name, data):
                self._see_content(at)

    def _see_content(self, at: float) -> None:
        if self.ttft_at is None:
            self.ttft_at = at
        else:
            gap_s = at - self.seen_at
            self.gaps += 1
            self.gap_s_sum += gap_s
            if gap_s > self.gap_s_max:  # noqa: PLR1730 - max() costs as much as all the rest here
                self.gap_s_max = gap_s
        self.seen_at = at

    def _fail(self, outcome: Outcome, detail: str) -> None:
        if self.finished_at is None:
            self._failure = outcome, detail
            self.finish(time.monotonic())

    def _let_go(self) -> None:
        """Nothing more of it is wanted."""
        if self.connecting is not None:
            self.connecting.cancel()
            self.connecting = None
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.drop()
