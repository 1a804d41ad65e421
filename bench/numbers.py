"""How measured times become one figure."""

from collections.abc import Sequence
from statistics import median

from gameday.domain.statistics import percentile


def at(values: Sequence[float], quantile: float) -> float:
    """The quantile by nearest rank: something that was really measured."""
    found = percentile(values, quantile)
    assert found is not None, "nothing was measured"
    return found


def middle(values: Sequence[float]) -> float:
    return median(values)


def rounded(value: float) -> float:
    """Three digits behind the point, for a document that people read too."""
    return round(value, 3)
