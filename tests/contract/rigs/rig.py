"""What the contract test of backends wants of the one who keeps the component."""

from collections.abc import Sequence
from typing import Any, Protocol

from gameday.domain.component import Backend

SECRET = "s3cr3t/of the rig"


class Rig(Protocol):
    """One keeper at `old`, that can be brought to `new`."""

    backend: Backend
    old: Any
    new: Any
    told: Sequence[str]  # what is said of somebody else's value, of ours and of the old one
    gone: str  # what is said not to be had

    def kept(self) -> Any:
        """All that is kept, to be compared exactly."""

    def set_by_others(self) -> None:
        """Somebody else sets it to something else."""

    def lose_next_answer(self) -> None:
        """The next change is done, and nobody hears of it."""

    def retire(self) -> None:
        """From now on a change to `new` cannot work."""

    def go_dark(self) -> None:
        """From now on nobody answers."""

    def close(self) -> None: ...
