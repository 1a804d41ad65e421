"""An act of the operator's own that changes no component: rotating keys, bypassing a gateway.

One file in gameday/actions/ holds one subclass of Action. Its kind is its file name, its settings
are its fields. What an action does comes from the target file alone, never from a runbook.
"""

from abc import abstractmethod
from typing import Annotated, Any

from pydantic import Field

from gameday.domain.component import Backend, Component, Version, version_of
from gameday.domain.drill import Extensible
from gameday.domain.errors import ComponentError
from gameday.domain.names import Name
from gameday.domain.ports import Undo

ACTION = "action/"  # what a resource begins with that is one of the target's actions
DONE, NOT_DONE = "done", "not done"


class ActionSpec(Extensible):
    """One action of a target file: how it is done. Further keys are that way's own settings."""

    kind: Annotated[Name, Field(alias="backend", examples=[])]

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @property
    def as_component(self) -> Component:
        """As a step finds it: it has no version that one could name, and costs what it costs."""
        return Component(kind=self.kind, settings={})


class Action(Backend):
    """Like a component whose value is `done` or `not done`.

    What `verify` of it sees decides: an act that is seen as done is not done again, and one that
    is seen as not done is not taken back.
    """

    @property
    @abstractmethod
    def what(self) -> str:
        """The action, as a sentence calls it."""

    @abstractmethod
    async def is_done(self) -> bool:
        """Whether it is in force now. Touches nothing."""

    @abstractmethod
    async def do(self) -> None:
        """Do it. May run twice, where a crash hid that it had run."""

    @property
    @abstractmethod
    def can_be_taken_back(self) -> bool:
        """Whether the target file says how."""

    @abstractmethod
    async def take_back(self) -> None:
        """Undo it. May run twice."""

    async def read(self) -> Version:
        return version_of(await self._found())

    async def snapshot(self, to: Any = None) -> Undo:  # noqa: ARG002 - the contract
        return {"done": await self.is_done()}

    async def change(self, to: Any, undo: Undo) -> None:  # noqa: ARG002 - the contract
        if not await self.is_done():
            await self.do()

    async def revert(self, undo: Undo, changed_to: Any) -> None:  # noqa: ARG002 - the contract
        if undo["done"] or not await self.is_done():
            return
        if not self.can_be_taken_back:
            raise ComponentError(
                f"{self.what} cannot be taken back: the target file gives it no `undo`",
                next_step="take it back by hand, if it must be",
            )
        await self.take_back()

    async def verify(self, wanted: Any) -> str:
        found = await self._found()
        return "" if found == wanted else f"{self.what} is {found}, not {wanted}"

    async def verify_reverted(self, undo: Undo) -> str:
        return await self.verify(DONE if undo["done"] else NOT_DONE)

    async def _found(self) -> str:
        return DONE if await self.is_done() else NOT_DONE
