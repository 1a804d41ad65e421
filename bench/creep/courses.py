"""Weekly figures that are made up: with or without a drift, and with what spoils a test of it."""

import math
import random
from dataclasses import dataclass

from gameday.domain.creep import DRIFT, QUARTER_WEEKS, SPAN_WEEKS

_LEVEL = 1000.0


@dataclass(frozen=True)
class Course:
    """One kind of course.

    drift: of its level, in a quarter. noise: the standard deviation of a week's logarithm.
    resembles: the correlation of one week's noise with the next one's. outlier: what one week,
    drawn by chance, is multiplied by. every: weeks from one figure to the next.
    """

    name: str
    drift: float = 0.0
    noise: float = 0.1
    resembles: float = 0.0
    outlier: float = 1.0
    every: int = 1

    def draw(self, chance: random.Random) -> dict[int, float]:
        """The figure of each week that has one; weeks count from 0."""
        off, fresh = chance.gauss(0, 1), math.sqrt(1 - self.resembles**2)
        spoilt = self.every * chance.randrange(-(-SPAN_WEEKS // self.every))
        figures = {}
        for week in range(SPAN_WEEKS):
            if week % self.every == 0:
                grown = (1 + self.drift) ** (week / QUARTER_WEEKS)
                figures[week] = _LEVEL * grown * math.exp(self.noise * off)
            off = self.resembles * off + fresh * chance.gauss(0, 1)
        figures[spoilt] *= self.outlier
        return figures


CALM = (
    Course("calm"),
    Course("calm_one_outlier", outlier=3.0),
    Course("calm_resembling_0.3", resembles=0.3),
    Course("calm_resembling_0.5", resembles=0.5),
)
DRIFTING = (
    Course("drifting", drift=DRIFT),
    Course("drifting_one_outlier", drift=DRIFT, outlier=3.0),
    Course("drifting_resembling_0.3", drift=DRIFT, resembles=0.3),
    Course("drifting_noise_0.05", drift=DRIFT, noise=0.05),
    Course("drifting_noise_0.2", drift=DRIFT, noise=0.2),
    Course("drifting_fast", drift=4 * DRIFT),
)
QUARTERLY = Course("quarterly_drifting", drift=DRIFT, every=QUARTER_WEEKS)
