"""Judges what an answer that passes the suite costs while the fault is there."""

from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from gameday.checks._cost import accounts, between, judge_usd, ledger, untold, why_wide
from gameday.checks._figures import beside
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.plan import Planned
from gameday.domain.quantities import Factor, Usd, money_apart
from gameday.domain.spending import Bounds, Spending

_EITHER = {
    "type": "string",
    "pattern": r"^(\$ *[0-9.]+|[0-9.]+ *x( baseline)?)$",
    "examples": ["1.5x baseline", "$0.002"],
}


class CostPerSuccess(Check):
    """An answer that passed costs at most so much, or a multiple of what it cost before the fault.

    `at_most: 1.5x baseline`, or `at_most: $0.002`. Every request of the window is paid for, with
    its retries and what was wasted on streams that were cut, and divided by the answers that passed
    the suite. What providers bill of an attempt that failed is not known exactly; where that could
    turn the answer it is unknown.
    """

    at_most: Annotated[Factor | None, WithJsonSchema(_EITHER)] = None
    usd_at_most: Usd | None = None
    window: Annotated[Literal["faulted", "responded", "recovered"], Field(alias="in")] = "faulted"

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @property
    def _when(self) -> str:
        during = self.window == "faulted"
        return "while the fault was there" if during else f"in the window {self.window}"

    @model_validator(mode="before")
    @classmethod
    def _tell_money_from_factors(cls, raw: Any) -> Any:
        return money_apart(raw)

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_most is None) == (self.usd_at_most is None):
            raise ValueError("expected at_most: a factor such as 1.5x baseline, or $0.002")
        return self

    def compares(self, seen: Seen) -> bool:  # noqa: ARG002 - the contract
        return True

    def judge(self, seen: Seen) -> Finding:
        books, watched = ledger(seen), seen.named(self.window)
        if seen.window(watched) is None:
            return unknown(f"no good answer {self._when}, so none has a cost")
        if self.usd_at_most is not None:
            return judge_usd(books.of(watched), self.usd_at_most)
        if seen.window("baseline") is None:
            return unknown("no good answer before the fault, so there is no cost to compare with")
        return self._judge_factor(books.of("baseline"), books.of(watched))

    def _judge_factor(self, before: Spending, during: Spending) -> Finding:
        assert self.at_most is not None
        for when, spent in (("before the fault", before), (self._when, during)):
            if why := untold(spent):
                return unknown(f"{when}: {why}")
        least, most = before.per_success, during.per_success
        assert least is not None
        assert most is not None
        if not least.most:
            return unknown("answers cost nothing before the fault, so no multiple can be taken")
        factor = _over(most, least)
        reason = (
            f"{between(factor, self._written)}x baseline (at most {self.at_most:g}x): "
            f"{_per_1000(most)} against {_per_1000(least)} per 1,000 answers that passed; "
            f"{accounts(during)}"
        )
        if factor.least > self.at_most:
            return yes_if(False, reason, self._times(factor.least))
        if factor.most > self.at_most:
            return unknown(f"{reason}; {why_wide(during)}")
        return yes_if(True, reason, self._times(factor.most))

    def _times(self, factor: float) -> Measure | None:
        """None of an endless one: where answers cost nothing before, say."""
        return Measure(value=factor, objective=self.at_most, unit="x") if isfinite(factor) else None

    def _written(self, factor: float) -> str:
        assert self.at_most is not None
        return beside(factor, self.at_most, 2)

    def cannot_decide(self, planned: Planned) -> str:
        return "" if planned.target.prices else "the target file has no `prices:`"


def _over(one: Bounds, other: Bounds) -> Bounds:
    """One as a multiple of the other; a sum of small costs is a little off."""
    most = one.most / other.least if other.least else float("inf")
    return Bounds(round(one.least / other.most, 9), round(most, 9))


def _per_1000(bounds: Bounds) -> str:
    return between(bounds, lambda usd: f"${1000 * usd:.3f}")
