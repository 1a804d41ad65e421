"""Counts, in windows of samples, the requests whose attempts at a provider show a fault."""

from collections.abc import Callable
from dataclasses import dataclass

from gameday.domain.fault import Felt
from gameday.domain.sample import Attempt, Outcome, Sample, Window

Shows = Callable[[Attempt], bool]
ShowsInAnswer = Callable[[Sample], bool]

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


def tried(window: Window, provider: str, effect: "Effect") -> Tried:
    requests = [sample for sample in window.samples if _took_part(sample, provider)]
    return Tried(len(requests), sum(_shows(effect, sample, provider) for sample in requests))


def _took_part(sample: Sample, provider: str) -> bool:
    return sample.served_by == provider or sample.tried(provider)


def _shows(effect: "Effect", sample: Sample, provider: str) -> bool:
    if any(effect.shows(attempt) for attempt in sample.attempts if attempt.provider == provider):
        return True
    return sample.served_by == provider and effect.shows_in_answer(sample)


@dataclass(frozen=True)
class Effect:
    """What one fault does to an attempt or to an answer, and how a sentence says so."""

    shows: Shows
    one: str  # after "1 request tried primary and": "was refused"
    many: str  # after "417 requests tried primary and": "were refused"
    # How many times the baseline's share the faulted share must exceed to count. A refused
    # connection is rare on a good day; a slow answer is not, so slowness must stand out more.
    beyond_baseline: float = 1.0
    # A front door names its attempts before the answer has ended, so what happens to the rest of
    # an answer shows in the sample of the provider that served it, and nowhere else.
    shows_in_answer: ShowsInAnswer = lambda _: False


def felt_by(effect: Effect, provider: str, baseline: Window, faulted: Window) -> Felt:
    """Whether requests felt `effect` at `provider`, more than they did in the baseline."""
    before = tried(baseline, provider, effect)
    now = tried(faulted, provider, effect)
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
