"""The step `pin_model`: the model is set to one version, whatever its floating name stands for."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.component import Component, Setting, shown
from gameday.domain.ports import Undo
from gameday.domain.step import Kept, Step


class PinModel(Step):
    """Set the model to a version that is known to be good.

    to: a version as the component's backend knows it, or `previous`, which the target file names.

    shows: what the front door's answers call that version, where that is another name.

    Source: a provider that changes the weights behind a floating name leaves its dated names
    alone; pinning one is the rollback that providers' own pages on deprecations advise.
    """

    components: ClassVar[frozenset[str]] = frozenset({"model"})

    to: Annotated[Setting, Field(examples=["previous"])] = "previous"
    shows: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    def wanted(self, component: Component) -> Setting | None:
        return component.previous if self.to == "previous" else self.to

    def seen_as(self, component: Component) -> str:
        if self.shows is not None:
            return self.shows
        wanted = self.wanted(component)
        return "" if wanted is None else str(wanted)

    async def ready(self, kept: Kept) -> str:
        wanted = self.wanted(kept.component)
        if wanted is None:
            return f"{kept.name} has no `previous`, so nobody says what to pin it to"
        if not (await kept.backend.verify(wanted)):
            return f"{kept.name} is at {shown(wanted)} already, so that pinning it changes nothing"
        why = await kept.backend.ready(wanted)
        return f"{kept.name} cannot be pinned: {why}" if why else ""

    async def act(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.change(self.wanted(kept.component), undo)

    async def verify(self, kept: Kept, undo: Undo) -> str:  # noqa: ARG002 - the contract
        return await kept.backend.verify(self.wanted(kept.component))

    async def undo(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.revert(undo, self.wanted(kept.component))

    async def verify_undone(self, kept: Kept, undo: Undo) -> str:
        return await kept.backend.verify_reverted(undo)
