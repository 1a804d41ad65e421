"""What a watch is told: which system, how often, how many questions, and whom to tell."""

from typing import Annotated

from pydantic import Field

from gameday.domain.detection import By, Detect
from gameday.domain.hook import Hook
from gameday.domain.names import Name
from gameday.domain.quantities import Rate, Seconds
from gameday.domain.value import Value

_DAY_S = 86_400.0
_QUESTIONS = 2  # changed?, and inside the envelope? each has half of the false alarms


class WatchSettings(Value):
    """How a system is watched, as its target file says under `watch:`.

    every: from tick to tick. rate: how fast one tick asks. probes: cases that are asked at every
    tick. part: cases of the rotating part of the suite, which is asked from end to end over several
    ticks. tolerance: a change of at most this share of the answers is none. margin: by how much the
    mean quality may fall. false_alarm_days: on average at most one false alarm in so many days.
    """

    every: Seconds = 3600.0
    rate: Rate = 1.0
    probes: Annotated[int, Field(ge=1, le=1000)] = 8
    part: Annotated[int, Field(ge=1, le=1000)] = 8
    tolerance: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    margin: Annotated[float, Field(gt=0, lt=1)] = 0.10
    false_alarm_days: Annotated[float, Field(ge=1, le=36_500)] = 365.0
    hook: Hook | None = None


class Watch(WatchSettings):
    """One watched system."""

    target: Name
    environment: Name
    target_file: str
    started_by: str = ""

    @property
    def name(self) -> str:
        """What it is called: one environment of one target is watched once."""
        return f"{self.target}.{self.environment}"

    @property
    def ticks_a_day(self) -> float:
        return _DAY_S / self.every

    def detect(self, by: By) -> Detect:
        """What one stretch of ticks counts as noticing, for one of the two questions.

        At most one stretch begins at each tick, and each raises a false alarm with a chance of at
        most alpha, ever: so there are at most `alpha` times as many as ticks.
        """
        alpha = 1 / (self.false_alarm_days * self.ticks_a_day) / _QUESTIONS
        return Detect(alpha=min(alpha, 0.2), margin=self.margin, tolerance=self.tolerance, by=(by,))

    @property
    def chance(self) -> str:
        """The guarantee in words."""
        return f"at most one false alarm in {self.false_alarm_days:g} days"
