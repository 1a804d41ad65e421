"""What a load offers for certain: requests in a stretch that begins between two moments.

A rate that changes gives a window more or fewer requests, the later it begins; and when it will
begin is only known between its earliest and its latest moment.
"""

import itertools
import math
from dataclasses import dataclass

from gameday.domain.arrivals import RateCurve

# Poisson counts spread by their square root, so the square root of one spreads by a half wherever
# it lies: four halves to either side are passed about once in 30,000 times.
_CHANCE = 2.0
_HALVINGS = 60  # of a search for a duration: beyond the precision of a float
_WHOLE = 1e-6  # 0.1 * 3 s at 10/s are three requests


@dataclass(frozen=True)
class Begins:
    """The earliest and the latest moment, in seconds from the start of the load."""

    first_s: float
    last_s: float

    def later(self, seconds: float) -> "Begins":
        return Begins(max(0.0, self.first_s + seconds), max(0.0, self.last_s + seconds))


@dataclass(frozen=True)
class Offered:
    """A rate over time, and whether chance moves each arrival."""

    curve: RateCurve
    by_chance: bool = False

    def fewest(self, begins: Begins, lasts_s: float) -> int:
        """Requests that `lasts_s` seconds have for certain, wherever they begin."""
        due = min(self._due(at_s, lasts_s) for at_s in self._candidates(begins, lasts_s))
        return self._certain(due)

    def _certain(self, due: float) -> int:
        if self.by_chance:
            due = max(0.0, math.sqrt(max(0.0, due)) - _CHANCE) ** 2
        return math.floor(due + _WHOLE)

    def fewest_at(self, rate_per_s: float, first_s: float, last_s: float) -> int:
        """Requests between the two moments for certain, of those due at this rate or more."""
        due = 0.0
        for start, end in self.curve.spans_at(rate_per_s):
            start_s, end_s = max(start, first_s), min(end, last_s)
            if end_s > start_s:
                due += self._due(start_s, end_s - start_s)
        return self._certain(due)

    def most_by(self, at_s: float) -> int:
        """Requests that are due by `at_s` at the most."""
        due = self.curve.due_by(at_s)
        return int((math.sqrt(due) + _CHANCE) ** 2 if self.by_chance else due)

    def seconds_for(self, begins: Begins, requests: int) -> float:
        """How long it takes at the most until `requests` of them have come."""
        low_s, high_s = 0.0, 1.0
        while self.fewest(begins, high_s) < requests:
            low_s, high_s = high_s, 2 * high_s
        for _ in range(_HALVINGS):
            middle_s = (low_s + high_s) / 2
            enough = self.fewest(begins, middle_s) >= requests
            low_s, high_s = (low_s, middle_s) if enough else (middle_s, high_s)
        return round(high_s, 6)

    def _due(self, at_s: float, lasts_s: float) -> float:
        return self.curve.due_by(at_s + lasts_s) - self.curve.due_by(at_s)

    def _candidates(self, begins: Begins, lasts_s: float) -> list[float]:
        """Where a stretch that slides along the curve can have fewest requests.

        At its ends, where either end of it passes a corner of the curve, and between two of those
        where what it loses behind has become what it wins before.
        """
        corners = [edge - shift for edge in self.curve.edges_s for shift in (0.0, lasts_s)]
        inside = (c for c in corners if begins.first_s < c < begins.last_s)
        places = sorted({begins.first_s, begins.last_s, *inside})
        turns = []
        for left, right in itertools.pairwise(places):
            before, after = self._gain(left, lasts_s), self._gain(right, lasts_s)
            if before < 0 < after:
                turns.append(left + (right - left) * before / (before - after))
        return places + turns

    def _gain(self, at_s: float, lasts_s: float) -> float:
        return self.curve.rate_at(at_s + lasts_s) - self.curve.rate_at(at_s)
