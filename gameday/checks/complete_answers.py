"""Judges by content whether the answers that clients took for whole really were."""

import re
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from gameday.checks._figures import beside
from gameday.checks._met import REQUESTS_MIN, met_fault
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.sample import Outcome
from gameday.domain.suite import ScorerSpec


def _at_the_end(sentinel: str) -> str:
    return rf"(?:{sentinel})\s*\Z"


def _compiles(sentinel: str) -> str:
    try:
        re.compile(_at_the_end(sentinel))
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return sentinel


Sentinel = Annotated[str, Field(min_length=1, max_length=480), AfterValidator(_compiles)]


class CompleteAnswers(Check):
    """Answers that ended well are complete by their content, not only by their status.

    One of: `sentinel`, a regular expression that every complete answer ends with; `schema`, a JSON
    Schema that it fits; `scorer`, any scorer that gives it 1.
    """

    needs_fault: ClassVar[bool] = True

    sentinel: Sentinel | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    scorer: ScorerSpec | None = None
    at_least: Annotated[float, Field(gt=0, le=1)] = 1.0

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if sum(proof is not None for proof in (self.sentinel, self.schema_, self.scorer)) != 1:
            raise ValueError("expected exactly one of sentinel, schema and scorer")
        return self

    def seals(self) -> dict[str, ScorerSpec]:
        return {self._seal: self._scorer()}

    @property
    def _seal(self) -> str:
        return self.name or "complete_answers"

    def _scorer(self) -> ScorerSpec:
        if self.sentinel is not None:
            pattern = _at_the_end(self.sentinel)
            return ScorerSpec(kind="regex", settings={"pattern": pattern})
        if self.schema_ is not None:
            return ScorerSpec(kind="json_schema", settings={"schema": self.schema_})
        assert self.scorer is not None
        return self.scorer

    def compares(self, seen: Seen) -> bool:  # noqa: ARG002 - the contract
        return True

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no answer was observed while the fault was there")
        met = met_fault(seen, faulted.started_at)
        whole = met.rated.good
        openly = f"{met.tally('outcome').get(Outcome.CUT, 0)} were cut openly"
        if not seen.target.front_door.tells_its_end:
            openly += "; the front door names no finish, so that only framing tells a cut"
        if not whole:
            return unknown(f"no answer ended well while the fault was there; {openly}")
        sealed = [s.seals[self._seal] for s in whole if self._seal in s.seals]
        unsealed = len(whole) - len(sealed)
        incomplete = sum(score < 1 for score in sealed)
        share_max = 1 - incomplete / len(whole)
        reason = (
            f"{incomplete} of {len(whole)} answers that ended well were not complete "
            f"({beside(100 * share_max, 100 * self.at_least, 1)} % were, at least "
            f"{100 * self.at_least:g} % must be); {openly}"
        )
        if share_max < self.at_least:
            return yes_if(False, reason)
        if unsealed:
            return unknown(f"{unsealed} of {len(whole)} answers that ended well were not looked at")
        if len(whole) < REQUESTS_MIN:
            return unknown(f"{reason}; {REQUESTS_MIN} answers are needed")
        return yes_if(True, reason)

    def cannot_decide(self, planned: Planned) -> str:
        return planned.too_few("faulted", REQUESTS_MIN)
