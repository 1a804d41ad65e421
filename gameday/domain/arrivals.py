"""When requests arrive: an open-loop schedule, fixed before the first one is sent.

A schedule is a rate over time. Its integral N(t) is how many requests are due by then, so the
i-th is due where N is i: evenly spaced arrivals ask for whole numbers, Poisson arrivals for the
running sum of Exp(1) draws. Both come from one inverse, whatever stages the rate goes through.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A stretch in which the rate goes straight from one value to another.

    starts_s, lasts_s: seconds from the start of the load; the last piece lasts for ever.
    due_before: how many requests are due by its start.
    """

    starts_s: float
    lasts_s: float
    rate_from: float
    rate_to: float
    due_before: float

    def due_after(self, elapsed_s: float) -> float:
        """Requests due within the first `elapsed_s` of this piece: the area under the rate."""
        if math.isinf(self.lasts_s):
            return self.rate_from * elapsed_s
        slope = (self.rate_to - self.rate_from) / self.lasts_s
        return self.rate_from * elapsed_s + slope * elapsed_s * elapsed_s / 2

    def elapsed_at(self, due: float) -> float:
        """Where in this piece `due` requests are due: `due_after` the other way round."""
        if math.isinf(self.lasts_s) or self.rate_from == self.rate_to:
            return due / self.rate_from
        slope = (self.rate_to - self.rate_from) / self.lasts_s
        root = math.sqrt(max(0.0, self.rate_from * self.rate_from + 2 * slope * due))
        # This form has no difference of near numbers in it, as the usual one has for small slopes.
        return 2 * due / (self.rate_from + root)


class RateCurve:
    """A rate over time, from a first rate through stages `(rate, seconds to get there)`.

    After the last stage the rate stays. Rates are requests a second, above 0.
    """

    def __init__(self, rate_per_s: float, stages: Sequence[tuple[float, float]] = ()) -> None:
        self._pieces: list[Piece] = []
        starts_s = due = 0.0
        rate = rate_per_s
        for rate_to, lasts_s in stages:
            piece = Piece(starts_s, lasts_s, rate, rate_to, due)
            self._pieces.append(piece)
            due += piece.due_after(lasts_s)
            starts_s += lasts_s
            rate = rate_to
        self._pieces.append(Piece(starts_s, math.inf, rate, rate, due))
        self._dues = [piece.due_before for piece in self._pieces]

    def rate_at(self, at_s: float) -> float:
        """Requests a second at `at_s` from the start."""
        piece = self._piece_at(at_s)
        if math.isinf(piece.lasts_s):
            return piece.rate_from
        share = (at_s - piece.starts_s) / piece.lasts_s
        return piece.rate_from + share * (piece.rate_to - piece.rate_from)

    def due_by(self, at_s: float) -> float:
        """How many requests are due by `at_s`; no whole number, as a rate is none."""
        piece = self._piece_at(at_s)
        return piece.due_before + piece.due_after(at_s - piece.starts_s)

    def at(self, due: float) -> float:
        """When `due` requests are due, in seconds from the start."""
        place = bisect_right(self._dues, due) - 1
        piece = self._pieces[max(0, place)]
        return piece.starts_s + piece.elapsed_at(due - piece.due_before)

    def evenly(self) -> Iterator[float]:
        """When each whole number of requests is due: `at` of 0, 1, 2 and so on, and quicker."""
        due = 0
        for piece, due_by_end in zip(self._pieces, [*self._dues[1:], math.inf], strict=True):
            at_s, elapsed_at, due_before = piece.starts_s, piece.elapsed_at, piece.due_before
            while due < due_by_end:
                yield at_s + elapsed_at(due - due_before)
                due += 1

    @property
    def rate_max(self) -> float:
        return max(max(piece.rate_from, piece.rate_to) for piece in self._pieces)

    @property
    def edges_s(self) -> tuple[float, ...]:
        """Where each stage begins, and where the last one has ended."""
        return tuple(piece.starts_s for piece in self._pieces)

    def rates_between(self, start_s: float, end_s: float) -> tuple[float, float]:
        """The lowest and the highest rate of this stretch: a straight line has both at its ends."""
        corners = [edge for edge in self.edges_s if start_s < edge < end_s]
        rates = [self.rate_at(at_s) for at_s in (start_s, *corners, end_s)]
        return min(rates), max(rates)

    def spans_at(self, rate_per_s: float) -> Iterator[tuple[float, float]]:
        """The stretches, in seconds from the start, in which the rate is `rate_per_s` or more."""
        for piece in self._pieces:
            low, high = sorted((piece.rate_from, piece.rate_to))
            if high < rate_per_s:
                continue
            rises = piece.rate_to > piece.rate_from
            share = 1.0 if low >= rate_per_s else (high - rate_per_s) / (high - low)
            lasts_s = piece.lasts_s * share
            end_s = piece.starts_s + piece.lasts_s
            yield (end_s - lasts_s, end_s) if rises else (piece.starts_s, piece.starts_s + lasts_s)

    def _piece_at(self, at_s: float) -> Piece:
        place = bisect_right([piece.starts_s for piece in self._pieces], at_s) - 1
        return self._pieces[max(0, place)]


def even_arrivals(curve: RateCurve) -> Iterator[float]:
    """Seconds from the start at which each request is due, evenly spaced in due requests."""
    return curve.evenly()


def poisson_arrivals(curve: RateCurve, chance: Callable[[], float]) -> Iterator[float]:
    """Seconds from the start at which independent users' requests are due.

    chance: draws from [0, 1); a seeded one gives the same arrivals again.
    """
    due = 0.0
    while True:
        due -= math.log1p(-chance())  # an Exp(1) draw
        yield curve.at(due)


def replayed_arrivals(recorded_s: Sequence[float]) -> Iterator[float]:
    """The recorded moments, counted from the first; then all of them again, for ever.

    recorded_s: in ascending order, at least two, not all the same moment.
    """
    offsets = [moment - recorded_s[0] for moment in recorded_s]
    # The pause between the last and the first of the next round is the recording's mean one.
    round_s = offsets[-1] + offsets[-1] / (len(offsets) - 1)
    begun_s = 0.0
    while True:
        yield from (begun_s + offset for offset in offsets)
        begun_s += round_s
