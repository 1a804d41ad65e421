"""The contract of a question. One file in gameday/questions/ holds one subclass.

Its kind is its file name, its settings are its fields. It asks a witness, and says what it heard in
one of the answers that it names. Without a figure it says `unknown`: it never guesses.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol

from gameday.domain.check import Finding
from gameday.domain.component import Setting
from gameday.domain.deploy_gate import Findings
from gameday.domain.detection import Detect
from gameday.domain.revert_plan import RevertPlan
from gameday.domain.target import Target
from gameday.domain.value import Value

UNKNOWN = "unknown"


class Answered(Value):
    """What was answered, why, and by which figures. evidence: plain JSON.

    before: what changed components stood at before they changed, where the question tells: by the
    component, what a change takes to come back to it.
    """

    answer: str
    reason: str
    evidence: dict[str, Any] = {}
    before: dict[str, Setting] = {}


class Attempts(Value):
    """What became of the requests for which the system asked one provider.

    outcomes: requests by how the provider answered. told: whether answers tell who was asked.
    """

    answered: int = 0
    outcomes: dict[str, int] = {}
    told: bool = True

    @property
    def asked(self) -> int:
        return sum(self.outcomes.values())


class Witness(Protocol):
    """Who can be asked how the system does: live by probing it, in a drill by the drill's samples.

    Every method raises GamedayError, with the reason, where it cannot tell.
    """

    async def quality(self, detect: Detect, *, requests_max: int, rate_per_s: float) -> Findings:
        """Whether the answers are inside the envelope of how it answered while all was well."""
        ...

    async def changes(self, detect: Detect) -> RevertPlan:
        """What differs from when all was well, and what of it to put back first."""
        ...

    async def objective(self, name: str) -> Finding:
        """Whether an objective of the target holds now."""
        ...

    async def attempts(self, provider: str) -> Attempts:
        """What became of what the system asked a provider lately."""
        ...


class Question(Value, ABC):
    """One question about a system."""

    answers: ClassVar[tuple[str, ...]]  # all that it may answer; `unknown` is always among them
    # Those by which the system is well again; none where the question asks about something else.
    well: ClassVar[frozenset[str]] = frozenset()

    def cannot_be_asked(self, target: Target) -> str:  # noqa: ARG002 - most can, of every target
        """Why there is no answer for this target, in a sentence; '' when there may be one."""
        return ""

    @abstractmethod
    async def ask(self, witness: Witness) -> Answered:
        """Raises what the witness raises."""
