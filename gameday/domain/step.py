"""The contract of a step of a response. One file in gameday/steps/ holds one subclass.

Its kind is its file name. Its settings are its fields. It changes one component through the
operator's own mechanism, and knows nothing of what that is. In a drill the injector holds it like a
fault, under a lease, and undoes it after the faults.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from gameday.domain.component import Backend, Component, Setting
from gameday.domain.ports import Undo
from gameday.domain.value import Value


class Edited(Value):
    """What a fault has changed a component to, and what its backend needs to put it back."""

    to: Any
    undo: Undo


@dataclass(frozen=True)
class Kept:
    """A component as a fault or a step finds it: what keeps it, and what the target says of it.

    edited: by a fault of the same run that stands there; a step may roll back just that.
    off_limits: why no fault may be put there, in a sentence; '' where one may.
    """

    name: str  # "component lab/model", as sentences have it
    backend: Backend
    component: Component
    edited: Edited | None = None
    off_limits: str = ""


class Step(Value, ABC):
    """One act, which can be verified and undone.

    Every method but `wanted` raises what the backend raises: ComponentError, of which
    ComponentUnreachableError and ChangedByOthersError are two.
    """

    components: ClassVar[frozenset[str]]  # the kinds of component that it makes sense for

    def misplaced(self, on: str) -> str:
        """What it changes instead, such as `component/model`; '' when it can change `on`."""
        noun, _, name = on.partition("/")
        if noun == "component" and name in self.components:
            return ""
        return " or ".join(f"component/{one}" for one in sorted(self.components))

    @abstractmethod
    def wanted(self, component: Component) -> Setting | None:
        """What it sets; None when the target does not say what that is."""

    @abstractmethod
    def seen_as(self, component: Component) -> str:
        """What the front door calls the version that it sets; '' when it names none."""

    @property
    def goes_before(self) -> bool:
        """Whether it sets what was there before the run's fault, whatever that is called."""
        return False

    async def snapshot(self, kept: Kept) -> Undo:
        """What `undo` will need. Touches nothing."""
        return await kept.backend.snapshot(self.wanted(kept.component))

    @abstractmethod
    async def ready(self, kept: Kept) -> str:
        """Why it could not work now, in a sentence; '' when nothing is known against it.

        Touches nothing. A rollback to something that is gone must be refused here.
        """

    @abstractmethod
    async def act(self, kept: Kept, undo: Undo) -> None:
        """Do it, from what `undo` saw. Repeatable."""

    @abstractmethod
    async def verify(self, kept: Kept, undo: Undo) -> str:
        """Read back that it took effect; '' when it did, else a sentence."""

    @abstractmethod
    async def undo(self, kept: Kept, undo: Undo) -> None:
        """Put back what `undo` saw, unless somebody else has changed it meanwhile. Repeatable."""

    @abstractmethod
    async def verify_undone(self, kept: Kept, undo: Undo) -> str:
        """Read back that things are as `undo` saw them; '' when they are, else a sentence."""
