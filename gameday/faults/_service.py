"""What the faults share of what a system asks beside its models: a tool, or a verifier."""

import math
from array import array
from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.drill import Scope
from gameday.domain.fault import Felt
from gameday.domain.gate import Evidence
from gameday.domain.statistics import stratified_difference
from gameday.domain.window import Window
from gameday.domain.wire import Dialect
from gameday.faults._gate import GateFault

# A path of names with dots, from the outside in.
FieldName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,9}$", examples=["status"])
]


class ServiceFault(GateFault):
    """A fault at a listener of the gate that speaks no provider's dialect.

    Nobody marks a call of a tool, and no request of a preflight is sure to make one. So it is for
    all calls, or for a share of them.
    """

    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.ALL, Scope.SHARE})
    evidence: ClassVar[str] = "the gate's own count, tied to clients' requests by their ids"

    sort: ClassVar[str]  # the first word of what it can be on

    @classmethod
    def misplaced(cls, on: str) -> str:
        return "" if on.startswith(f"{cls.sort}/") else f"{cls.sort}/NAME"

    def said(self, names: Iterable[str]) -> set[str]:
        """Which of these settings are another than when nothing is said."""
        fields = type(self).model_fields
        return {name for name in names if getattr(self, name) != fields[name].default}

    def misfit(self, dialect: Dialect | None) -> str:
        if dialect is None:
            return ""
        return f"it is for a tool or a verifier, and its listener speaks {dialect.name}"

    def objection(self, scope: Scope) -> str:
        if self.models:
            return "a tool or a verifier has no `models`; `routes` are what it has"
        return super().objection(scope)

    def proof(self, counted: Evidence, provider: str, baseline: Window, faulted: Window) -> Felt:
        """By the ids of requests; where those do not get so far, by answers that got worse."""
        touched = frozenset(counted.request_ids)
        ids = touched.intersection(faulted.samples.texts("request_id"))
        if ids:
            noun = "request" if len(ids) == 1 else "requests"
            return Felt(len(ids), f"they were made for {len(ids)} {noun} of clients")
        worse = _worse(baseline, faulted)
        untied = f"by id, none of {len(faulted)} requests of clients made a call of {provider}"
        if worse is None:
            return Felt(0, f"{untied}, and the quality of the answers did not fall")
        return Felt(len(faulted), f"{untied}, but quality fell by {100 * worse:.0f} points")


def _worse(baseline: Window, faulted: Window) -> float | None:
    """By how much quality fell, case by case and beyond chance; None where it did not."""
    before, during = (_by_case(window) for window in (baseline, faulted))
    found = stratified_difference(before, during)
    return -found.mean if found is not None and found.upper < 0 else None


def _by_case(window: Window) -> "dict[str, array[float]]":
    scored = window.good.where_number("quality", math.isfinite)
    return scored.by_value("case", "quality")
