"""Judges whether a window holds one of the target's objectives."""

import math
from typing import Literal

from gameday.checks._cost import judge_usd, ledger
from gameday.checks._figures import beside
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.names import Name
from gameday.domain.plan import Planned
from gameday.domain.reading import measure
from gameday.domain.slo import PromQuery, own_measure
from gameday.domain.slo import Slo as Objective
from gameday.domain.statistics import nearest_rank, requests_for_percentile
from gameday.domain.window import Window

SCRAPES_MIN = 4  # of Prometheus in a window: fewer figures say more of its edges than of itself


class Slo(Check):
    """One of the target's objectives holds in a window."""

    name: Name
    window: Literal["baseline", "faulted", "peak", "responded", "recovered"] = "faulted"

    def compares(self, seen: Seen) -> bool:
        """What others measure is of everybody's requests: nobody is left to compare with."""
        objective = seen.target.slos.get(self.name)
        return objective is not None and objective.indicator is None

    def judge(self, seen: Seen) -> Finding:
        objective = seen.target.slos.get(self.name)
        if objective is None:
            return unknown(f"the target states no objective {self.name}")
        if objective.indicator is not None:
            return self._judge_outside(seen, objective)
        window = seen.window(self.window)
        if window is None:
            return unknown(f"the {self.window} window has no sample")
        if objective.usd_at_most is not None:
            return judge_usd(ledger(seen).of(seen.named(self.window)), objective.usd_at_most)
        needed = self._requests_min(objective)
        if objective.at_most is not None:
            return self._judge_time(window, objective.at_most, needed)
        assert objective.at_least is not None
        return self._judge_share(window, objective.at_least, needed)

    def _judge_time(self, window: Window, at_most_s: float, needed: int) -> Finding:
        measure, quantile = own_measure(self.name)
        times_ms = window.latencies_ms() if measure == "latency" else window.ttfts_ms()
        value_ms = nearest_rank(times_ms, quantile)
        if value_ms is None or len(times_ms) < needed:
            return unknown(
                f"{len(times_ms)} good answers in {len(window)} requests cannot tell {self.name}; "
                f"{needed} are needed"
            )
        at_most_ms = at_most_s * 1000
        reason = (
            f"{beside(value_ms, at_most_ms, 0)} ms{self._where()} "
            f"(objective {at_most_ms:,.0f} ms, n={len(times_ms)})"
        )
        took = Measure(value=value_ms, objective=at_most_ms, unit="ms")
        return yes_if(value_ms <= at_most_ms, reason, took)

    def _judge_share(self, window: Window, at_least: float, needed: int) -> Finding:
        if len(window) < needed:
            return unknown(f"{len(window)} requests cannot tell {self.name}; {needed} are needed")
        share = len(window.good) / len(window)
        reason = (
            f"{beside(100 * share, 100 * at_least, 1)} % of {len(window)}{self._where()} "
            f"(objective {100 * at_least:g} %)"
        )
        return yes_if(share >= at_least, reason, _share(share, at_least))

    def _judge_outside(self, seen: Seen, objective: Objective) -> Finding:
        """Judge by what another system measured in the window."""
        assert objective.at_least is not None
        measured = measure(objective, seen.readings.get((self.name, seen.named(self.window)), {}))
        if measured.share is None:
            return unknown(f"{self.name} is not known{self._where()}: {measured.why_not}")
        needed = self._requests_min(objective)
        if measured.count is not None and measured.count < needed:
            return unknown(
                f"{measured.count:,.0f} {measured.what} cannot tell {self.name}; "
                f"{needed} are needed"
            )
        of = "" if measured.count is None else f" of {measured.count:,.0f} {measured.what}"
        reason = (
            f"{beside(100 * measured.share, 100 * objective.at_least, 1)} %{of}{self._where()} "
            f"(objective {100 * objective.at_least:g} %)"
        )
        held = measured.share >= objective.at_least
        return yes_if(held, reason, _share(measured.share, objective.at_least))

    def _where(self) -> str:
        return "" if self.window == "faulted" else f" in the {self.window} window"

    def cannot_decide(self, planned: Planned) -> str:
        objective = planned.target.slos.get(self.name)
        if objective is None:
            return f"the target states no objective {self.name}"
        if self.window not in planned.windows:
            return f"this drill has no window {self.window}"
        if objective.indicator is not None:
            return self._cannot_measure(planned, objective)
        if objective.usd_at_most is not None:
            return "" if planned.target.prices else "the target file has no `prices:`"
        too_few = planned.too_few(self.window, self._requests_min(objective))
        return too_few and f"{self.name} {too_few}"

    def _cannot_measure(self, planned: Planned, objective: Objective) -> str:
        """Why the window is too short for what is read outside; '' when it is not."""
        watched_s = planned.windows[self.window].seconds_watched
        needed_s = 0.0
        if objective.timeslices is not None:
            needed_s = self._requests_min(objective) * objective.timeslices.length
        alerts = planned.target.alerts
        asks_prometheus = any(isinstance(part, PromQuery) for part in objective.parts.values())
        if alerts is not None and asks_prometheus:
            needed_s = max(needed_s, SCRAPES_MIN * alerts.scrape_interval)
        if watched_s >= needed_s:
            return ""
        return (
            f"{self.name} needs {needed_s:g} s of figures; the {self.window} window has "
            f"{watched_s:g} s"
        )

    def _requests_min(self, objective: Objective) -> int:
        """So many that one request alone cannot decide."""
        if objective.at_least is not None:
            return math.ceil(1 / (1 - objective.at_least) - 1e-9)
        return requests_for_percentile(own_measure(self.name)[1])


def _share(share: float, at_least: float) -> Measure:
    return Measure(value=share, objective=at_least, unit="share", worse="down")
