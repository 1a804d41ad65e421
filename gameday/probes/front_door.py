"""Asks the front door, and turns what came back into samples."""

import asyncio
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from gameday.domain.errors import FileError
from gameday.domain.front_door import FrontDoor
from gameday.domain.price import Price
from gameday.domain.sample import Outcome, Sample
from gameday.domain.scorer import Answered
from gameday.domain.scoring import Rated, Scored
from gameday.probes.answer import Answer
from gameday.probes.attempts import parse_attempts
from gameday.probes.caller import Caller
from gameday.probes.deadlines import Deadlines
from gameday.probes.dialect import Asked, Dialect
from gameday.probes.dialects.anthropic import Anthropic
from gameday.probes.dialects.openai import OpenAI
from gameday.probes.dialects.template import Template
from gameday.probes.exchange import Due, Exchange
from gameday.probes.pool import Origin, Pool
from gameday.probes.questions import Question
from gameday.probes.request import RequestIds, make_request
from gameday.store.redaction import redact

EXCERPT_CHARACTERS_MAX = 200


class FrontDoorClient:
    """One front door, asked over one pool of connections. Needs a running event loop."""

    def __init__(
        self,
        url: str,
        door: FrontDoor,
        *,
        caller: Caller,
        stream: bool,
        prices: dict[str, Price],
    ) -> None:
        self._door = door
        self._dialect = dialect_of(door)
        self._url = url
        self._caller = caller
        self._stream = stream
        self._prices = prices
        self._pool = Pool(_origin(url, door))
        self._ids = RequestIds()
        self._pieces: dict[str, list[bytes]] = {}  # of the requests, by case
        self._patience = Deadlines(door.timeout, lambda late: late.time_out(door.timeout))
        self._hang_ups: dict[float, Deadlines] = {}
        self._in_flight: set[Exchange] = set()

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def send(self, question: Question, due: Due, done: Callable[[Exchange], None]) -> None:
        """Send at once; `done` is called with the exchange at its end, whatever that is."""
        exchange = Exchange(question, due, self._dialect, self._done_with(done))
        exchange.request_id = self._ids.next()
        exchange.request = exchange.request_id.encode().join(self._prepared(question))
        self._in_flight.add(exchange)
        self._patience.watch(exchange)
        if due.hangs_up_after_s is not None:
            self._hang_up_after(due.hangs_up_after_s).watch(exchange)
        self._pool.carry(exchange)

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
        for exchange in list(self._in_flight):
            exchange.leave(why)

    async def aclose(self) -> None:
        self.leave_all("the client was closed")
        self._pool.close()
        for deadlines in (self._patience, *self._hang_ups.values()):
            deadlines.close()
        await asyncio.sleep(0)  # the transports close in the loop's next turn

    def sample(self, exchange: Exchange) -> Sample:
        """What the client saw of an exchange that has ended."""
        answer, due = exchange.answer, exchange.due
        outcome, detail = exchange.outcome()
        good = outcome is Outcome.OK
        question, text = exchange.question, answer.text
        finished_at = exchange.finished_at or time.monotonic()
        latency_ms = (finished_at - due.at) * 1000
        answered = Answered(text, answer.finish_reason, latency_ms=latency_ms)
        scored = Scored.of(question.rated, answered) if good else Scored()
        to_wall = time.time() - time.monotonic()
        return Sample(
            seq=due.seq,
            case=question.case,
            intended_at=datetime.fromtimestamp(to_wall + due.at, UTC),
            finished_at=datetime.fromtimestamp(to_wall + finished_at, UTC),
            send_lag_ms=max(0.0, (exchange.sent_at - due.at) * 1000),
            latency_ms=latency_ms,
            ttft_ms=None if exchange.ttft_at is None else (exchange.ttft_at - due.at) * 1000,
            gap_ms_mean=exchange.gap_s_sum / exchange.gaps * 1000 if exchange.gaps else None,
            gap_ms_max=exchange.gap_s_max * 1000 if exchange.gaps else None,
            outcome=outcome,
            detail=detail or scored.problem,
            status=exchange.status,
            finish_reason=answer.finish_reason,
            served_by=answer.served_by or _header(exchange, self._door.served_by_header),
            attempts=parse_attempts(_header(exchange, self._door.attempts_header)),
            model=answer.model,
            fingerprint=answer.fingerprint,
            version=answer.version or _header(exchange, self._door.version_header),
            request_id=exchange.request_id,
            tokens_in=answer.tokens_in,
            tokens_in_cached=answer.tokens_in_cached,
            tokens_out=answer.tokens_out,
            tokens_out_reasoning=answer.tokens_out_reasoning,
            cost_usd=cost_usd(self._prices.get(answer.model or ""), answer),
            scores=scored.scores,
            seals=_sealed(question.seals, answered) if good else {},
            quality=scored.quality,
            passed=scored.passed,
            answer_excerpt=redact(text[:EXCERPT_CHARACTERS_MAX]),
        )

    def _prepared(self, question: Question) -> list[bytes]:
        """The request that asks `question`, cut where its id goes: all ids are equally long."""
        pieces = self._pieces.get(question.case)
        if pieces is None:
            blank, caller = self._ids.blank, self._caller
            asked = Asked(question.text, blank, self._stream, key=caller.key)
            wanted = caller.sign(self._dialect.ask(asked), blank, self._door)
            pieces = make_request(self._url, wanted).split(blank.encode())
            self._pieces[question.case] = pieces
        return pieces

    def _done_with(self, done: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
        def end(exchange: Exchange) -> None:
            self._in_flight.discard(exchange)
            done(exchange)

        return end

    def _hang_up_after(self, after_s: float) -> Deadlines:
        if after_s not in self._hang_ups:
            why = f"hung up after {after_s * 1000:g} ms as the drill says"
            self._hang_ups[after_s] = Deadlines(after_s, lambda impatient: impatient.leave(why))
        return self._hang_ups[after_s]


def dialect_of(door: FrontDoor) -> Dialect:
    """How the front door is asked and how its answers are read."""
    match door.dialect:
        case "openai":
            return OpenAI(door)
        case "anthropic":
            return Anthropic(door)
        case "template":
            return Template(door)


def cost_usd(price: Price | None, answer: Answer) -> float:
    """What the answer cost by its own usage; 0 where the model has no price."""
    if price is None:
        return 0.0
    return price.input_usd(answer.tokens_in) + price.output_usd(answer.tokens_out)


def _sealed(seals: tuple[Rated, ...], answered: Answered) -> dict[str, float]:
    """What could be told; a check counts what is missing as not looked at."""
    marks = [seal.mark(answered) for seal in seals]
    return {mark.name: mark.score for mark in marks if mark.score is not None}


def _header(exchange: Exchange, name: str) -> str | None:
    value = exchange.headers.get(name.lower().encode())
    return None if value is None else value.decode("latin-1")


def _origin(url: str, door: FrontDoor) -> Origin:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    tls = ssl.create_default_context() if secure else None
    if tls is not None and door.ca_file is not None:
        _trust(tls, door.ca_file)
    return Origin(parts.hostname or "", parts.port or (443 if secure else 80), tls)


def _trust(tls: ssl.SSLContext, ca_file: str) -> None:
    try:
        tls.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise FileError(
            f"{ca_file}  is no file of certificates: {error}",
            next_step="let front_door.ca_file name a PEM file with the authority's certificate",
        ) from error
