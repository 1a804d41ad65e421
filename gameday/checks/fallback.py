"""Judges whether another provider answered, soon enough, and whether it really did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from gameday.checks._calls import telling_gates, visits_by_request
from gameday.checks._figures import beside
from gameday.checks._met import met_fault
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.names import Name
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds
from gameday.domain.sample import Sample

SERVED_SHARE_MIN = 0.95  # of the good answers, once the fallback has begun
LOG_MISSING_SHARE_MAX = 0.02  # a request may end on the edge of what the log was asked for


class Fallback(Check):
    """Another provider answers in time after the fault, within so many hops."""

    to: Name
    within: Seconds
    max_hops: Annotated[int, Field(ge=1, le=10)] = 1

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no answer was observed while the fault was there")
        met = _Met.of(seen, faulted.started_at, self.to)
        if met.good and all(sample.served_by is None for sample in met.good):
            return unknown(f"the {len(met.good)} good answers do not say who served them")
        if not met.served:
            # A window that was cut short of the objective has not given it its time.
            in_time = faulted.seconds >= self.within
            return yes_if(False, self._nobody(met)) if in_time else unknown(self._nobody(met))
        for objection in (self._late(met), self._partly(met), self._long_way(met), self._lie(met)):
            if objection:
                return yes_if(False, objection)
        if blind := self._blind(met):
            return unknown(blind)
        hops = max(_hops(met.way(sample)) for sample in met.served)
        way = "1 hop" if hops == 1 else f"{hops} hops"
        by_gates = ", as the gates counted" if any(not s.attempts for s in met.served) else ""
        return yes_if(True, f"{self._first(met)}, {way}{by_gates}")

    def _first(self, met: "_Met") -> str:
        return (
            f"first good answer from {self.to} after {beside(met.waited_s, self.within, 2)} s "
            f"(objective {self.within:g} s)"
        )

    def _nobody(self, met: "_Met") -> str:
        others = sorted({sample.served_by or "nobody named" for sample in met.good})
        instead = f"; {', '.join(others)} served {len(met.good)}" if met.good else ""
        return (
            f"no answer from {self.to} in {met.asked} requests (objective: within "
            f"{self.within:g} s){instead}"
        )

    def _late(self, met: "_Met") -> str:
        return "" if met.waited_s <= self.within else self._first(met)

    def _partly(self, met: "_Met") -> str:
        began = met.served[0].finished_at
        since = [sample for sample in met.good if sample.finished_at >= began]
        if len(met.served) >= SERVED_SHARE_MIN * len(since):
            return ""
        return (
            f"{self.to} served only {len(met.served)} of {len(since)} good answers after the "
            f"fallback had begun (at least {SERVED_SHARE_MIN:.0%})"
        )

    def _long_way(self, met: "_Met") -> str:
        most = max(map(met.way, met.served), key=_hops)
        if _hops(most) <= self.max_hops:
            return ""
        return f"{_hops(most)} hops ({' -> '.join(most)}), at most {self.max_hops} allowed"

    def _lie(self, met: "_Met") -> str:
        """The header's word against the provider's own log, where there is one."""
        if met.logged is None:
            return ""
        ids = [sample.request_id for sample in met.served if sample.request_id]
        missing = sum(request_id not in met.logged for request_id in ids)
        if missing <= LOG_MISSING_SHARE_MAX * len(ids):
            return ""
        lack = "has none" if missing == len(ids) else f"lacks {missing}"
        return (
            f"the header says {self.to}, but {self.to}'s own log {lack} of those "
            f"{len(ids)} requests"
        )

    def _blind(self, met: "_Met") -> str:
        """What the answers do not tell, although it is needed for a yes."""
        if any(not met.way(sample) for sample in met.served):
            return (
                f"answers from {self.to} do not say which attempts were made, and not every "
                "provider has a gate that counts the calls of each request: no hop can be told"
            )
        if met.logged is not None and not any(sample.request_id for sample in met.served):
            return f"answers carry no request id to look for in {self.to}'s own log"
        return ""

    def cannot_decide(self, planned: Planned) -> str:
        window = planned.windows["faulted"]
        needed_s = self.within + 1.0
        if self.to not in planned.target.providers:
            return f"the target has no provider {self.to!r}"
        if window.seconds_watched >= needed_s:
            return ""
        return (
            f"the faulted window must last at least {needed_s:g} s, 1 s beyond the objective; "
            f"it is {window.seconds_watched:g} s"
        )


@dataclass(frozen=True)
class _Met:
    """The requests that met the fault, in the order in which they finished."""

    armed_at: datetime
    asked: int
    good: Sequence[Sample]
    served: Sequence[Sample]  # the good ones that the fallback is said to have served
    logged: frozenset[str] | None  # request ids in its own log; None where there is no log
    called: Mapping[str, tuple[str, ...]]  # by request id, the providers that the gates saw called

    @classmethod
    def of(cls, seen: Seen, armed_at: datetime, to: str) -> "_Met":
        finished = sorted(met_fault(seen, armed_at), key=lambda sample: sample.finished_at)
        good = [sample for sample in finished if sample.good]
        log = seen.served_log.get(to)
        return cls(
            armed_at=armed_at,
            asked=len(finished),
            good=good,
            served=[sample for sample in good if sample.served_by == to],
            logged=None if log is None else frozenset(entry.request_id for entry in log),
            called=_called(seen),
        )

    def way(self, sample: Sample) -> tuple[str, ...]:
        """The providers that were tried for it, as the front door tells, else the gates."""
        told = tuple(attempt.provider for attempt in sample.attempts)
        return told or self.called.get(sample.request_id or "", ())

    @property
    def waited_s(self) -> float:
        return max(0.0, (self.served[0].finished_at - self.armed_at).total_seconds())


def _called(seen: Seen) -> dict[str, tuple[str, ...]]:
    """Nothing unless every provider has a gate: a call where there is none would be missed."""
    if not set(seen.target.providers) <= telling_gates(seen):
        return {}
    visits = visits_by_request(seen)
    return {request_id: tuple(one.provider for one in made) for request_id, made in visits.items()}


def _hops(way: Sequence[str]) -> int:
    return max(0, len(way) - 1)
