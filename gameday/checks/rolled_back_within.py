"""Judges how long a rollback took, from the fault to the last good answer, stretch by stretch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import model_validator

from gameday.checks._figures import beside
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds
from gameday.domain.rollback import Response, read_rollback


@dataclass(frozen=True)
class Stretch:
    """From one moment of the clock to another, and how long that may take."""

    name: str
    since: datetime | None
    until: datetime | None
    objective_s: float

    @property
    def seconds(self) -> float | None:
        if self.since is None or self.until is None:
            return None
        return max(0.0, (self.until - self.since).total_seconds())


class RolledBackWithin(Check):
    """The operator's own rollback works, in time, while the fault is still in force.

    detected: from the fault to its being noticed. decided: from there to the decision. called:
    from there to the call of the mechanism. first_good, all_good: from the call to the first
    answer of the right version, and to so many in a row with no other after them. An answer is
    not good where the gate changed its request, or the front door names another version. What
    Gameday puts back itself comes later, and is never counted.
    """

    detected: Seconds | None = None
    decided: Seconds | None = None
    called: Seconds | None = None
    first_good: Seconds | None = None
    all_good: Seconds | None = None

    @model_validator(mode="after")
    def _has_an_objective(self) -> Self:
        if not any(objective is not None for _, objective in self._objectives()):
            names = ", ".join(name for name, _ in self._objectives())
            raise ValueError(f"expected an objective for at least one of {names}")
        return self

    def _objectives(self) -> list[tuple[str, float | None]]:
        return [
            ("detected", self.detected),
            ("decided", self.decided),
            ("called", self.called),
            ("first_good", self.first_good),
            ("all_good", self.all_good),
        ]

    def judge(self, seen: Seen) -> Finding:
        if seen.response is None:
            return unknown("this drill has no response, so nothing could be rolled back")
        response = read_rollback(seen.response, seen.windows, seen.calls, seen.faults)
        if response.called_at is None:
            return self._not_called(response)
        stretches = list(self._stretches(response))
        late = [one for one in stretches if one.seconds is not None and _is_late(one)]
        if late:
            reason = f"{_told(late)}{_bad(response)}{_mechanism(response)}"
            return yes_if(False, reason, _measure(late[-1]))
        if response.blind and (self.first_good or self.all_good):
            return unknown(response.blind)
        missing = [one for one in stretches if one.seconds is None]
        if missing:
            return self._did_not_come(response, missing)
        # A step that goes before the fault is what ends it, so nothing was in force any more.
        held = response.injected_at is not None and not response.goes_before
        in_force = "; the fault was still in force" if held else ""
        return yes_if(True, f"{_told(stretches)}{in_force}", _measure(stretches[-1]))

    def _not_called(self, response: Response) -> Finding:
        if response.decided_at is not None:
            return unknown("nobody recorded when the operator's mechanism was called")
        if response.injected_at is None:
            return unknown("the rollback was not called")
        watched = ""
        if response.ended_at is not None:
            lived_s = (response.ended_at - response.injected_at).total_seconds()
            watched = f" in the {lived_s:.0f} s that it was there"
        return yes_if(False, f"nobody noticed the change{watched}, so nothing was rolled back")

    def _stretches(self, response: Response) -> Iterator[Stretch]:
        ends = {
            "detected": (response.injected_at, response.detected_at),
            "decided": (response.detected_at, response.decided_at),
            "called": (response.decided_at, response.called_at),
            "first_good": (response.called_at, response.first_good_at),
            "all_good": (response.called_at, response.all_good_at),
        }
        for name, objective_s in self._objectives():
            if objective_s is not None:
                yield Stretch(name, *ends[name], objective_s)

    def _did_not_come(self, response: Response, missing: list[Stretch]) -> Finding:
        """Answers were watched and told: what never came is a no, once its time was over."""
        first = missing[0]
        if first.name not in ("first_good", "all_good"):
            return unknown(f"nobody recorded when it was {first.name}")
        watched_s = _watched_s(response)
        never = "no good answer came"
        if response.first_good_at is not None:
            never = f"not all answers were good again ({response.good_in_a_row} in a row)"
        reason = (
            f"{never} within {watched_s:.0f} s of the call ({first.name}, objective "
            f"{first.objective_s:g} s){_bad(response)}{_mechanism(response)}"
        )
        return yes_if(False, reason) if watched_s > first.objective_s else unknown(reason)

    def cannot_decide(self, planned: Planned) -> str:
        if not planned.responds:
            return "nothing is rolled back; add `respond:` with the steps of the rollback"
        if planned.rehearses and (self.detected or self.decided):
            return "nothing is to be noticed in a rehearsal; leave detected and decided out"
        if not planned.rehearses and not planned.detects and (self.detected or self.decided):
            return "nobody waits until it is noticed; say faulted: {until: detected, at_most: 60s}"
        if self.detected and planned.windows["faulted"].seconds_watched < self.detected:
            return (
                f"the faulted window must last at least {self.detected:g} s, the objective for "
                f"detected; it is {planned.windows['faulted'].seconds_watched:g} s"
            )
        needed_s = max(
            planned.seconds_for(
                "responded", planned.windows["responded"].good_in_a_row, after_s=objective
            )
            for objective in (self.first_good or 0.0, self.all_good or 0.0)
        )
        window = planned.windows["responded"]
        if window.seconds_watched >= needed_s:
            return ""
        return (
            f"the responded window must last at least {needed_s:g} s, for the objective and "
            f"{window.good_in_a_row} good answers in a row; it is {window.seconds_watched:g} s"
        )


def _is_late(stretch: Stretch) -> bool:
    return stretch.seconds is not None and stretch.seconds > stretch.objective_s


def _told(stretches: list[Stretch]) -> str:
    return ", ".join(
        f"{one.name} after {beside(one.seconds or 0.0, one.objective_s, 1)} s "
        f"(objective {one.objective_s:g} s)"
        for one in stretches
    )


def _measure(stretch: Stretch) -> Measure | None:
    if stretch.seconds is None:
        return None
    return Measure(value=stretch.seconds, objective=stretch.objective_s, unit="s")


def _watched_s(response: Response) -> float:
    if response.called_at is None or response.ended_at is None:
        return 0.0
    return (response.ended_at - response.called_at).total_seconds()


def _bad(response: Response) -> str:
    """How many answers users got that were not good; '' where every one was."""
    if not response.bad:
        return ""
    return f": {response.bad} of {response.answers} answers after the call were not good"


def _mechanism(response: Response) -> str:
    """What the mechanism itself said, where that explains it; '' where it said yes and did it."""
    said = response.failed or response.unverified
    return f"; the mechanism: {said}" if said else ""
