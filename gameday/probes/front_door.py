"""Asks the front door one question and turns what came back into a sample."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from gameday.domain.sample import Outcome, Sample
from gameday.domain.scorer import Answered
from gameday.domain.scoring import Rated, RatedSet, Scored
from gameday.domain.synthetic import Synthetic, put_at
from gameday.domain.target import FrontDoor, Marker, Price
from gameday.probes.answer import Answer
from gameday.probes.attempts import parse_attempts
from gameday.probes.marking import mark_body, mark_headers
from gameday.store.redaction import redact

EXCERPT_CHARACTERS_MAX = 200
_BODY_BYTES_MAX = 1_000_000


@dataclass(frozen=True)
class Question:
    """One case, ready to be asked and scored."""

    case: str
    text: str
    rated: RatedSet
    seals: tuple[Rated, ...] = ()  # what checks want to know, by their own names


@dataclass(frozen=True)
class Due:
    """One slot of the schedule: its number, and when it was to be sent."""

    seq: int
    at: float  # time.monotonic() of the generator
    hangs_up_after_s: float | None = None  # an impatient client's


@dataclass(frozen=True)
class Caller:
    """Who asks: the run whose mark the requests carry, their key, and what keeps them apart."""

    run_id: str = ""  # without one nothing is marked
    key: str | None = field(default=None, repr=False)
    synthetic: Synthetic = field(default_factory=Synthetic)

    def headers(self, request_id: str, door: FrontDoor) -> dict[str, str]:
        key = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return {
            **key,
            **self.synthetic.request_headers(),
            "x-request-id": request_id,
            **mark_headers(self._marker(door), self._mark(request_id)),
        }

    def body(self, request_id: str, door: FrontDoor, body: dict[str, Any]) -> dict[str, Any]:
        for path, value in self.synthetic.request_body().items():
            body = put_at(body, path, value)
        return mark_body(self._marker(door), self._mark(request_id), body)

    def _mark(self, request_id: str) -> str:
        return f"{self.run_id}.{request_id}"

    def _marker(self, door: FrontDoor) -> Marker | None:
        return door.marker if self.run_id else None


class FrontDoorClient:
    """One front door, asked over one pool of connections."""

    def __init__(
        self,
        url: str,
        door: FrontDoor,
        *,
        caller: Caller,
        stream: bool,
        prices: dict[str, Price],
    ) -> None:
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._door = door
        self._stream = stream
        self._prices = prices
        self._caller = caller
        # trust_env off: a proxy variable of the operator's shell must not take part in a drill.
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(door.timeout), limits=httpx.Limits(), trust_env=False
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def ask(self, question: Question, due: Due) -> Sample:
        """Ask, and record everything that the client can see. Never raises for a bad answer."""
        exchange = _Exchange(due, f"gd-{uuid4().hex[:16]}")
        try:
            async with asyncio.timeout(due.hangs_up_after_s):
                await self._exchange(question, exchange)
        except TimeoutError:  # httpx has timeouts of its own, so this one is ours
            exchange.left()
        except httpx.HTTPError as error:
            exchange.failed(error)
        return self._sample(question, exchange)

    async def _exchange(self, question: Question, exchange: "_Exchange") -> None:
        """Send, and take what comes. Whoever cancels it has the connection closed."""
        async with self._http.stream(
            "POST",
            self._url,
            json=self._body(question, exchange.request_id),
            headers=self._caller.headers(exchange.request_id, self._door),
        ) as response:
            await exchange.receive(response)

    def _body(self, question: Question, request_id: str) -> dict[str, Any]:
        body = {
            "model": self._door.model,
            "messages": [{"role": "user", "content": question.text}],
            "stream": self._stream,
        }
        return self._caller.body(request_id, self._door, body)

    def _sample(self, question: Question, exchange: "_Exchange") -> Sample:
        answer, headers = exchange.answer, exchange.headers
        outcome, detail = exchange.outcome()
        good = outcome is Outcome.OK
        price = self._prices.get(answer.model or "")
        latency_ms = (time.monotonic() - exchange.due.at) * 1000
        answered = Answered(answer.text, answer.finish_reason, latency_ms=latency_ms)
        scored = Scored.of(question.rated, answered) if good else Scored()
        return Sample(
            seq=exchange.due.seq,
            case=question.case,
            intended_at=exchange.intended_at,
            finished_at=datetime.now(UTC),
            send_lag_ms=exchange.send_lag_ms,
            latency_ms=latency_ms,
            ttft_ms=exchange.ttft_ms,
            outcome=outcome,
            detail=detail or scored.problem,
            status=exchange.status,
            finish_reason=answer.finish_reason,
            served_by=headers.get(self._door.served_by_header),
            attempts=parse_attempts(headers.get(self._door.attempts_header)),
            model=answer.model,
            fingerprint=answer.fingerprint,
            version=headers.get(self._door.version_header),
            request_id=exchange.request_id,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            cost_usd=cost_usd(price, answer),
            scores=scored.scores,
            seals=_sealed(question.seals, answered) if good else {},
            quality=scored.quality,
            passed=scored.passed,
            answer_excerpt=redact(answer.text[:EXCERPT_CHARACTERS_MAX]),
        )


def _sealed(seals: tuple[Rated, ...], answered: Answered) -> dict[str, float]:
    """What could be told; a check counts what is missing as not looked at."""
    marks = [seal.mark(answered) for seal in seals]
    return {mark.name: mark.score for mark in marks if mark.score is not None}


def cost_usd(price: Price | None, answer: Answer) -> float:
    """What the answer cost by its own usage; 0 where the model has no price."""
    if price is None:
        return 0.0
    dollars = (
        answer.tokens_in * price.input_usd_per_mtok + answer.tokens_out * price.output_usd_per_mtok
    )
    return dollars / 1_000_000


class _Exchange:
    """One request under way."""

    def __init__(self, due: Due, request_id: str) -> None:
        self.due = due
        self.request_id = request_id
        self.send_lag_ms = max(0.0, (time.monotonic() - due.at) * 1000)
        self.intended_at = datetime.fromtimestamp(time.time() - self.send_lag_ms / 1000, tz=UTC)
        self.answer = Answer()
        self.headers: httpx.Headers = httpx.Headers()
        self.status: int | None = None
        self.ttft_ms: float | None = None
        self._failure: tuple[Outcome, str] | None = None

    async def receive(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            await self._receive_events(response)
        else:
            self.answer.take_body(await _read_bounded(response))

    async def _receive_events(self, response: httpx.Response) -> None:
        async for line in response.aiter_lines():
            if line.startswith("data:"):
                brought_content = self.answer.take_event(line.removeprefix("data:").strip())
                if brought_content and self.ttft_ms is None:
                    self.ttft_ms = (time.monotonic() - self.due.at) * 1000

    def failed(self, error: httpx.HTTPError) -> None:
        self._failure = _transport_failure(error, began=bool(self.answer.text))

    def left(self) -> None:
        """The client has hung up, as it was told to."""
        after_ms = (self.due.hangs_up_after_s or 0.0) * 1000
        self._failure = Outcome.LEFT, f"hung up after {after_ms:g} ms as the drill says"

    def outcome(self) -> tuple[Outcome, str]:
        if self._failure is not None:
            return self._failure
        if self.status is None or self.status >= 400:
            return Outcome.HTTP_ERROR, f"status {self.status}; {self.answer.problem}"
        return self.answer.outcome()


async def _read_bounded(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _BODY_BYTES_MAX:
            break
    return body


def _transport_failure(error: httpx.HTTPError, *, began: bool) -> tuple[Outcome, str]:
    detail = type(error).__name__
    if began:
        return Outcome.CUT, detail
    if isinstance(error, httpx.TimeoutException):
        return Outcome.TIMEOUT, detail
    if isinstance(error, httpx.ConnectError):
        return Outcome.REFUSED, detail
    return Outcome.RESET, detail
