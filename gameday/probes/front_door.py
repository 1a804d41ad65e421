"""Asks the front door, and turns what came back into samples."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from gameday.domain.errors import RefusedError
from gameday.domain.front_door import FrontDoor
from gameday.domain.sample import Sample
from gameday.probes.caller import Caller
from gameday.probes.deadlines import Deadlines
from gameday.probes.dialect import Asked, Dialect
from gameday.probes.dialects.anthropic import Anthropic
from gameday.probes.dialects.openai import OpenAI
from gameday.probes.dialects.template import Template
from gameday.probes.exchange import NEW_TALK, Due, Exchange, Talk
from gameday.probes.login import Session
from gameday.probes.origin import origin_of
from gameday.probes.pool import Pool
from gameday.probes.questions import Question
from gameday.probes.request import RequestIds, make_request
from gameday.probes.sampling import Sampling

_PIECES_MAX = 50_000  # requests that are kept ready
_RENEW_PAUSE_S = 1.0  # between two logins, however short their time is said to be


class FrontDoorClient:
    """One front door, asked over one pool of connections. Needs a running event loop."""

    def __init__(
        self,
        url: str,
        door: FrontDoor,
        *,
        caller: Caller,
        stream: bool,
        sampling: Sampling,
    ) -> None:
        self._door = door
        self.dialect = dialect_of(door)
        self._url = url
        self._caller = caller
        self._stream = stream
        # What the client saw of an exchange that has ended, as a sample and as bare values.
        self.sample, self.values = sampling.sample, sampling.values
        self._pool = Pool(origin_of(url, door.ca_file))
        self._ids = RequestIds()
        # Of the requests, by case and user.
        self._pieces: dict[tuple[str, str], list[bytes]] = {}
        self._in_flight = Deadlines(door.timeout, lambda late: late.time_out(door.timeout))
        self._hang_ups: dict[float, Deadlines] = {}
        self._session = _session(url, door, caller)
        self._keeping: asyncio.Task[None] | None = None
        self._renewals: set[asyncio.Task[None]] = set()  # the loop itself keeps no hold of a task

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    async def open(self) -> None:
        """Log in, where the front door wants it. Raises RefusedError."""
        if self._session is not None:
            await self._session.renew()
            self._keeping = asyncio.create_task(self._keep_session(self._session))

    def send(
        self,
        question: Question,
        due: Due,
        done: Callable[[Exchange], None],
        talk: Talk = NEW_TALK,
    ) -> None:
        """Send at once; `done` is called with the exchange at its end, whatever that is."""
        exchange = Exchange(question, due, self, done, talk)
        exchange.request_id = self._ids.next()
        exchange.request = self._request(exchange)
        self._in_flight.watch(exchange)
        if due.hangs_up_after_s is not None:
            self._hang_up_after(due.hangs_up_after_s).watch(exchange)
        self._pool.carry(exchange)

    def ended(self, exchange: Exchange) -> None:
        """An exchange says that it has ended."""
        if self._session is not None and exchange.status == 401 and not exchange.renewed:
            self._renew_for(exchange, self._session)
            return
        self._in_flight.forget(exchange)
        if exchange.due.hangs_up_after_s is not None:
            self._hang_up_after(exchange.due.hangs_up_after_s).forget(exchange)
        exchange.done(exchange)

    async def ask(self, question: Question, due: Due) -> Sample:
        """Ask, and record everything that the client can see. Never raises for a bad answer."""
        return self.sample(await self.exchange(question, due))

    async def exchange(self, question: Question, due: Due) -> Exchange:
        """Ask, and wait for the end."""
        ended: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        self.send(question, due, ended.set_result)
        return await ended

    def leave_all(self, why: str) -> None:
        """Hang up on whatever has not been answered yet."""
        for exchange in self._in_flight.watched():
            exchange.leave(why)

    async def aclose(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        self.leave_all("the client was closed")
        self._pool.close()
        for deadlines in (self._in_flight, *self._hang_ups.values()):
            deadlines.close()
        await asyncio.sleep(0)  # the transports close in the loop's next turn

    def _request(self, exchange: Exchange) -> bytes:
        """The whole request. A first turn is made once for its case and user, and cut at its id."""
        question, talk, request_id = exchange.question, exchange.talk, exchange.request_id
        user = exchange.due.user
        if talk.said:
            return self._make(question, request_id, talk, user)
        pieces = self._pieces.get((question.case, user))
        if pieces is None:
            blank = self._ids.blank  # as long as every id
            pieces = self._make(question, blank, talk, user).split(blank.encode())
            if len(self._pieces) >= _PIECES_MAX:
                self._pieces.clear()  # many cases times many users: made again as they come
            self._pieces[question.case, user] = pieces
        return request_id.encode().join(pieces)

    def _make(self, question: Question, request_id: str, talk: Talk, user: str) -> bytes:
        caller = self._caller
        asked = Asked(
            question.turn(talk.turn),
            request_id,
            self._stream,
            conversation_id=talk.id,
            turn=talk.turn,
            history=talk.said,
            key=caller.key,
        )
        wanted = caller.sign(self.dialect.ask(asked), request_id, self._door, user)
        if self._session is not None:
            wanted = wanted._replace(headers={**wanted.headers, **self._session.headers})
        return make_request(self._url, wanted)

    def _renew_for(self, exchange: Exchange, session: Session) -> None:
        """Log in again and send once more; its time goes on from when it was first sent."""
        exchange.renewed = True
        exchange.finished_at = None
        task = asyncio.create_task(self._send_again(exchange, session))
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)

    async def _send_again(self, exchange: Exchange, session: Session) -> None:
        try:
            await self._renewed(session)
        except RefusedError as error:
            exchange.answer.problem = error.sentence
            exchange.finish(time.monotonic())
            return
        if exchange.finished_at is None:  # nobody has lost patience meanwhile
            exchange.expect()
            exchange.note = "sent again after a new login"
            exchange.request = self._request(exchange)
            self._pool.carry(exchange)

    async def _keep_session(self, session: Session) -> None:
        """Log in again before the login is over. One that fails is told by the next 401."""
        while session.renew_at is not None:
            await asyncio.sleep(max(0.0, session.renew_at - time.monotonic()))
            with suppress(RefusedError):
                await self._renewed(session)
            await asyncio.sleep(_RENEW_PAUSE_S)

    async def _renewed(self, session: Session) -> None:
        await session.renew()
        self._pieces.clear()  # they carry the old token

    def _hang_up_after(self, after_s: float) -> Deadlines:
        if after_s not in self._hang_ups:
            why = f"hung up after {after_s * 1000:g} ms as the drill says"
            self._hang_ups[after_s] = Deadlines(after_s, lambda impatient: impatient.leave(why))
        return self._hang_ups[after_s]


def _session(url: str, door: FrontDoor, caller: Caller) -> Session | None:
    if door.login is None:
        return None
    return Session(url, door.login, secret=caller.login_secret, ca_file=door.ca_file)


def dialect_of(door: FrontDoor) -> Dialect:
    """How the front door is asked and how its answers are read."""
    match door.dialect:
        case "openai":
            return OpenAI(door)
        case "anthropic":
            return Anthropic(door)
        case "template":
            return Template(door)
