"""What the injector needs of a driver: one port through which faults of one sort are done."""

from dataclasses import dataclass
from typing import Any, Protocol

from gameday.domain.errors import InjectorRefusedError
from gameday.domain.lease import Injection
from gameday.domain.ports import Undo
from gameday.domain.value import Value


class PathGoneError(InjectorRefusedError):
    """The thing itself is gone, and whatever was done to it with it."""


class Look(Value):
    """How a path stands before a fault: its state, and why it cannot be used as it is."""

    state: Undo
    obstacle: str = ""


@dataclass(frozen=True)
class Asked:
    """The fault that a path is wanted for, and how long it may still live.

    beneath: what a fault of the same run has kept to put this very place back, on which a step of
    the response is now set; None where there is none.
    """

    injection: Injection
    lease_left_s: float
    beneath: Undo | None = None


class Port(Protocol):
    """A driver. Each method raises InjectorUnreachableError when nobody answers in time."""

    async def answers(self) -> bool:
        """Whether everybody answers who is needed."""

    async def look(self, name: str) -> Look:
        """Read the path. Raises PathGoneError when there is none of that name."""

    def path(self, name: str, asked: Asked) -> Any:
        """The path that a fault of this port works on."""

    async def verify(self, name: str, fault_id: str, evidence: dict[str, Any]) -> None:
        """Look for what only the port can tell: that the fault is gone, and what took it.

        evidence: what the fault read when it was confirmed. Raises PathGoneError, or
        LeaseEndedError when the port has ended it with a lease of its own.
        """

    async def renew(self, name: str, fault_id: str, lease_left_s: float) -> None:
        """Let the port's own lease of this fault, if it has any, run so long from now.

        Raises like `verify` when the fault is gone.
        """

    async def rebuild(self, name: str, state: Undo) -> str:
        """Make the path anew as `look` saw it, when it cannot be restored in place.

        Returns what was done, to be said after the name of the path.
        """
