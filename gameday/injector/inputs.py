"""The port called `inputs`: what the drills' own loads ask.

Nothing of a system is touched here. A shift is in force while it is held: the load of its run asks
whether it is, and goes back to its usual questions by itself when the lease that it was told of is
over. So it is over too when this process has died and nobody revives it.
"""

from typing import Any

from gameday.domain.errors import InjectorRefusedError
from gameday.domain.ports import Undo
from gameday.injector.port import Asked, Look


class LoadInputs:
    """What one run's load asks, as far as faults are concerned."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shifts: set[str] = set()

    def shift(self, fault_id: str) -> None:
        """Repeatable."""
        self._shifts.add(fault_id)

    def require(self, fault_id: str) -> None:
        """Raise InjectorRefusedError unless this fault shifts them."""
        if fault_id not in self._shifts:
            raise InjectorRefusedError(f"the inputs of {self._name} are not shifted by {fault_id}")

    def release(self, fault_id: str) -> None:
        """Repeatable."""
        self._shifts.discard(fault_id)

    def are_shifted(self, fault_id: str) -> bool:
        return fault_id in self._shifts


class Inputs:
    """By run: each has a load of its own."""

    def __init__(self) -> None:
        self._of_run: dict[str, LoadInputs] = {}

    async def answers(self) -> bool:
        return True

    async def look(self, name: str) -> Look:  # noqa: ARG002 - the contract
        return Look(state={})

    def path(self, name: str, asked: Asked) -> LoadInputs:  # noqa: ARG002 - the contract
        return self._of(name)

    def _of(self, name: str) -> LoadInputs:
        return self._of_run.setdefault(name, LoadInputs(name))

    async def verify(self, name: str, fault_id: str, evidence: dict[str, Any]) -> None:  # noqa: ARG002 - the contract
        """Nobody else can end it: what an earlier process has held is held until it is undone."""
        self._of(name).shift(fault_id)

    async def renew(self, name: str, fault_id: str, lease_left_s: float) -> None:
        """Do nothing: the load asks anew."""

    async def rebuild(self, name: str, state: Undo) -> str:  # noqa: ARG002 - the contract
        return "needs nothing"
