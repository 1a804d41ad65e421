"""The step `disable_tool`: the system stops to use one of its tools."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from gameday.domain.component import Component, Setting, shown
from gameday.domain.errors import ComponentError
from gameday.domain.ports import Undo
from gameday.domain.step import Kept, Step


class DisableTool(Step):
    """Take one tool out of use, and leave the others as they are.

    tool: its name, as the component has it. The component's value is a list of the tools in use,
    or an object with a switch for each, `true` while it is in use.

    shows: what the front door's answers then call their version, where they tell.

    Source: kill switches of feature flags: what misbehaves is switched off first, and its contract
    is read afterwards.
    """

    components: ClassVar[frozenset[str]] = frozenset({"tools"})

    tool: Annotated[str, Field(min_length=1, max_length=200, examples=["orders"])]
    shows: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    def wanted(self, component: Component) -> Setting | None:  # noqa: ARG002 - the contract
        return f"without {self.tool}"

    def seen_as(self, component: Component) -> str:  # noqa: ARG002 - the contract
        return self.shows or ""

    async def snapshot(self, kept: Kept) -> Undo:
        return await kept.backend.snapshot()

    async def ready(self, kept: Kept) -> str:
        before = await self.snapshot(kept)
        if self._without(before) == before["value"]:
            return f"{kept.name} does not use {self.tool}: it is {shown(before['value'])}"
        return ""

    async def act(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.change(self._without(undo), undo)

    async def verify(self, kept: Kept, undo: Undo) -> str:
        return await kept.backend.verify(self._without(undo))

    async def undo(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.revert(undo, self._without(undo))

    async def verify_undone(self, kept: Kept, undo: Undo) -> str:
        return await kept.backend.verify_reverted(undo)

    def _without(self, undo: Undo) -> Any:
        """What `undo` saw, and this tool no longer in use. Raises ComponentError."""
        match undo.get("value"):
            case list(used):
                return [one for one in used if one != self.tool]
            case dict(switches) if self.tool in switches:
                return {**switches, self.tool: False}
            case dict(switches):
                return switches
            case other:
                raise ComponentError(
                    f"{shown(other)} is neither a list of the tools in use nor a switch for each",
                    next_step="let the component `tools` read one of the two",
                )
