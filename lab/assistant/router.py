"""Routes a question over the fallback chain until one provider has begun to answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from gameday.domain.sample import Attempt, Outcome
from lab.assistant.attempt import AttemptError, ProviderClient, Stream
from lab.assistant.breaker import Breaker
from lab.assistant.dialect import Ask, Reading
from lab.assistant.settings import AssistantSettings


class NobodyAnsweredError(Exception):
    """Every attempt that the budget allows was lost before any content."""

    def __init__(self, attempts: Sequence[Attempt]) -> None:
        super().__init__("no provider answered")
        self.attempts = tuple(attempts)


class Answering(Protocol):
    """An answer that has begun, with the way that led to it."""

    served_by: str
    attempts: list[Attempt]
    reading: Reading

    def texts(self) -> AsyncIterator[str]:
        """All texts in order. Raises AttemptError when the answer is cut."""

    async def close(self) -> None:
        """Let go of the provider. Repeatable."""


class SwitchOver:
    """Holds back the first fallback answers of an outage, as an overlong timeout would."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open_at_s: float | None = None

    def primary_failed(self) -> None:
        if self._open_at_s is None:
            self._open_at_s = asyncio.get_running_loop().time() + self._seconds

    def primary_served(self) -> None:
        self._open_at_s = None

    async def wait(self) -> None:
        if self._open_at_s is not None:
            left_s = self._open_at_s - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, left_s))


class Routed:
    """An answer from a provider; its end decides what its breaker learns."""

    def __init__(
        self, stream: Stream, breaker: Breaker, attempts: list[Attempt], deadline_s: float
    ) -> None:
        self.served_by = attempts[-1].provider
        self.attempts = attempts
        self.reading = stream.reading
        self._stream = stream
        self._breaker = breaker
        self._deadline_s = deadline_s

    async def texts(self) -> AsyncIterator[str]:
        try:
            async for text in self._stream.texts(self._deadline_s):
                yield text
        except AttemptError as error:
            self._breaker.failed()
            cut = self.attempts[-1].model_copy(update={"outcome": error.outcome})
            self.attempts[-1] = cut
            raise
        else:
            self._breaker.succeeded()

    async def close(self) -> None:
        await self._stream.close()


class Router:
    """The fallback chain: providers in order of preference, each behind a breaker."""

    def __init__(self, settings: AssistantSettings) -> None:
        self._patience = settings.patience
        asked = settings.chain[:1] if settings.invents_fallback else settings.chain
        self._providers = [ProviderClient(up, settings.patience) for up in asked]
        self._breakers = {
            up.name: Breaker(settings.failures_to_open, settings.breaker_cooldown_s) for up in asked
        }
        self._switch_over = SwitchOver(settings.switch_over_s)

    async def answer(self, ask: Ask) -> Routed:
        """Find who answers `ask`. Raises NobodyAnsweredError."""
        clock = asyncio.get_running_loop().time
        give_up_s = clock() + self._patience.attempts_s
        attempts: list[Attempt] = []
        for provider in self._in_order():
            if len(attempts) == self._patience.attempts_max or clock() > give_up_s:
                break
            began_s = clock()
            try:
                stream = await provider.open(ask)
            except AttemptError as error:
                attempts.append(_attempt(provider, error.outcome, clock() - began_s))
                self._breakers[provider.name].failed()
                if provider is self._providers[0]:
                    self._switch_over.primary_failed()
                continue
            return await self._serve(provider, stream, attempts, began_s)
        raise NobodyAnsweredError(attempts)

    def _in_order(self) -> list[ProviderClient]:
        """List who may be tried now; everybody when nobody may, since one must be asked."""
        allowed = [p for p in self._providers if self._breakers[p.name].allows()]
        return allowed or self._providers

    async def _serve(
        self, provider: ProviderClient, stream: Stream, attempts: list[Attempt], began_s: float
    ) -> Routed:
        clock = asyncio.get_running_loop().time
        attempts.append(_attempt(provider, Outcome.OK, clock() - began_s))
        if provider is self._providers[0]:
            self._switch_over.primary_served()
        else:
            await self._switch_over.wait()
        # Reckoned from here: what holds an answer back is not the provider's slowness.
        deadline_s = clock() + self._patience.total_s
        return Routed(stream, self._breakers[provider.name], attempts, deadline_s)

    async def close(self) -> None:
        for provider in self._providers:
            await provider.close()


def _attempt(provider: ProviderClient, outcome: Outcome, elapsed_s: float) -> Attempt:
    return Attempt(provider=provider.name, outcome=outcome, elapsed_ms=round(elapsed_s * 1000, 1))
