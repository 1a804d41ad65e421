"""What a drill is going to do, worked out before anything is touched."""

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any

from gameday.domain.control import control_words
from gameday.domain.drill import Conversations, Drill, Requests, StepSpec, Until, UntilDetected
from gameday.domain.drill import Window as WindowSpec
from gameday.domain.offered import Begins, Offered
from gameday.domain.radius import fault_radius, response_radius
from gameday.domain.target import Target
from gameday.domain.value import Value

GOOD_IN_A_ROW = 20  # where the drill does not say
EDGES_S = 1.0  # traffic in flight when a window begins and ends
COUNTING_S = 2.0  # a window of so many requests may take longer than its rate says
AT_ONCE = Begins(0.0, 0.0)
NEARLY = 0.99  # a load that is so near a rate is at it
SETTLE_S = 5.0  # inject, restore and their confirmations, at the most


class PlannedWindow(Value):
    """How long a window may take, and how many requests it has for certain."""

    name: str
    seconds_max: float
    requests_min: int
    # Where the window may be ended by something that is noticed: how many it has until then.
    requests_unnoticed: int | None = None
    good_in_a_row: int = GOOD_IN_A_ROW  # so many tell that the system serves well again
    slack_s: float = 0.0  # the part of seconds_max that a window may well not take
    begins_s_min: float = 0.0  # from the load's first request, where nothing takes any time
    begins_s_max: float = 0.0  # where everything takes the longest

    @property
    def begins(self) -> Begins:
        return Begins(self.begins_s_min, self.begins_s_max)

    @property
    def seconds_watched(self) -> float:
        """How long the window lasts for certain while nothing is well."""
        return self.seconds_max - self.slack_s


class Plan(Value):
    """The worst case of a drill, and the digest that an approval is bound to."""

    windows: tuple[PlannedWindow, ...]
    faults: tuple[str, ...]  # "connection_refused on provider/primary, all traffic"
    response: tuple[str, ...] = ()  # "pin_model on component/model, to previous (answers-2026-08)"
    lease_s: float
    # The longest that a fault, or what a step has changed, can live: the deadline.
    fault_seconds_max: float
    seconds_max: float
    requests_max: int
    cost_usd_max: float
    radius: str  # whose requests the faults change
    radius_response: str = ""  # who else may feel what the system does about it
    control: str = ""  # what is asked beside it that no fault touches, or why nothing is
    digest: str

    def window(self, name: str) -> PlannedWindow:
        return next(window for window in self.windows if window.name == name)


