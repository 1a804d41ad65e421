"""The fault `parameter_edit`: the model is asked with other parameters."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from gameday.domain.component import Setting
from gameday.faults._component import ComponentFault


class ParameterEdit(ComponentFault):
    """Ask the model with other parameters.

    On the wire: nothing of Gameday's. What keeps the parameters (a temperature, a limit of tokens,
    how much of the input is passed on) is changed by its own means; `to` is what its backend sets.

    In reports: answers that tell another version, or no longer pass, or are no longer those of the
    baseline by their sketches.

    Source: Anthropic's postmortem of April 2026: a default effort that was lowered, a context that
    lost its history, and a line in a prompt, at about the same time, with the same weights.
    """

    components: ClassVar[frozenset[str]] = frozenset({"parameters"})
    legend: ClassVar[str] = "parameters edited"
    asks_ready: ClassVar[bool] = False  # any value is to be had

    to: Annotated[Setting, Field(examples=[60])]

    def change(self) -> Any:
        return self.to
