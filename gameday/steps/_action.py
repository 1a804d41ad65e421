"""What the steps share that do an action of the target file: `on: action/NAME`."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.action import ACTION, DONE
from gameday.domain.component import Component, Setting
from gameday.domain.ports import Undo
from gameday.domain.step import Kept, Step


class ActionStep(Step):
    """Do it, unless it is done already; take it back, if it was done here.

    shows: what the front door's answers then call their version, where they tell.
    """

    components: ClassVar[frozenset[str]] = frozenset()
    way: ClassVar[str]  # the backend of the action

    shows: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    def misplaced(self, on: str) -> str:
        return "" if on.startswith(ACTION) else f"{ACTION}NAME"

    def wanted(self, component: Component) -> Setting | None:  # noqa: ARG002 - the contract
        return DONE

    def seen_as(self, component: Component) -> str:  # noqa: ARG002 - the contract
        return self.shows or ""

    async def ready(self, kept: Kept) -> str:
        if kept.component.kind != self.way:
            return f"{kept.name} is done by {kept.component.kind}, and this step by {self.way}"
        if not (await kept.backend.verify(DONE)):
            return f"{kept.name} is done already"
        why = await kept.backend.ready(DONE)
        return f"{kept.name} cannot be done: {why}" if why else ""

    async def act(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.change(DONE, undo)

    async def verify(self, kept: Kept, undo: Undo) -> str:  # noqa: ARG002 - the contract
        return await kept.backend.verify(DONE)

    async def undo(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.revert(undo, DONE)

    async def verify_undone(self, kept: Kept, undo: Undo) -> str:
        return await kept.backend.verify_reverted(undo)