@dataclass(frozen=True)
class Planned:
    """What a check may look at to say whether it will be able to decide."""

    windows: dict[str, PlannedWindow]
    load: Offered
    suite: str  # that the load asks
    cases: int
    target: Target
    breaks: bool = False  # whether the drill has a fault, on whatever it is
    faulted_providers: tuple[str, ...] = ()  # in the drill's order
    responds: bool = False  # whether steps of a response are carried out and watched
    rehearses: bool = False  # the response alone, without any fault
    detects: bool = False  # whether nothing is done about the fault before it is noticed
    users: int = 0  # who ask in turn, each under a name of its own
    hang_up_share: float = 0.0  # of the requests, whose clients are told to hang up
    conversations: Conversations | None = None  # that the load's requests are turns of

    def too_few(self, name: str, needed: int, *, unnoticed: bool = False) -> str:
        """Why the window `name` may have fewer than `needed` settled requests; '' if it has them.

        unnoticed: or so many while nothing is noticed, where that would end the window.

        Requests in flight at an edge of a window belong to none, so one second's are not counted;
        nor are those whose clients are told to hang up.
        """
        window = self.windows[name]
        least = window.requests_min
        if unnoticed and window.requests_unnoticed is not None:
            least = window.requests_unnoticed
        stay = 1 - self.hang_up_share
        edges = math.ceil(EDGES_S * self.rates(name)[1])
        if (least - edges) * stay >= needed:
            return ""
        seconds_min = self.seconds_for(name, math.ceil(needed / stay) + edges)
        seconds = math.ceil(10 * seconds_min - 1e-6) / 10
        leaving = f", of which {self.hang_up_share:.0%} hang up" if self.hang_up_share else ""
        return (
            f"needs {needed} requests beside those in flight at its edges, so {seconds:g} s at "
            f"{self.rate_words(name)}; the {window.name} window has {least} "
            f"requests{leaving}"
        )

    def rates(self, name: str) -> tuple[float, float]:
        """The lowest and the highest rate that the window can have, wherever it begins."""
        window = self.windows[name]
        ends_s = window.begins_s_max + window.seconds_max
        return self.load.curve.rates_between(window.begins_s_min, ends_s)

    def too_few_at(self, name: str, rate_per_s: float, needed: int) -> str:
        """Why the window may have fewer than `needed` requests at this rate or more; else ''."""
        highest = self.load.curve.rate_max
        if highest < rate_per_s:
            return f"the load goes up to {highest:g}/s, in no window to {rate_per_s:g}/s"
        window = self.windows[name]
        first_s, last_s = window.begins_s_max, window.begins_s_min + window.seconds_watched
        stay = 1 - self.hang_up_share
        at_rate = self.load.fewest_at(NEARLY * rate_per_s, first_s, last_s)
        if at_rate * stay >= needed:
            return ""
        return (
            f"needs {needed} requests at {rate_per_s:g}/s, so {needed / stay / rate_per_s:.1f} s "
            f"of it; the {window.name} window, which lasts from {first_s:g} s to {last_s:g} s of "
            f"the load for certain, has {at_rate}"
        )

    def rate_words(self, name: str) -> str:
        low, high = self.rates(name)
        return f"{low:g}/s" if low == high else f"{low:g}/s to {high:g}/s"

    def seconds_for(self, name: str, requests: int, *, after_s: float = 0.0) -> float:
        """How long the window must last until it has `requests` of them after its `after_s`."""
        begins = self.windows[name].begins.later(after_s)
        return after_s + self.load.seconds_for(begins, requests)


def plan_window(
    name: str, spec: WindowSpec, load: Offered, begins: Begins = AT_ONCE
) -> PlannedWindow:
    """begins: from the load's first request. Whatever the rate does, its requests are certain."""
    between = {"begins_s_min": begins.first_s, "begins_s_max": begins.last_s}
    match spec:
        case Requests(requests=requests):
            return PlannedWindow(
                name=name,
                seconds_max=load.seconds_for(begins, requests) + COUNTING_S,
                requests_min=requests,
                slack_s=COUNTING_S,
                **between,
            )
        case Until(at_most=at_most, good_in_a_row=good):
            return PlannedWindow(
                name=name, seconds_max=at_most, requests_min=good, good_in_a_row=good, **between
            )
        case UntilDetected(at_most=at_most):
            # Noticed by the very first answer, at the least; unnoticed, it lasts its whole time.
            return PlannedWindow(
                name=name,
                seconds_max=at_most,
                requests_min=1,
                requests_unnoticed=load.fewest(begins, at_most),
                **between,
            )
        case seconds:
            return PlannedWindow(
                name=name,
                seconds_max=seconds,
                requests_min=load.fewest(begins, seconds),
                **between,
            )


def plan_windows(drill: Drill, play_s: float = 0.0) -> tuple[PlannedWindow, ...]:
    """Each begins when the one before has ended, or as much later as settling may take.

    play_s: that a runbook may take beside the windows, as the drill's response.
    """
    load, begins = drill.load.offered(), AT_ONCE
    planned = []
    for name, spec in drill.windows.in_order():
        window = plan_window(name, spec, load, begins)
        if drill.load.conversations is not None:
            window = _of_talks(window, spec, drill.load.conversations, load.curve.rate_max)
        planned.append(window)
        times, beside_s = (drill.responses_max, play_s) if name == "responded" else (1, 0.0)
        begins = Begins(
            begins.first_s + _seconds_min(spec, load),
            begins.last_s + times * (window.seconds_max + SETTLE_S) + beside_s,
        )
    return tuple(planned)


