"""The step `pin_model`: the model is set to one version, whatever its floating name stands for."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.component import Component, Setting
from gameday.steps._set import PREVIOUS, SetStep


class PinModel(SetStep):
    """Set the model to a version that is known to be good.

    to: a version as the component's backend knows it, or `previous`, which the target file names.

    shows: what the front door's answers call that version, where that is another name.

    Source: a provider that changes the weights behind a floating name leaves its dated names
    alone; pinning one is the rollback that providers' own pages on deprecations advise.
    """

    components: ClassVar[frozenset[str]] = frozenset({"model"})
    done: ClassVar[str] = "pinned"

    to: Annotated[Setting, Field(examples=[PREVIOUS])] = PREVIOUS

    def seen_as(self, component: Component) -> str:
        if self.shows is not None:
            return self.shows
        wanted = self.wanted(component)
        return "" if wanted is None else str(wanted)
