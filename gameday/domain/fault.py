"""The contract of a fault. One file in gameday/faults/ holds one subclass.

Its kind is its file name. Its settings are its fields. `snapshot` reads and touches nothing;
`inject` and `restore` may each run twice; `restore` puts back what `snapshot` saw, nothing else.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from gameday.domain.drill import Scope
from gameday.domain.layer import Layer
from gameday.domain.lease import FaultRecord
from gameday.domain.ports import Undo
from gameday.domain.value import Value
from gameday.domain.window import Window


@dataclass(frozen=True)
class Felt:
    """Whether the system felt the fault: how often, and one sentence."""

    count: int
    sentence: str

    @property
    def felt(self) -> bool:
        return self.count > 0


class Fault(Value, ABC):
    """One way to break one thing."""

    port: ClassVar[str]  # which port of the injector it needs, e.g. "toxiproxy"
    scopes: ClassVar[frozenset[Scope]]
    evidence: ClassVar[str]  # what its proof consists of, in a few words
    legend: ClassVar[str]  # how it is called in the report's picture
    layer: ClassVar[Layer | None] = None  # that it breaks, where that is not of what it is on

    @abstractmethod
    async def snapshot(self, path: Any) -> Undo:
        """Read what restore will need. Touches nothing."""

    @abstractmethod
    async def inject(self, path: Any, fault_id: str) -> None:
        """Break it. Repeatable."""

    @abstractmethod
    async def confirm(self, path: Any, fault_id: str) -> dict[str, Any]:
        """Read back that it is broken, and return what could be counted. Raises if it is not."""

    @classmethod
    def misplaced(cls, on: str) -> str:
        """Where it belongs instead, in a few words; '' when it can be on this resource."""
        return "" if on.startswith("provider/") else "provider/NAME"

    def sketch_pieces(self) -> int:
        """Of how many word pieces of every scored answer `felt` needs a sketch."""
        return 0

    def objection(self, scope: Scope) -> str:  # noqa: ARG002 - the contract
        """Why these settings do not fit a scope that the fault supports; '' when they do."""
        return ""

    async def why_not_ready(self, path: Any) -> str:  # noqa: ARG002 - the contract
        """Why it could not be injected now, beside what policy and path say; '' when it could.

        Asked in preflight. Touches nothing.
        """
        return ""

    @abstractmethod
    async def measure(self, path: Any, fault_id: str) -> dict[str, Any]:
        """What the port can count now; taken before inject and before restore."""

    @abstractmethod
    async def restore(self, path: Any, fault_id: str, undo: Undo) -> None:
        """Put back what `snapshot` saw. Repeatable."""

    @abstractmethod
    async def is_restored(self, path: Any, fault_id: str, undo: Undo) -> bool:
        """Read back that things are as `snapshot` saw them."""

    async def afterwards(self, path: Any) -> dict[str, Any]:  # noqa: ARG002 - the contract
        """What is to be shown of how things stand once it is verified as restored."""
        return {}

    @abstractmethod
    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:
        """Judge, from the injector's evidence and the client's samples, if anything was felt.

        faulted: the samples of the faulted window and of the transition into it.
        """
