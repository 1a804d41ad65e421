"""What the steps share that set a component to a value that the runbook names."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.component import Component, Setting, shown
from gameday.domain.ports import Undo
from gameday.domain.step import Kept, Step

PREVIOUS = "previous"


class SetStep(Step):
    """Set a component by its own mechanism, and back by compare and set.

    to: a value as the component's backend knows it, or `previous`, which the target file names.

    shows: what the front door's answers then call their version, where they tell.
    """

    done: ClassVar[str] = "set"  # what is then done to it, in a sentence

    to: Annotated[Setting, Field(examples=["secondary"])]
    shows: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    def wanted(self, component: Component) -> Setting | None:
        return component.previous if self.to == PREVIOUS else self.to

    def seen_as(self, component: Component) -> str:  # noqa: ARG002 - the contract
        return self.shows or ""

    async def ready(self, kept: Kept) -> str:
        wanted = self.wanted(kept.component)
        if wanted is None:
            return f"{kept.name} has no `previous`, so nobody says what to set it to"
        if not (await kept.backend.verify(wanted)):
            return f"{kept.name} is at {shown(wanted)} already, so that this changes nothing"
        why = await kept.backend.ready(wanted)
        return f"{kept.name} cannot be {self.done}: {why}" if why else ""

    async def act(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.change(self.wanted(kept.component), undo)

    async def verify(self, kept: Kept, undo: Undo) -> str:  # noqa: ARG002 - the contract
        return await kept.backend.verify(self.wanted(kept.component))

    async def undo(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.revert(undo, self.wanted(kept.component))

    async def verify_undone(self, kept: Kept, undo: Undo) -> str:
        return await kept.backend.verify_reverted(undo)
