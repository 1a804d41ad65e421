"""Counts, in windows of samples, the requests whose attempts at a provider show a fault."""

from collections.abc import Callable
from dataclasses import dataclass

from gameday.domain.fault import Felt
from gameday.domain.sample import Outcome, Sample, Way
from gameday.domain.samples import Samples
from gameday.domain.window import Window

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
    samples = window.samples
    asked = samples.where("attempts", lambda way: any(name == provider for name, _ in way))
    took_part = asked | _answered_by(samples, provider)
    return Tried(len(took_part), _hit(took_part, provider, effect))


def _hit(took_part: Samples, provider: str, effect: "Effect") -> int:
    def shows(way: Way) -> bool:
        return any(name == provider and effect.ends(outcome) for name, outcome in way)

    hit = took_part.where("attempts", shows)
    if effect.takes is not None:
        hit |= (took_part - hit).where_elapsed(provider, effect.takes)
    if effect.shows_in_answer is None:
        return len(hit)
    answers = _answered_by(took_part - hit, provider)
    return len(hit) + sum(map(effect.shows_in_answer, answers))


def _answered_by(samples: Samples, provider: str) -> Samples:
    return samples.where("served_by", lambda name: name == provider)


@dataclass(frozen=True)
class Effect:
    """What one fault does to an attempt or to an answer, and how a sentence says so."""

    ends: Callable[[Outcome], bool]  # whether an attempt that ended so shows it
    one: str  # after "1 request tried primary and": "was refused"
    many: str  # after "417 requests tried primary and": "were refused"
    # How many times the baseline's share the faulted share must exceed to count. A refused
    # connection is rare on a good day; a slow answer is not, so slowness must stand out more.
    beyond_baseline: float = 1.0
    takes: Callable[[float], bool] | None = None  # whether an attempt of so many ms shows it
    # A front door names its attempts before the answer has ended, so what happens to the rest of
    # an answer shows in the sample of the provider that served it, and nowhere else.
    shows_in_answer: Callable[[Sample], bool] | None = None


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
