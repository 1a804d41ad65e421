"""Counts, in windows of samples, the requests whose attempts at a provider show a fault."""

from collections.abc import Callable
from dataclasses import dataclass

from gameday.domain.fault import Felt
from gameday.domain.sample import Attempt, Outcome, Window

Shows = Callable[[Attempt], bool]

NOT_CONNECTED = frozenset({Outcome.REFUSED, Outcome.RESET, Outcome.CUT})
NOT_ANSWERED = frozenset({Outcome.TIMEOUT, Outcome.RESET, Outcome.CUT})


@dataclass(frozen=True)
class Tried:
    """How many requests tried one provider, and how many of these show the fault."""

    requests: int
    hit: int

    @property
    def share(self) -> float:
        return self.hit / self.requests if self.requests else 0.0


def tried(window: Window, provider: str, shows: Shows) -> Tried:
    at_provider = [
        [attempt for attempt in sample.attempts if attempt.provider == provider]
        for sample in window.samples
    ]
    requests = [attempts for attempts in at_provider if attempts]
    hit = sum(any(shows(attempt) for attempt in attempts) for attempts in requests)
    return Tried(len(requests), hit)


@dataclass(frozen=True)
class Effect:
    """What one fault does to an attempt, and how a sentence says so."""

    shows: Shows
    one: str  # after "1 request tried primary and": "was refused"
    many: str  # after "417 requests tried primary and": "were refused"
    # How many times the baseline's share the faulted share must exceed to count. A refused
    # connection is rare on a good day; a slow answer is not, so slowness must stand out more.
    beyond_baseline: float = 1.0


def felt_by(effect: Effect, provider: str, baseline: Window, faulted: Window) -> Felt:
    """Whether requests felt `effect` at `provider`, more than they did in the baseline."""
    before = tried(baseline, provider, effect.shows)
    now = tried(faulted, provider, effect.shows)
    if not now.requests:
        return Felt(0, f"none of {len(faulted)} requests tried {provider}")
    if not now.hit:
        noun = "request" if now.requests == 1 else "requests"
        return Felt(0, f"{now.requests} {noun} tried {provider}, and none {effect.one}")
    if now.share <= effect.beyond_baseline * before.share:
        return Felt(
            0,
            f"{now.hit} of {now.requests} requests at {provider} {effect.many}, which does not "
            f"stand out from the baseline's {before.hit} of {before.requests}",
        )
    if now.hit == 1:
        return Felt(1, f"1 request tried {provider} and {effect.one}")
    return Felt(now.hit, f"{now.hit} requests tried {provider} and {effect.many}")
