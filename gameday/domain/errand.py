"""The contracts of what a runbook has done that changes no component: errands, and waits.

One file in gameday/steps/ holds one subclass of Errand or of Wait, as others there hold a step. An
errand is carried out by a worker. A wait is kept by the workflow itself, which survives workers.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol

from gameday.domain.runbook import QuestionSpec
from gameday.domain.value import Value


class Done(Value):
    """What an errand has done, in a sentence, and by which figures. failed: why it did not."""

    sentence: str
    evidence: dict[str, Any] = {}
    failed: str = ""


class Desk(Protocol):
    """What an errand may use. Every method raises GamedayError where it cannot be done.

    Each is repeatable: a worker that died may have done it already.
    """

    async def tell(self, say: str) -> Done:
        """Tell the people of the target, by the channels that it names."""
        ...

    async def ask_suite(self, requests: int, rate_per_s: float) -> Done:
        """Ask the target's suite once, and keep the answers as the run's evidence."""
        ...

    async def start_drill(self, drill: str) -> Done:
        """Start a drill on the same target."""
        ...

    async def stop_drills(self) -> Done:
        """Stop every drill on the same target and put back what it changed."""
        ...


class Errand(Value, ABC):
    """One thing that is done beside the components of a system, and leaves nothing to undo."""

    in_drill: ClassVar[bool] = True  # whether it is done where the runbook is a drill's response

    @property
    @abstractmethod
    def words(self) -> str:
        """What it does, as a dry run says it: `tells people: all is well`."""

    @abstractmethod
    async def run(self, desk: Desk) -> Done:
        """Do it. Repeatable."""


class Pause(Value):
    """What a workflow waits for, and then goes on.

    seconds: that time. until: that a question is answered by one of `answers`, asked anew
    `every_s`. people: what people are asked; their answer is one of the item's choices.
    """

    seconds: float | None = None
    until: QuestionSpec | None = None
    answers: tuple[str, ...] = ()
    every_s: float = 10.0
    people: str = ""


class Wait(Value, ABC):
    """Something that a workflow waits for. Pure: the workflow does the waiting."""

    asks_people: ClassVar[bool] = False  # whether its item needs `choices` and `nobody`

    @property
    @abstractmethod
    def pause(self) -> Pause:
        """What is to be waited for."""
