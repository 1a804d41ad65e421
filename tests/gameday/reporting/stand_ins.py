"""Checks that stand in for the real ones, so that a report's words are known in a test."""

from gameday.catalog.kinds import faults
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.drill import CheckSpec
from gameday.domain.plan import Planned
from gameday.reporting.judging import Makers


class StandIn(Check):
    kind: str

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("nothing was seen while the fault was there")
        match self.kind:
            case "fallback":
                by_other = faulted.served_by.get("secondary", 0)
                return yes_if(
                    by_other > 0,
                    f"{by_other} answers from secondary in {len(faulted)} requests "
                    "(objective: within 2 s)",
                )
            case "slo":
                good = len(faulted.good) / len(faulted)
                reason = f"{good:.1%} of {len(faulted)} (objective 99.5 %)"
                return yes_if(good >= 0.995, reason)
            case _:
                return yes_if(faulted.errors < 10, f"{self.kind}: {faulted.errors} errors")

    def cannot_decide(self, planned: Planned) -> str:
        return ""


class Unsure(StandIn):
    def judge(self, seen: Seen) -> Finding:
        return unknown("too few requests to say")


class Refusing(StandIn):
    def judge(self, seen: Seen) -> Finding:
        return yes_if(False, "it says no to 1 of 1")


class Broken(StandIn):
    def judge(self, seen: Seen) -> Finding:
        raise ZeroDivisionError("division by zero")


def make_check(spec: CheckSpec) -> Check:
    name = str(spec.settings.get("name", spec.settings.get("suite", "")))
    return StandIn(kind=spec.kind, name=name)


MAKERS = Makers(fault=faults.make, check=make_check)
