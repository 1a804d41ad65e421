"""What a drill is going to do, worked out before anything is touched."""

import hashlib
import json
import math
from dataclasses import dataclass

from gameday.domain.drill import Drill, Requests, Until
from gameday.domain.drill import Window as WindowSpec
from gameday.domain.radius import fault_radius, response_radius
from gameday.domain.target import Target
from gameday.domain.value import Value

GOOD_IN_A_ROW = 20  # where the drill does not say
EDGES_S = 1.0  # traffic in flight when a window begins and ends
COUNTING_S = 2.0  # a window of so many requests may take longer than its rate says
SETTLE_S = 5.0  # inject, restore and their confirmations, at the most


class PlannedWindow(Value):
    """How long a window may take, and how many requests it has for certain."""

    name: str
    seconds_max: float
    requests_min: int
    good_in_a_row: int = GOOD_IN_A_ROW  # so many tell that the system serves well again
    slack_s: float = 0.0  # the part of seconds_max that a window may well not take

    @property
    def seconds_watched(self) -> float:
        """How long the window lasts for certain while nothing is well."""
        return self.seconds_max - self.slack_s


class Plan(Value):
    """The worst case of a drill, and the digest that an approval is bound to."""

    windows: tuple[PlannedWindow, ...]
    faults: tuple[str, ...]  # "connection_refused on provider/primary, all traffic"
    lease_s: float
    fault_seconds_max: float  # the longest that a fault can live: the deadline
    seconds_max: float
    requests_max: int
    cost_usd_max: float
    radius: str  # whose requests the faults change
    radius_response: str = ""  # who else may feel what the system does about it
    digest: str

    def window(self, name: str) -> PlannedWindow:
        return next(window for window in self.windows if window.name == name)


@dataclass(frozen=True)
class Planned:
    """What a check may look at to say whether it will be able to decide."""

    windows: dict[str, PlannedWindow]
    rate_per_s: float
    suite: str  # that the load asks
    cases: int
    target: Target
    faulted_providers: tuple[str, ...] = ()  # in the drill's order
    hang_up_share: float = 0.0  # of the requests, whose clients are told to hang up early

    def too_few(self, name: str, needed: int) -> str:
        """Why the window `name` may have fewer than `needed` settled requests; '' if it has them.

        Requests in flight at an edge of a window belong to none, so one second's are not counted;
        nor are those whose clients are told to hang up.
        """
        window = self.windows[name]
        stay = 1 - self.hang_up_share
        for_certain = window.requests_min - math.ceil(EDGES_S * self.rate_per_s)
        if for_certain * stay >= needed:
            return ""
        seconds = math.ceil(10 * (needed / self.rate_per_s / stay + EDGES_S)) / 10
        leaving = f", of which {self.hang_up_share:.0%} hang up" if self.hang_up_share else ""
        return (
            f"needs {needed} requests beside those in flight at its edges, so {seconds:g} s at "
            f"{self.rate_per_s:g}/s; the {name} window has {window.requests_min} requests{leaving}"
        )


def plan_window(name: str, spec: WindowSpec, rate_per_s: float) -> PlannedWindow:
    match spec:
        case Requests(requests=requests):
            return PlannedWindow(
                name=name,
                seconds_max=requests / rate_per_s + COUNTING_S,
                requests_min=requests,
                slack_s=COUNTING_S,
            )
        case Until(at_most=at_most, good_in_a_row=good):
            return PlannedWindow(
                name=name, seconds_max=at_most, requests_min=good, good_in_a_row=good
            )
        case seconds:
            return PlannedWindow(
                name=name, seconds_max=seconds, requests_min=int(seconds * rate_per_s)
            )


def plan_windows(drill: Drill) -> tuple[PlannedWindow, ...]:
    specs = drill.windows
    rate = drill.load.rate
    return (
        plan_window("baseline", specs.baseline, rate),
        plan_window("faulted", specs.faulted, rate),
        plan_window("recovered", specs.recovered, rate),
    )


def digest(drill: Drill, target: Target, environment: str) -> str:
    """sha256 over their canonical JSON: the same plan gives the same digest anywhere.

    An approval is bound to it; one that was given for staging must not open production.
    """
    whole = [drill.model_dump(mode="json"), target.model_dump(mode="json"), environment]
    canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def make_plan(drill: Drill, target: Target, environment: str, *, cost_usd_max: float = 0.0) -> Plan:
    """The plan of `drill` against `target`.

    cost_usd_max: what `requests_max` requests can cost at the target's prices.
    """
    windows = plan_windows(drill)
    seconds_max = sum(window.seconds_max for window in windows) + 2 * SETTLE_S
    faults = tuple(f"{f.kind} on {f.on}, {f.traffic}" for f in drill.faults)
    return Plan(
        windows=windows,
        faults=faults,
        lease_s=drill.lease,
        fault_seconds_max=windows[1].seconds_max + 2 * SETTLE_S,
        seconds_max=seconds_max,
        requests_max=int(seconds_max * drill.load.rate),
        cost_usd_max=cost_usd_max,
        radius=fault_radius(drill, target, environment),
        radius_response=response_radius(drill, target),
        digest=digest(drill, target, environment),
    )
