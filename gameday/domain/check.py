"""The contract of a check. One file in gameday/checks/ holds one subclass.

A check is pure: it sees windows of samples, never the network or a clock. It says yes, no or
unknown with one sentence; without evidence it says unknown.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from gameday.domain.alerts import Sighting
from gameday.domain.figure import Measure
from gameday.domain.gate import Call
from gameday.domain.lease import FaultRecord
from gameday.domain.offered import Offered
from gameday.domain.plan import Planned
from gameday.domain.reading import Reading
from gameday.domain.record import Restore, ServedEntry
from gameday.domain.reference import Reference
from gameday.domain.rollback import Response
from gameday.domain.suite import ScorerSpec
from gameday.domain.target import Target
from gameday.domain.value import Value
from gameday.domain.verdict import Held
from gameday.domain.window import Window


class Finding(Value):
    """A check's answer and its sentence. measure: the number it goes by, where it is one number."""

    held: Held
    reason: str
    measure: Measure | None = None


@dataclass(frozen=True)
class Seen:
    """Everything that a check may judge by."""

    windows: Mapping[str, Window]  # baseline, faulted, recovered, transition; those that were held
    faults: tuple[FaultRecord, ...]
    faulted_provider: str  # that the first fault is on, e.g. "primary"; '' where it is on none
    restore: Restore | None
    target: Target
    load: Offered
    load_started_at: datetime | None  # None when no request was sent
    good_in_a_row: int
    # The providers' own request logs, by provider; a provider without a log is missing.
    served_log: Mapping[str, tuple[ServedEntry, ...]]
    # What the gates before the providers saw, by provider; one without a gate is missing.
    calls: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
    # What other systems measured: by objective and window, then by part.
    readings: Mapping[tuple[str, str], Mapping[str, Reading]] = field(default_factory=dict)
    # The same stretches as the control group saw them, which no fault touched; empty without one.
    control: Mapping[str, Window] = field(default_factory=dict)
    reference: Reference | None = None  # recorded on an earlier day, where the drill asks for it
    sightings: tuple[Sighting, ...] = ()  # of alerts, in their order
    faulted_providers: tuple[str, ...] = ()  # of all faults, in the drill's order
    response: Response | None = None  # None where the drill states none

    def window(self, name: str) -> Window | None:
        """The window, or None when it was not held or is empty."""
        return self.windows.get(self.named(name)) or None

    def named(self, name: str) -> str:
        """What checks know as `faulted` is `peak` or `responded` in a run that breaks nothing."""
        known = set(self.windows)
        if name != "faulted" or name in known:
            return name
        return next((one for one in ("peak", "responded") if one in known), name)

    def due_between(self, start: datetime, end: datetime) -> float:
        """Requests that the load has offered in this stretch; no whole number."""
        if self.load_started_at is None:
            return 0.0
        since = [max(0.0, (at - self.load_started_at).total_seconds()) for at in (start, end)]
        return self.load.curve.due_by(since[1]) - self.load.curve.due_by(since[0])

    def rate_at(self, moment: datetime) -> float:
        """Requests a second that the load offered at `moment`."""
        if self.load_started_at is None:
            return 0.0
        return self.load.curve.rate_at((moment - self.load_started_at).total_seconds())


class Check(Value, ABC):
    """One judgement over the windows. Its settings are its fields; its kind is its file name."""

    name: str = ""
    needs_fault: ClassVar[bool] = False  # whether a drill that breaks nothing can tell it anything
    needs_provider: ClassVar[bool] = False  # whether the fault must be on a provider

    def seals(self) -> dict[str, ScorerSpec]:
        """What the probes should score of every whole answer for this check, by a name of its own.

        The text itself is not kept, so what is not asked for here cannot be asked later.
        """
        return {}

    def sketch_pieces(self) -> int:
        """Of how many word pieces of every scored answer the probes should keep a sketch."""
        return 0

    def compares(self, seen: Seen) -> bool:  # noqa: ARG002 - the contract
        """Whether the control group can be asked the same: a no that it shares blames no fault."""
        return False

    @abstractmethod
    def judge(self, seen: Seen) -> Finding:
        """Whether it held, in one sentence with its numbers."""

    @abstractmethod
    def cannot_decide(self, planned: Planned) -> str:
        """Why the planned windows cannot tell yes from no, and how long they must be; else ''."""


def yes_if(held: bool, reason: str, measure: Measure | None = None) -> Finding:
    return Finding(held=Held.YES if held else Held.NO, reason=reason, measure=measure)


def unknown(reason: str) -> Finding:
    return Finding(held=Held.UNKNOWN, reason=reason)
