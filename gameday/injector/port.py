"""What the injector needs of a driver: one port through which faults of one sort are done."""

from typing import Any, Protocol

from gameday.domain.errors import InjectorRefusedError
from gameday.domain.ports import Undo
from gameday.domain.value import Value


class PathGoneError(InjectorRefusedError):
    """The thing itself is gone, and whatever was done to it with it."""


class Look(Value):
    """How a path stands before a fault: its state, and why it cannot be used as it is."""

    state: Undo
    obstacle: str = ""


class Port(Protocol):
    """A driver. Each method raises InjectorUnreachableError when nobody answers in time."""

    async def answers(self) -> bool:
        """Whether anybody answers at all."""

    async def look(self, name: str) -> Look:
        """Read the path. Raises PathGoneError when there is none of that name."""

    def path(self, name: str) -> Any:
        """The path that a fault of this port works on."""

    async def rebuild(self, name: str, state: Undo) -> None:
        """Make the path anew as `look` saw it, when it cannot be restored in place."""
