"""One attempt at one provider: opened until its answer has begun, then read to its end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from gameday.domain.sample import Outcome
from lab.assistant.anthropic_dialect import AnthropicDialect
from lab.assistant.dialect import DECLINED, Ask, Dialect, MalformedError, Reading
from lab.assistant.failure import PASSING, Failure, read_failure
from lab.assistant.openai_dialect import OpenAIDialect
from lab.assistant.settings import Patience, Upstream

_DIALECTS: dict[str, Dialect] = {"openai": OpenAIDialect(), "anthropic": AnthropicDialect()}
# Shorter than the servers' own, so that it is us who close an idle connection.
_KEEPALIVE_S = 5.0
# One piece proves little: who trickles or cuts early is left before the client got anything.
_TEXTS_TO_BEGIN = 2
_ERROR_BYTES_MAX = 64_000
_MODELS_PATH = "/v1/models"  # in both dialects
_WORDLESS_REFUSAL = "I cannot answer that."


class AttemptError(Exception):
    """The attempt is lost, in the way that `outcome` says."""

    def __init__(self, outcome: Outcome, failure: Failure = PASSING) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
        self.failure = failure


@dataclass(frozen=True)
class Begun:
    """An answer that is coming: its first texts, and where the others come from."""

    reading: Reading
    first: Sequence[str]
    rest: AsyncIterator[str]


class Stream:
    """An answer that has begun, and the connection that it comes over."""

    def __init__(
        self, begun: Begun, opened: contextlib.AsyncExitStack, *, idle_s: float | None
    ) -> None:
        self.reading = begun.reading
        self._begun = begun
        self._opened = opened
        self._idle_s = idle_s

    async def texts(self, deadline_s: float | None) -> AsyncIterator[str]:
        """All texts in order. Raises AttemptError when the answer does not come to its end.

        deadline_s: on the event loop's clock.
        """
        for text in self._begun.first:
            yield text
        while True:
            # Counts texts: a comment that keeps the connection alive is no sign of an answer.
            idle_s = soonest(deadline_s, from_now(self._idle_s))
            try:
                async with asyncio.timeout_at(idle_s):
                    following = await anext(self._begun.rest, None)
            except (TimeoutError, httpx.HTTPError, MalformedError) as error:
                raise AttemptError(Outcome.CUT) from error
            if following is None:
                break
            yield following
        if not self.reading.whole:
            raise AttemptError(Outcome.CUT)

    async def close(self) -> None:
        await self._opened.aclose()


class ProviderClient:
    """The way to one provider, with its own pool of connections."""

    def __init__(self, upstream: Upstream, patience: Patience) -> None:
        self.name = upstream.name
        self._model = upstream.model
        self._dialect = _DIALECTS[upstream.dialect]
        self._patience = patience
        self._http = httpx.AsyncClient(
            base_url=upstream.url,
            trust_env=False,
            timeout=httpx.Timeout(patience.total_s, connect=patience.connect_s),
            limits=httpx.Limits(
                max_connections=200,
                max_keepalive_connections=50,
                keepalive_expiry=_KEEPALIVE_S,
            ),
        )

    async def open(self, ask: Ask, until_s: float | None) -> Stream:
        """Ask, and wait until the answer has begun. Raises AttemptError.

        until_s: when it is given up, on the event loop's clock.
        """
        opened = contextlib.AsyncExitStack()
        try:
            async with asyncio.timeout_at(until_s):
                begun = await self._open(ask, opened)
        except BaseException as error:
            await opened.aclose()
            if isinstance(error, TimeoutError | httpx.HTTPError | MalformedError):
                raise AttemptError(_outcome(error)) from error
            raise
        return Stream(begun, opened, idle_s=self._patience.idle_s)

    async def _open(self, ask: Ask, opened: contextlib.AsyncExitStack) -> Begun:
        request = self._http.stream(
            "POST",
            self._dialect.path,
            json=self._dialect.body(ask, self._asked_for(ask)),
            headers={**ask.marks, "x-request-id": ask.request_id, **self._dialect.headers()},
        )
        response = await opened.enter_async_context(request)
        if response.status_code != httpx.codes.OK:
            return await self._declined(response, self._asked_for(ask))
        reading = Reading(asked_for=self._asked_for(ask))
        texts = self._texts(response, reading)
        return Begun(reading, await _first_of(texts, reading), texts)

    def _asked_for(self, ask: Ask) -> str:
        return ask.models.get(self.name, self._model)

    async def serves(self, model: str) -> bool:
        """Whether the provider lists `model`. Raises httpx.HTTPError, ValueError or KeyError."""
        answer = await self._http.get(_MODELS_PATH)
        listed = answer.raise_for_status().json()["data"]
        return model in [one["id"] for one in listed]

    async def _declined(self, response: httpx.Response, model: str) -> Begun:
        """An answer that says why there is none. Raises AttemptError for any other failure."""
        body = await _read_bounded(response)
        failure = read_failure(response.status_code, response.headers, body, datetime.now(UTC))
        if not failure.declined:
            raise AttemptError(Outcome.HTTP_ERROR, failure)
        reading = Reading(asked_for=model, model=model, finish_reason=DECLINED, whole=True)
        return Begun(reading, (_WORDLESS_REFUSAL,), _nothing())

    async def _texts(self, response: httpx.Response, reading: Reading) -> AsyncIterator[str]:
        async for line in response.aiter_lines():
            if text := self._dialect.read(line, reading):
                yield text

    async def close(self) -> None:
        await self._http.aclose()


async def _first_of(texts: AsyncIterator[str], reading: Reading) -> Sequence[str]:
    """Take as much as tells that an answer is coming, or all of it. Raises MalformedError."""
    first: list[str] = []
    while len(first) < _TEXTS_TO_BEGIN:
        text = await anext(texts, None)
        if text is None:
            break
        first.append(text)
    else:
        return first
    if not first and reading.whole and reading.finish_reason == DECLINED:
        return (_WORDLESS_REFUSAL,)
    if not first or not reading.whole:
        raise MalformedError("the stream ended before its answer did")
    return first


async def _nothing() -> AsyncIterator[str]:
    """No further texts."""
    texts: tuple[str, ...] = ()
    for text in texts:
        yield text


async def _read_bounded(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _ERROR_BYTES_MAX:
            break
    return body


def from_now(seconds: float | None) -> float | None:
    """That moment on the event loop's clock; None, which is never, for None."""
    return None if seconds is None else asyncio.get_running_loop().time() + seconds


def soonest(*moments: float | None) -> float | None:
    """The first of these bounds; None when none of them bounds anything."""
    return min((moment for moment in moments if moment is not None), default=None)


def _outcome(error: BaseException) -> Outcome:
    """How an attempt ended that brought no answer."""
    match error:
        case httpx.ConnectError():
            return Outcome.REFUSED
        case TimeoutError() | httpx.TimeoutException():
            return Outcome.TIMEOUT
        case httpx.TransportError():
            # Also a pooled connection that the other side had dropped: the request is lost.
            return Outcome.RESET
        case _:
            return Outcome.MALFORMED
