"""How the scores of one answer become its quality, and whether it passed.

A score that is missing stays missing: what it could change is not known, and is not guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from gameday.domain.scorer import Answered, Scorer


class Mark(Struct, frozen=True, gc=False):
    """One score, what it counts, and whether it is enough; None where nobody can tell."""

    name: str
    score: float | None
    passed: bool | None
    weight: float
    problem: str = ""  # why there is no score
    parts: tuple["Mark", ...] = ()  # of a set


@dataclass(frozen=True)
class Rated:
    """A scorer as one case uses it."""

    name: str
    scorer: Scorer
    weight: float = 1.0
    at_least: float = 1.0  # the score from which it passes
    negated: bool = False

    def mark(self, answered: Answered) -> Mark:
        try:
            score = self.scorer.score(answered)
        except Exception as error:  # noqa: BLE001 - a plug-in's bug is no wrong answer, and no right one
            return self._missing(f"{self.name} failed: {type(error).__name__}: {error}"[:200])
        if score is None:
            return self._missing(f"{self.name} could not tell")
        enough = score >= self.at_least
        if self.negated:
            return Mark(self.name, 1 - score, not enough, self.weight)
        return Mark(self.name, score, enough, self.weight)

    @property
    def needs_model(self) -> bool:
        return bool(self.scorer.needs_model)

    def _missing(self, problem: str) -> Mark:
        return Mark(self.name, None, None, self.weight, problem)


@dataclass(frozen=True)
class RatedSet:
    """Scorers that count as one."""

    name: str
    members: tuple["Rated | RatedSet", ...] = ()
    weight: float = 1.0
    pass_at: float | None = None  # of their mean; None: each of them must pass

    @property
    def needs_model(self) -> bool:
        """Whether scoring takes its time, as another model is asked."""
        return any(member.needs_model for member in self.members)

    def mark(self, answered: Answered) -> Mark:
        parts = tuple([member.mark(answered) for member in self.members])
        problem = ""
        for part in parts:
            problem = problem or part.problem
        return Mark(self.name, mean(parts), self._passed(parts), self.weight, problem, parts)

    def _passed(self, parts: Sequence[Mark]) -> bool | None:
        """Three-valued: a missing score matters only where it could turn the answer."""
        if self.pass_at is not None:
            return _passed_by_mean(parts, self.pass_at)
        counting = told = 0
        for part in parts:
            if part.weight > 0:
                if part.passed is False:
                    return False
                counting += 1
                told += part.passed is not None
        return True if counting and told == counting else None


class Scored(Struct, frozen=True, gc=False):
    """What the scorers of a case say of one answer."""

    scores: dict[str, float | None]  # by name; sets and their parts
    quality: float | None = None  # weighted mean; None where one that counts is missing
    passed: bool | None = None
    problem: str = ""

    @classmethod
    def of(cls, rated: RatedSet, answered: Answered) -> "Scored":
        mark = rated.mark(answered)
        return cls(_flat(mark.parts, {}), mark.score, mark.passed, mark.problem)


UNSCORED = Scored({})


def mean(parts: Sequence[Mark]) -> float | None:
    """The weighted mean; None where a score that counts is missing, or none counts."""
    weighted = weights = 0.0
    for part in parts:
        if part.weight > 0:
            if part.score is None:
                return None
            weighted += part.weight * part.score
            weights += part.weight
    return weighted / weights if weights else None


def _passed_by_mean(parts: Sequence[Mark], pass_at: float) -> bool | None:
    counting = [part for part in parts if part.weight > 0]
    if not counting:
        return None
    if _mean_if_missing(counting, 0.0) >= pass_at:
        return True
    return False if _mean_if_missing(counting, 1.0) < pass_at else None


def _mean_if_missing(parts: Sequence[Mark], score: float) -> float:
    weighted = (part.weight * (score if part.score is None else part.score) for part in parts)
    return sum(weighted) / sum(part.weight for part in parts)


def _flat(parts: Sequence[Mark], into: dict[str, float | None]) -> dict[str, float | None]:
    for part in parts:
        into[part.name] = part.score
        if part.parts:
            _flat(part.parts, into)
    return into
