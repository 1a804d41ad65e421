"""Error budgets, and whether a drill would have tripped the usual alerts on how fast they burn.

A burn rate is how many times faster than allowed a budget is being used: at 1 it lasts exactly
its whole period. An alert looks at two windows, so that it neither fires on a moment (the long
one) nor goes on ringing when all is well again (the short one).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from gameday.domain.value import Value

PERIOD_S = 30 * 86_400  # of the budget


class BurnAlert(Value):
    """Fires while the burn rate is above `factor` in both windows."""

    severity: Literal["page", "ticket"]
    factor: float
    short_s: int
    long_s: int


# For a budget of 30 days. Source: slok/sloth's google-30d windows, after the SRE workbook.
STANDARD = (
    BurnAlert(severity="page", factor=14.4, short_s=300, long_s=3_600),
    BurnAlert(severity="page", factor=6.0, short_s=1_800, long_s=21_600),
    BurnAlert(severity="ticket", factor=3.0, short_s=7_200, long_s=86_400),
    BurnAlert(severity="ticket", factor=1.0, short_s=21_600, long_s=259_200),
)


@dataclass(frozen=True)
class Tally:
    """How many events each second of a run had, and how many of them were bad."""

    total: Sequence[float]
    bad: Sequence[float]

    @classmethod
    def of(cls, events: Mapping[int, int], bad: Mapping[int, int], seconds: int) -> "Tally":
        """Events, and the bad ones among them, by the second from the start that they are in.

        An event outside of 0 .. `seconds` counts in the first or the last second.
        """
        return cls(_in_order(events, seconds), _in_order(bad, seconds))

    @property
    def per_s(self) -> float:
        return sum(self.total) / len(self.total) if self.total else 0.0


def _in_order(found: Mapping[int, int], seconds: int) -> list[int]:
    counts = [0] * seconds
    for second, count in found.items():
        counts[min(max(second, 0), seconds - 1)] += count
    return counts


def budget_spent(tally: Tally, objective: float) -> float:
    """The share of the period's budget that the bad events have used; 0.0 without an event.

    The budget is that of a period with the traffic of the run.
    """
    allowed = (1 - objective) * tally.per_s * PERIOD_S
    return sum(tally.bad) / allowed if allowed else 0.0


def burn_rates(tally: Tally, window_s: int, objective: float) -> list[float]:
    """The burn rate in the window that ends with each second of the run.

    The time before the run counts as good, with the run's own traffic: a drill knows nothing of
    it, and to assume anything worse would make every alert fire sooner.
    """
    totals = list(accumulate(tally.total, initial=0))
    bads = list(accumulate(tally.bad, initial=0))
    rates = []
    for end in range(1, len(totals)):
        start = max(0, end - window_s)
        before = (window_s - (end - start)) * tally.per_s
        total = totals[end] - totals[start] + before
        share = (bads[end] - bads[start]) / total if total else 0.0
        rates.append(share / (1 - objective))
    return rates


@dataclass(frozen=True)
class Burnt:
    """What an alert would have seen of a run."""

    fired_s: int | None  # seconds from the start of the run; None when it would not have fired
    short_max: float
    long_max: float


def watch_burn(tally: Tally, alert: BurnAlert, objective: float) -> Burnt:
    """Whether `alert` would have fired, and when, had it been evaluated every second."""
    short = burn_rates(tally, alert.short_s, objective)
    long = burn_rates(tally, alert.long_s, objective)
    both = (min(pair) > alert.factor for pair in zip(short, long, strict=True))
    fired_s = next((second for second, fires in enumerate(both, start=1) if fires), None)
    return Burnt(fired_s, max(short, default=0.0), max(long, default=0.0))


def needed_s(alert: BurnAlert, objective: float, bad_share: float) -> float | None:
    """How long that share of the events would have to be bad until `alert` fires.

    None when it never would: the share burns the budget no faster than the alert allows.
    """
    burn = bad_share / (1 - objective)
    return alert.long_s * alert.factor / burn if burn > alert.factor else None


def can_ever_fire(alert: BurnAlert, objective: float) -> bool:
    """Whether a total outage would trip `alert`, if only it lasted."""
    return 1 / (1 - objective) > alert.factor
