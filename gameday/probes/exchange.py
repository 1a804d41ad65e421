"""One request under way: when it was due, sent and ended, and how."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct

from gameday.domain.sample import Group, Outcome
from gameday.probes.answer import Answer
from gameday.probes.arrival import Arrival
from gameday.probes.dialect import Dialect, Turn
from gameday.probes.head import Head

if TYPE_CHECKING:
    from gameday.probes.connection import Connection
    from gameday.probes.questions import Question


class Due(Struct, frozen=True):
    """One slot of the schedule: its number, and when it was to be sent."""

    seq: int
    at: float  # time.monotonic() of the generator
    hangs_up_after_s: float | None = None  # an impatient client's
    group: Group = "experiment"
    user: str = ""  # who asks; '' where nobody is told apart


class Talk(NamedTuple):
    """The conversation that a request goes on with."""

    id: str = ""  # of its first request; '' for that one
    said: tuple[Turn, ...] = ()
    began_at: float | None = None  # when its first request was due, time.monotonic()

    @property
    def turn(self) -> int:
        return len(self.said) // 2


NEW_TALK = Talk()


class Client(Protocol):
    """Whose exchange it is."""

    @property
    def dialect(self) -> Dialect: ...

    def ended(self, exchange: "Exchange") -> None:
        """It has ended, well or not."""


class Exchange:
    """One request and its answer, told by a connection what comes. Times are time.monotonic()."""

    __slots__ = (
        "_failure",
        "arrival",
        "client",
        "connecting",
        "connection",
        "done",
        "due",
        "finished_at",
        "note",
        "question",
        "renewed",
        "request",
        "request_id",
        "sent_at",
        "talk",
    )  # fmt: skip

    def __init__(
        self,
        question: "Question",
        due: Due,
        client: Client,
        done: Callable[["Exchange"], None],
        talk: Talk = NEW_TALK,
    ) -> None:
        self.question = question
        self.due = due
        self.client = client
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
        self.arrival = Arrival(self.client.dialect)

    @property
    def answer(self) -> Answer:
        """What the dialect makes of what has come. Ask when it has ended."""
        return self.arrival.answer

    @property
    def status(self) -> int | None:
        return self.arrival.status

    @property
    def headers(self) -> Head:
        return self.arrival.headers

    def go_on(self) -> Talk:
        """The conversation with this question and its answer in it."""
        turn, said = self.talk.turn, self.talk.said
        mine = Turn("user", self.question.turn(turn)), Turn("assistant", self.answer.text)
        began_at = self.due.at if self.talk.began_at is None else self.talk.began_at
        return Talk(self.talk.id or self.request_id, (*said, *mine), began_at)

    # --- what its connection tells ------------------------------------------------------------

    def end(self, at: float) -> None:
        """The body has come to its end, by its own framing."""
        self.arrival.end(at)
        self.finish(at)

    def spoil(self, problem: str, at: float) -> None:
        """Whatever else may come, it is no good answer."""
        self.arrival.spoil(problem)
        self.finish(at)

    def lost(self, outcome: Outcome, detail: str) -> None:
        """The connection has failed it, or could not be made."""
        self._fail(outcome, detail)

    # --- what its client tells ----------------------------------------------------------------

    def time_out(self, after_s: float) -> None:
        self._fail(Outcome.TIMEOUT, f"no end within {after_s:g} s")

    def leave(self, detail: str) -> None:
        """The client hangs up."""
        self._fail(Outcome.LEFT, detail)

    def finish(self, at: float) -> None:
        """It has ended, well or not; once."""
        if self.finished_at is None:
            self.finished_at = at
            if self.connecting is not None or self.connection is not None:
                self._let_go()
            self.client.ended(self)

    def outcome(self) -> tuple[Outcome, str]:
        """How it ended, and a few words when it did not end well."""
        if self._failure is not None:
            return self._failed(*self._failure)
        answer, status = self.arrival.answer, self.arrival.status
        if status is None or status >= 400:
            return Outcome.HTTP_ERROR, f"status {status}; {answer.problem}"
        outcome, detail = answer.outcome()
        return outcome, detail or self.note

    def _failed(self, outcome: Outcome, detail: str) -> tuple[Outcome, str]:
        """An answer that had begun was cut, unless it was the client that left."""
        begun = outcome is not Outcome.LEFT and bool(self.answer.parts)
        return (Outcome.CUT if begun else outcome), detail

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
