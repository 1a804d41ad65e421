"""Routes a question over the fallback chain until one provider has begun to answer."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gameday.domain.sample import Attempt, Outcome
from lab.assistant.attempt import AttemptError, ProviderClient, Stream, from_now, soonest
from lab.assistant.breaker import Breaker
from lab.assistant.dialect import Ask, Reading
from lab.assistant.failure import Failure, FailureKind
from lab.assistant.settings import AssistantSettings, Caution, Patience, Upstream
from lab.assistant.switch_over import SwitchOver

_RETRY_AFTER_S_MAX = 60.0


class NobodyAnsweredError(Exception):
    """Every attempt that the budget allows was lost before any content, or none was allowed."""

    def __init__(self, attempts: Sequence[Attempt], retry_after_s: float) -> None:
        super().__init__("no provider answered")
        self.attempts = tuple(attempts)
        self.retry_after_s = retry_after_s  # until somebody will be asked again


class Answering(Protocol):
    """An answer that has begun, with the way that led to it."""

    served_by: str
    attempts: list[Attempt]
    reading: Reading

    def texts(self) -> AsyncIterator[str]:
        """All texts in order. Raises AttemptError when the answer is cut."""

    async def close(self) -> None:
        """Let go of the provider. Repeatable."""


@dataclass(frozen=True)
class Link:
    """One provider of the chain, and the breaker that it is behind."""

    provider: ProviderClient
    breaker: Breaker

    @classmethod
    def to(cls, upstream: Upstream, settings: AssistantSettings) -> "Link":
        caution = settings.caution
        primary = upstream is settings.chain[0]
        stays_away = primary and not caution.returns_to_primary
        breaker = Breaker(caution, cooldown_s=math.inf if stays_away else None)
        return cls(ProviderClient(upstream, settings.patience), breaker)

    def failed(self, failure: Failure, caution: Caution) -> None:
        if failure.kind not in caution.uncounted:
            self.breaker.failed(
                at_once=failure.kind is FailureKind.HOPELESS,
                leave_alone_s=failure.retry_after_s or 0.0,
            )


class Budget:
    """What one request may still spend, and the attempts that it was spent on."""

    def __init__(self, patience: Patience) -> None:
        self.attempts: list[Attempt] = []
        self.give_up_s = from_now(patience.attempts_s)
        self._attempts_max = patience.attempts_max

    def is_left(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        in_time = self.give_up_s is None or now_s < self.give_up_s
        return in_time and len(self.attempts) < self._attempts_max

    def spent(self, provider: ProviderClient, outcome: Outcome, began_s: float) -> None:
        elapsed_ms = round((time.monotonic() - began_s) * 1000, 1)
        self.attempts.append(
            Attempt(provider=provider.name, outcome=outcome, elapsed_ms=elapsed_ms)
        )


class Routed:
    """An answer from a provider; its end decides what the breaker learns."""

    def __init__(
        self,
        stream: Stream,
        breaker: Breaker,
        attempts: list[Attempt],
        *,
        began_s: float,
        deadline_s: float | None,
    ) -> None:
        self.served_by = attempts[-1].provider
        self.attempts = attempts
        self.reading = stream.reading
        self._stream = stream
        self._breaker = breaker
        self._began_s = began_s
        self._deadline_s = deadline_s

    async def texts(self) -> AsyncIterator[str]:
        try:
            async for text in self._stream.texts(self._deadline_s):
                yield text
        except AttemptError as error:
            self._breaker.failed()
            cut = self.attempts[-1]._replace(outcome=error.outcome)
            self.attempts[-1] = cut
            raise
        else:
            self._breaker.succeeded(self._began_s)

    async def close(self) -> None:
        await self._stream.close()


class Router:
    """The fallback chain: providers in order of preference, each behind a breaker."""

    def __init__(
        self,
        settings: AssistantSettings,
        first: Callable[[], str] | None = None,
        build: Callable[[], str] | None = None,
    ) -> None:
        """first: which provider is asked before the others; the chain's own first unless said.

        build: which build of the chain is in use. Each has connections and breakers of its own.
        """
        self._settings = settings
        self._first = first or (lambda: settings.chain[0].name)
        self._build = build or (lambda: "")
        self._chains = {self._build(): self._new_chain()}
        self._switch_over = SwitchOver(settings.switch_over_s)

    async def answer(self, ask: Ask) -> Routed:
        """Find who answers `ask`. Raises NobodyAnsweredError."""
        budget, chain = Budget(self._settings.patience), self._in_order()
        for place, link in enumerate(chain, start=1):
            tries = 0
            # Asked of the breaker only when its turn has come: a yes may be its only trial.
            while budget.is_left() and link.breaker.allows():
                began_s = time.monotonic()
                try:
                    at_last = all(other.breaker.trial_in_s() for other in chain[place:])
                    stream = await link.provider.open(ask, self._until_s(budget, at_last=at_last))
                except AttemptError as lost:
                    self._lost(link, lost, budget, began_s)
                    tries += 1
                    if not await self._tries_again(lost.failure, tries):
                        break
                else:
                    return await self._serve(link, stream, budget, began_s)
        raise NobodyAnsweredError(budget.attempts, self._retry_after_s())

    @property
    def _chain(self) -> list[Link]:
        """That of the build in use."""
        build = self._build()
        if build not in self._chains:
            self._chains[build] = self._new_chain()
        return self._chains[build]

    def _new_chain(self) -> list[Link]:
        whole = self._settings.chain
        asked = whole[:1] if self._settings.invents_fallback else whole
        return [Link.to(upstream, self._settings) for upstream in asked]

    def _in_order(self) -> list[Link]:
        first = self._first()
        return sorted(self._chain, key=lambda link: link.provider.name != first)

    def _until_s(self, budget: Budget, *, at_last: bool) -> float | None:
        """at_last: nobody stands by who could be asked next."""
        patience = self._settings.patience
        begin_s = patience.begin_at_last_s if at_last else patience.begin_s
        return soonest(budget.give_up_s, from_now(begin_s))

    def _lost(self, link: Link, lost: AttemptError, budget: Budget, began_s: float) -> None:
        budget.spent(link.provider, lost.outcome, began_s)
        link.failed(lost.failure, self._settings.caution)
        if link is self._chain[0]:
            self._switch_over.primary_failed()

    async def _tries_again(self, failure: Failure, tries: int) -> bool:
        """Whether the same provider is asked once more; a healthy assistant asks the next one."""
        retries = self._settings.retries
        if tries >= retries.tries.get(failure.kind, 1):
            return False
        await asyncio.sleep(min(failure.retry_after_s or 0.0, retries.waits_s_max))
        return True

    async def _serve(self, link: Link, stream: Stream, budget: Budget, began_s: float) -> Routed:
        budget.spent(link.provider, Outcome.OK, began_s)
        if link is self._chain[0]:
            self._switch_over.primary_served()
        else:
            await self._hold_back(stream)
        # Reckoned from here: what holds an answer back is not the provider's slowness.
        deadline_s = from_now(self._settings.patience.total_s)
        return Routed(stream, link.breaker, budget.attempts, began_s=began_s, deadline_s=deadline_s)

    async def _hold_back(self, stream: Stream) -> None:
        try:
            await self._switch_over.wait()
        except asyncio.CancelledError:  # the client has left: nobody else would close it
            await stream.close()
            raise

    def _retry_after_s(self) -> float:
        return min(_RETRY_AFTER_S_MAX, *(link.breaker.trial_in_s() for link in self._chain))

    async def close(self) -> None:
        for chain in self._chains.values():
            for link in chain:
                await link.provider.close()
