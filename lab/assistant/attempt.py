"""One attempt at one provider: opened until its first content, then read to its end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx

from gameday.domain.sample import Outcome
from lab.assistant.anthropic_dialect import AnthropicDialect
from lab.assistant.dialect import Ask, Dialect, MalformedError, Reading
from lab.assistant.openai_dialect import OpenAIDialect
from lab.assistant.settings import Patience, Upstream

_DIALECTS: dict[str, Dialect] = {"openai": OpenAIDialect(), "anthropic": AnthropicDialect()}
# Shorter than the servers' own, so that it is us who close an idle connection.
_KEEPALIVE_S = 5.0


class AttemptError(Exception):
    """The attempt is lost, in the way that `outcome` says."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Stream:
    """An answer that has begun: its first text is here, the rest is on its way."""

    def __init__(
        self,
        first: str,
        rest: AsyncIterator[str],
        reading: Reading,
        opened: contextlib.AsyncExitStack,
    ) -> None:
        self.first = first
        self.reading = reading
        self._rest = rest
        self._opened = opened

    async def texts(self, deadline_s: float) -> AsyncIterator[str]:
        """All texts in order. Raises AttemptError when the answer does not come to its end.

        deadline_s: on the event loop's clock.
        """
        yield self.first
        while True:
            try:
                async with asyncio.timeout_at(deadline_s):
                    text = await anext(self._rest, None)
            except (TimeoutError, httpx.HTTPError, MalformedError) as error:
                raise AttemptError(Outcome.CUT) from error
            if text is None:
                break
            yield text
        if not self.reading.whole:
            raise AttemptError(Outcome.CUT)

    async def close(self) -> None:
        await self._opened.aclose()


class ProviderClient:
    """The way to one provider, with its own pool of connections."""

    def __init__(self, upstream: Upstream, patience: Patience) -> None:
        self.name = upstream.name
        self.model = upstream.model
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

    async def open(self, ask: Ask) -> Stream:
        """Ask, and wait for the first content. Raises AttemptError."""
        opened = contextlib.AsyncExitStack()
        try:
            async with asyncio.timeout(self._patience.first_token_s):
                return await self._open(ask, opened)
        except BaseException as error:
            await opened.aclose()
            if isinstance(error, TimeoutError | httpx.HTTPError | MalformedError):
                raise AttemptError(_outcome(error)) from error
            raise

    async def _open(self, ask: Ask, opened: contextlib.AsyncExitStack) -> Stream:
        request = self._http.stream(
            "POST",
            self._dialect.path,
            json=self._dialect.body(ask, self.model),
            headers={"x-request-id": ask.request_id, **self._dialect.headers()},
        )
        response = await opened.enter_async_context(request)
        if response.status_code != httpx.codes.OK:
            raise AttemptError(Outcome.HTTP_ERROR)
        reading = Reading()
        texts = self._texts(response, reading)
        first = await anext(texts, None)
        if first is None:
            raise MalformedError("the stream ended without any content")
        return Stream(first, texts, reading, opened)

    async def _texts(self, response: httpx.Response, reading: Reading) -> AsyncIterator[str]:
        async for line in response.aiter_lines():
            if text := self._dialect.read(line, reading):
                yield text

    async def close(self) -> None:
        await self._http.aclose()


def _outcome(error: BaseException) -> Outcome:
    """How an attempt ended that brought no content."""
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
