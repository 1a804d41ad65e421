"""What faults and activities need from the outside, as protocols that other layers implement."""

from typing import Any, Protocol

from gameday.domain.gate import GateState, RuleState
from gameday.domain.value import Value


class Toxic(Value):
    """One toxic on a proxied connection path, in Toxiproxy's terms."""

    name: str
    type: str
    stream: str = "downstream"
    toxicity: float = 1.0
    attributes: dict[str, float] = {}


class PathState(Value):
    """A proxied connection path as it stands."""

    name: str
    listen: str
    upstream: str
    enabled: bool
    toxics: tuple[Toxic, ...] = ()


class ConnectionPath(Protocol):
    """The way from the system to one provider, at connection level.

    Each method raises InjectorUnreachableError when the proxy does not answer in time.
    """

    async def read(self) -> PathState: ...

    async def set_enabled(self, enabled: bool) -> None: ...

    async def add_toxic(self, toxic: Toxic) -> None:
        """Repeatable: a toxic of that name that is already there is replaced."""

    async def remove_toxic(self, name: str) -> None:
        """Repeatable: a toxic that is not there is no error."""

    async def count_bytes(self) -> dict[str, int]:
        """Bytes so far, by direction: {"upstream": n, "downstream": n}."""

    async def dial(self) -> str:
        """Open one connection as the system would: 'accepted' or 'refused'."""


class GatePath(Protocol):
    """One listener of the HTTP fault gate, on the way from the system to one provider.

    With several replicas each method means all of them. Each raises InjectorUnreachableError
    when one does not answer in time.
    """

    async def read(self) -> GateState: ...

    async def arm(self, fault_id: str) -> None:
        """Put the rule that the injector was asked for, under what is left of its lease.

        Repeatable. Raises InjectorRefusedError when the gate cannot do it.
        """

    async def rule(self, fault_id: str) -> RuleState | None:
        """The rule as it stands; evidence is summed over replicas. None when nobody knows it."""

    async def remove(self, fault_id: str) -> None:
        """Repeatable: a rule that is not there is no error. Releases the requests it holds."""


class InputsPath(Protocol):
    """What one run's own load asks."""

    def shift(self, fault_id: str) -> None:
        """Let it ask what the fault says, under what is left of its lease. Repeatable."""

    def require(self, fault_id: str) -> None:
        """Raise InjectorRefusedError unless this fault shifts it."""

    def release(self, fault_id: str) -> None:
        """Let it ask what it usually asks. Repeatable."""

    def are_shifted(self, fault_id: str) -> bool: ...


Undo = dict[str, Any]
"""What a fault needs to put things back, as plain JSON, read before anything was touched."""
