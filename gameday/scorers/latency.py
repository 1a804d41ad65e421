"""Scores an answer by how soon it was whole."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Answered, Scorer


class Latency(Scorer):
    """The whole answer came in time, counted from when its request was due."""

    ms_max: Annotated[float, Field(ge=0)]

    def score(self, answered: Answered) -> float | None:
        if answered.latency_ms is None:
            return None
        return float(answered.latency_ms <= self.ms_max)
