"""What the steps share that put back what a component was before somebody changed it."""

from typing import Annotated

from pydantic import Field

from gameday.domain.component import Component, Setting, shown
from gameday.domain.errors import ComponentError
from gameday.domain.ports import Undo
from gameday.domain.step import Edited, Kept, Step

BEFORE, PREVIOUS = "before", "previous"


class RevertStep(Step):
    """Put a component back by the store's own means.

    to: `before`, which is what was there before the drill's fault on that component; `previous`,
    which the target file names; or a version as the component's backend knows it. Undoing `before`
    would put the bad edit back, so nothing is undone then, and it is looked that things are as they
    were; a version goes back by compare and set.

    shows: what the front door's answers call that version, where that is another name.
    """

    to: Annotated[Setting, Field(examples=[BEFORE])] = BEFORE
    shows: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @property
    def goes_before(self) -> bool:
        return self.to == BEFORE

    def wanted(self, component: Component) -> Setting | None:
        return component.previous if self.to == PREVIOUS else self.to

    def seen_as(self, component: Component) -> str:
        if self.shows is not None:
            return self.shows
        wanted = self.wanted(component)
        return "" if self.goes_before or wanted is None else str(wanted)

    async def ready(self, kept: Kept) -> str:
        if self.goes_before:
            await kept.backend.read()  # what was there before is still there, if anybody answers
            return ""
        to = self.wanted(kept.component)
        if to is None:
            return f"{kept.name} has no `previous`, so nobody says what to put it back to"
        if not (await kept.backend.verify(to)):
            return ""  # it stands there now; the drill's fault leads away from it
        why = await kept.backend.ready(to)
        return f"{kept.name} cannot be put back: {why}" if why else ""

    async def snapshot(self, kept: Kept) -> Undo:
        if self.goes_before:
            return _edited(kept).model_dump(mode="json")
        return await kept.backend.snapshot(self.wanted(kept.component))

    async def act(self, kept: Kept, undo: Undo) -> None:
        if self.goes_before:
            edited = Edited.model_validate(undo)
            await kept.backend.revert(edited.undo, edited.to)
        else:
            await kept.backend.change(self.wanted(kept.component), undo)

    async def verify(self, kept: Kept, undo: Undo) -> str:
        if self.goes_before:
            return await kept.backend.verify_reverted(Edited.model_validate(undo).undo)
        return await kept.backend.verify(self.wanted(kept.component))

    async def undo(self, kept: Kept, undo: Undo) -> None:
        if not self.goes_before:
            await kept.backend.revert(undo, self.wanted(kept.component))

    async def verify_undone(self, kept: Kept, undo: Undo) -> str:
        if not self.goes_before:
            return await kept.backend.verify_reverted(undo)
        edited = Edited.model_validate(undo)
        unlike = await kept.backend.verify_reverted(edited.undo)
        # Where the step did not work, the fault is still to be put back, by its own restore.
        return unlike if unlike and await kept.backend.verify(edited.to) else ""


def _edited(kept: Kept) -> Edited:
    if kept.edited is None:
        raise ComponentError(
            f"no fault of this drill is on {kept.name}, so that nobody knows what was before it",
            next_step=f"name the version to go back to: `to: VERSION` instead of {shown(BEFORE)}",
        )
    return kept.edited
