"""Judges whether another provider answered, soon enough, and whether it really did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.checks._calls import telling_gates, visits_by_request
from gameday.checks._figures import beside
from gameday.checks._met import met_fault
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.names import Name
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds
from gameday.domain.samples import Samples

SERVED_SHARE_MIN = 0.95  # of the good answers, once the fallback has begun
LOG_MISSING_SHARE_MAX = 0.02  # a request may end on the edge of what the log was asked for


class Fallback(Check):
    """Another provider answers in time after the fault, within so many hops."""

    needs_fault: ClassVar[bool] = True
    needs_provider: ClassVar[bool] = True

    to: Name
    within: Seconds
    max_hops: Annotated[int, Field(ge=1, le=10)] = 1

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no answer was observed while the fault was there")
        met = _Met.of(seen, faulted.started_at, self.to)
        if set(met.good.tally("served_by")) == {None}:
            return unknown(f"the {len(met.good)} good answers do not say who served them")
        if not met.served:
            # A window that was cut short of the objective has not given it its time.
            in_time = faulted.seconds >= self.within
            return yes_if(False, self._nobody(met)) if in_time else unknown(self._nobody(met))
        for objection in (self._late(met), self._partly(met), self._long_way(met), self._lie(met)):
            if objection:
                late = objection == self._late(met)
                return yes_if(False, objection, self._waited(met) if late else None)
        if blind := self._blind(met):
            return unknown(blind)
        hops = max(map(_hops, met.ways))
        way = "1 hop" if hops == 1 else f"{hops} hops"
        by_gates = ", as the gates counted" if () in met.served.tally("attempts") else ""
        return yes_if(True, f"{self._first(met)}, {way}{by_gates}", self._waited(met))

    def _waited(self, met: "_Met") -> Measure:
        return Measure(value=met.waited_s, objective=self.within, unit="s")

    def _first(self, met: "_Met") -> str:
        return (
            f"first good answer from {self.to} after {beside(met.waited_s, self.within, 2)} s "
            f"(objective {self.within:g} s)"
        )

    def _nobody(self, met: "_Met") -> str:
        others = sorted(name or "nobody named" for name in met.good.tally("served_by"))
        instead = f"; {', '.join(others)} served {len(met.good)}" if met.good else ""
        return (
            f"no answer from {self.to} in {met.asked} requests (objective: within "
            f"{self.within:g} s){instead}"
        )

    def _late(self, met: "_Met") -> str:
        return "" if met.waited_s <= self.within else self._first(met)

    def _partly(self, met: "_Met") -> str:
        since = met.good.since("finished_at", met.began_at)
        if len(met.served) >= SERVED_SHARE_MIN * len(since):
            return ""
        return (
            f"{self.to} served only {len(met.served)} of {len(since)} good answers after the "
            f"fallback had begun (at least {SERVED_SHARE_MIN:.0%})"
        )

    def _long_way(self, met: "_Met") -> str:
        most = max(met.ways, key=_hops)
        if _hops(most) <= self.max_hops:
            return ""
        return f"{_hops(most)} hops ({' -> '.join(most)}), at most {self.max_hops} allowed"

    def _lie(self, met: "_Met") -> str:
        """The header's word against the provider's own log, where there is one."""
        if met.logged is None:
            return ""
        ids = [request_id for request_id in met.served.texts("request_id") if request_id]
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
        if () in met.ways:
            return (
                f"answers from {self.to} do not say which attempts were made, and not every "
                "provider has a gate that counts the calls of each request: no hop can be told"
            )
        if met.logged is not None and not any(met.served.texts("request_id")):
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
    """The requests that met the fault."""

    armed_at: datetime
    asked: int
    good: Samples
    served: Samples  # the good ones that the fallback is said to have served
    logged: frozenset[str] | None  # request ids in its own log; None where there is no log
    ways: tuple[tuple[str, ...], ...]  # over which providers the served ones went

    @classmethod
    def of(cls, seen: Seen, armed_at: datetime, to: str) -> "_Met":
        met = met_fault(seen, armed_at)
        served = met.good.where("served_by", lambda name: name == to)
        log = seen.served_log.get(to)
        return cls(
            armed_at=armed_at,
            asked=len(met),
            good=met.good,
            served=served,
            logged=None if log is None else frozenset(entry.request_id for entry in log),
            ways=_ways(seen, served),
        )

    @cached_property
    def began_at(self) -> datetime:
        """When the fallback gave its first answer. Asked only where it gave one."""
        first = self.served.first_by("finished_at")
        assert first is not None
        return first.finished_at

    @property
    def waited_s(self) -> float:
        return max(0.0, (self.began_at - self.armed_at).total_seconds())


def _ways(seen: Seen, served: Samples) -> tuple[tuple[str, ...], ...]:
    """The providers that were tried, as the front door tells, else the gates; each way once."""
    ways = served.tally("attempts")
    told = [tuple(provider for provider, _ in way) for way in ways if way]
    if () not in ways:
        return tuple(told)
    called = _called(seen)
    silent = served.where("attempts", lambda way: not way).texts("request_id")
    return tuple(dict.fromkeys([*told, *(called.get(request_id, ()) for request_id in silent)]))


def _called(seen: Seen) -> dict[str, tuple[str, ...]]:
    """Nothing unless every provider has a gate: a call where there is none would be missed."""
    if not set(seen.target.providers) <= telling_gates(seen):
        return {}
    visits = visits_by_request(seen)
    return {request_id: tuple(one.provider for one in made) for request_id, made in visits.items()}


def _hops(way: Sequence[str]) -> int:
    return max(0, len(way) - 1)
