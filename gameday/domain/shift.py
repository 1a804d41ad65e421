"""What is asked: another mix of a suite's questions than every one equally often."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.names import Name
from gameday.domain.value import Value

INPUTS_PORT = "inputs"  # the port of the injector that shifts of what is asked go through
INPUTS = "inputs/load"  # the one resource there: what the drill's own load asks

Weight = Annotated[float, Field(gt=0, le=1000)]


class Shift(Value):
    """Which of the suite's questions are asked, and how often.

    groups: by group, its weight among the others; where some are named, no other is asked.
    chars_min, chars_max: of the questions' first turn. language: in which it is written, ISO 639-1.
    What is left of a group is asked in rounds, each question equally often.
    """

    groups: Annotated[dict[Name, Weight], Field(examples=[{"long": 0.8, "short": 0.2}])] = {}
    chars_min: Annotated[int, Field(ge=1, le=8000)] | None = None
    chars_max: Annotated[int, Field(ge=1, le=8000)] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$", examples=["de"])] | None = None

    @model_validator(mode="after")
    def _shifts_something(self) -> Self:
        if not self.groups and self.chars_min is None and self.chars_max is None:
            if self.language is None:
                raise ValueError("expected groups, chars_min, chars_max or language")
        elif self.chars_min and self.chars_max and self.chars_min > self.chars_max:
            raise ValueError(
                f"chars_min {self.chars_min} is more than chars_max {self.chars_max}; no question "
                "has so many"
            )
        return self

    @property
    def words(self) -> str:
        """It in a few words: `long 80 % and short 20 %, of at least 80 characters`."""
        total = sum(self.groups.values())
        parts = [
            " and ".join(f"{name} {weight / total:.0%}" for name, weight in self.groups.items()),
            f"of at least {self.chars_min} characters" if self.chars_min else "",
            f"of at most {self.chars_max} characters" if self.chars_max else "",
            f"in {self.language}" if self.language else "",
        ]
        return ", ".join(filter(None, parts))