def _of_talks(
    window: PlannedWindow, spec: WindowSpec, talks: Conversations, rate: float
) -> PlannedWindow:
    """Where requests are turns of conversations, the first pauses have fewer of them."""
    behind_s = talks.behind_s(window.begins_s_min, window.seconds_max)
    fewer = math.ceil(rate * behind_s)
    match spec:
        case Until():
            return window
        case Requests():
            changed: dict[str, float] = {"seconds_max": window.seconds_max + behind_s}
        case UntilDetected():
            changed = {"requests_unnoticed": max(0, (window.requests_unnoticed or 0) - fewer)}
        case _:
            changed = {"requests_min": max(0, window.requests_min - fewer)}
    return window.model_copy(update=changed)


def _seconds_min(spec: WindowSpec, load: Offered) -> float:
    match spec:
        case Requests(requests=requests):
            return requests / load.curve.rate_max
        case Until(good_in_a_row=good):
            return good / load.curve.rate_max
        case UntilDetected():
            return 1 / load.curve.rate_max
        case seconds:
            return seconds


def digest(drill: Drill, target: Target, environment: str) -> str:
    """sha256 over their canonical JSON: the same plan gives the same digest anywhere.

    An approval is bound to it; one that was given for staging must not open production.
    """
    return _sha256([drill.model_dump(mode="json"), target.model_dump(mode="json"), environment])


def digest_of(one: Value) -> str:
    """The same of one value alone: two runs with equal ones were told the same."""
    return _sha256(one.model_dump(mode="json"))


def _sha256(document: Any) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def make_plan(
    drill: Drill,
    target: Target,
    environment: str,
    *,
    cost_usd_max: float = 0.0,
    play_s: float = 0.0,
) -> Plan:
    """The plan of `drill` against `target`.

    cost_usd_max: what `requests_max` requests can cost at the target's prices. play_s: how long the
    runbook may take that it responds with, beside the windows.
    """
    windows = plan_windows(drill, play_s)
    changes = 2 + bool(drill.respond) * drill.responses_max  # inject, respond, restore
    seconds_max = sum(_longest(window, drill) for window in windows) + changes * SETTLE_S + play_s
    requests_max = _requests_max(drill, seconds_max)
    faults = tuple(f"{f.kind} on {f.on}, {f.traffic}" for f in drill.faults)
    broken = [_longest(w, drill) for w in windows if w.name in {"faulted", "responded"}]
    return Plan(
        windows=windows,
        faults=faults,
        response=_planned_response(drill, target),
        lease_s=drill.lease,
        fault_seconds_max=sum(broken) + changes * SETTLE_S + play_s if broken else 0.0,
        seconds_max=seconds_max,
        requests_max=requests_max,
        cost_usd_max=cost_usd_max,
        radius=fault_radius(drill, target, environment),
        radius_response=response_radius(drill, target),
        control=control_words(drill, target, requests_max, cost_usd_max),
        digest=digest(drill, target, environment),
    )


def _longest(window: PlannedWindow, drill: Drill) -> float:
    """How long it may be watched, all times together."""
    times = drill.responses_max if window.name == "responded" else 1
    return times * window.seconds_max


def _planned_response(drill: Drill, target: Target) -> tuple[str, ...]:
    """Each step that is called; of a runbook, which of its steps may be."""
    steps = tuple(_planned_step(step, target) for step in drill.respond)
    if drill.respond_with is None:
        return steps
    most = f": at most {drill.responses_max} of {'; '.join(steps)}" if steps else ""
    return (f"the runbook {drill.respond_with.runbook}{most}",)


def _planned_step(step: StepSpec, target: Target) -> str:
    """A step in a few words, with the version that `previous` stands for."""
    kept = {f"component/{name}": one for name, one in target.components.items()}
    previous = kept[step.on].previous if step.on in kept else None
    goes_back = step.settings.get("to") == "previous" and previous is not None
    return f"{step.words} ({previous})" if goes_back else step.words


def _requests_max(drill: Drill, seconds_max: float) -> int:
    """Those of the load, and those of its control group."""
    asked = drill.load.offered().most_by(seconds_max)
    return asked + math.ceil(asked * drill.load.control_share)
