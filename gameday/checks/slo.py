"""Judges whether a window holds one of the target's objectives."""

import math
from typing import Literal

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.sample import Window
from gameday.domain.statistics import requests_for_percentile
from gameday.domain.target import Slo as Objective
from gameday.domain.target import SloName


class Slo(Check):
    """One of the target's objectives holds in a window."""

    name: SloName
    window: Literal["baseline", "faulted", "recovered"] = "faulted"

    def judge(self, seen: Seen) -> Finding:
        objective = seen.target.slos.get(self.name)
        if objective is None:
            return unknown(f"the target states no objective {self.name}")
        window = seen.window(self.window)
        if window is None:
            return unknown(f"the {self.window} window has no sample")
        needed = self._requests_min(objective)
        if len(window) < needed:
            return unknown(f"{len(window)} requests cannot tell, {needed} are needed")
        if objective.at_least is not None:
            return _judge_share(window, objective.at_least)
        assert objective.at_most is not None
        return self._judge_time(window, objective.at_most)

    def _judge_time(self, window: Window, at_most_s: float) -> Finding:
        measure, quantile = self._measure()
        value_ms = window.latency_ms(quantile) if measure == "latency" else window.ttft_ms(quantile)
        if value_ms is None:
            return unknown(f"no good answer in {len(window)} requests, so no {self.name}")
        at_most_ms = at_most_s * 1000
        reason = f"{value_ms:,.0f} ms (objective {at_most_ms:,.0f} ms, n={len(window.good)})"
        return yes_if(value_ms <= at_most_ms, reason)

    def cannot_decide(self, planned: Planned) -> str:
        objective = planned.target.slos.get(self.name)
        if objective is None:
            return f"the target states no objective {self.name}"
        needed = self._requests_min(objective)
        has = planned.windows[self.window].requests_min
        if has >= needed:
            return ""
        return (
            f"{self.name} needs {needed} requests, {needed / planned.rate_per_s:g} s at "
            f"{planned.rate_per_s:g}/s; the {self.window} window has {has}"
        )

    def _requests_min(self, objective: Objective) -> int:
        """So many that one request alone cannot decide."""
        if objective.at_least is not None:
            return math.ceil(1 / (1 - objective.at_least) - 1e-9)
        return requests_for_percentile(self._measure()[1])

    def _measure(self) -> tuple[str, float]:
        measure, _, percent = self.name.partition("_p")
        return measure, int(percent) / 100


def _judge_share(window: Window, at_least: float) -> Finding:
    share = len(window.good) / len(window)
    reason = f"{100 * share:.1f} % of {len(window)} (objective {100 * at_least:g} %)"
    return yes_if(share >= at_least, reason)
