"""A component that is one JSON value, and how it is compared and set."""

from abc import abstractmethod
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from gameday.domain.component import Backend, Version, shown, version_of
from gameday.domain.errors import ChangedByOthersError, ComponentError
from gameday.domain.ports import Undo

_TRIES = 5


@dataclass(frozen=True)
class Held:
    """The value that is kept, and the mark by which its keeper knows this state of it."""

    value: Any
    tag: str = ""


class MovedOnError(Exception):
    """The keeper says that what was compared with is no longer what it has. Never shown."""


class ValueBackend(Backend):
    """Compares in here, and where its keeper can compare too, again there.

    Where the keeper cannot, somebody else's change in the moment between reading and setting
    is not seen.
    """

    @property
    @abstractmethod
    def what(self) -> str:
        """What is kept, as a sentence calls it."""

    @abstractmethod
    async def held(self) -> Held:
        """What is kept now."""

    @abstractmethod
    async def put(self, value: Any, before: Held) -> None:
        """Set it in the place of `before`. Raises MovedOnError if that can be told."""

    def meant(self, to: Any, undo: Undo) -> Any:  # noqa: ARG002 - the contract
        """The value that a change to `to` leads to, from what `undo` saw."""
        return to

    async def put_back(self, undo: Undo, before: Held) -> None:
        """Set what `undo` saw in the place of `before`. Raises MovedOnError if it can be told."""
        await self.put(undo["value"], before)

    async def settle(self) -> None:
        """See that what is kept now is what is used. Called whenever it is as it should be."""

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values are one. In JSON, true is not 1."""
        return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)

    async def read(self) -> Version:
        return version_of((await self.held()).value)

    async def snapshot(self, to: Any = None) -> Undo:  # noqa: ARG002 - one value
        return {"value": (await self.held()).value}

    async def change(self, to: Any, undo: Undo) -> None:
        old, ours = undo["value"], self.meant(to, undo)
        for _ in range(_TRIES):
            before = await self._compared(expected=old, wanted=ours, ours=ours, old=old)
            if before is None or await _done(self.put(to, before)):
                return await self.settle()
        raise self._too_busy()

    async def revert(self, undo: Undo, changed_to: Any) -> None:
        old, ours = undo["value"], self.meant(changed_to, undo)
        for _ in range(_TRIES):
            before = await self._compared(expected=ours, wanted=old, ours=ours, old=old)
            if before is None or await _done(self.put_back(undo, before)):
                return await self.settle()
        raise self._too_busy()

    async def verify(self, wanted: Any) -> str:
        return self.differs((await self.held()).value, wanted)

    async def verify_reverted(self, undo: Undo) -> str:
        return await self.verify(undo["value"])

    def differs(self, found: Any, wanted: Any) -> str:
        """How what was found is not what is wanted; '' when it is."""
        if self.same(found, wanted):
            return ""
        return f"{self.what} is {shown(found)}, not {shown(wanted)}"

    async def _compared(self, *, expected: Any, wanted: Any, ours: Any, old: Any) -> Held | None:
        """What is kept, to be set in the place of; None where it is `wanted` already."""
        now = await self.held()
        if self.same(now.value, wanted):
            return None
        if self.same(now.value, expected):
            return now
        raise ChangedByOthersError(
            self.what, found=shown(now.value), ours=shown(ours), before=shown(old)
        )

    def _too_busy(self) -> ComponentError:
        return ComponentError(
            f"{self.what}: something beside it was changed by others at each of {_TRIES} tries",
            next_step="find out who writes there all the time",
        )


async def _done(setting: Awaitable[None]) -> bool:
    try:
        await setting
    except MovedOnError:
        return False
    return True
