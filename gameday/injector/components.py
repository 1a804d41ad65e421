"""The components of the targets that this injector was started with: the port called `component`.

What a component is and how it is changed comes from the operator's own files, never from a
request: whoever may knock at the injector's door can name a component, and no command.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gameday.domain.ports import Undo
from gameday.domain.step import Kept
from gameday.injector.port import Asked, Look, PathGoneError
from gameday.injector.refusal import RefusalError, Why


class Components:
    """By `target/component`, such as `lab/model`."""

    def __init__(self, files: Iterable[Path]) -> None:
        """files: target files; read when somebody asks, or by `load`."""
        self.files = tuple(files)
        self._kept: dict[str, Kept] | None = None

    def load(self) -> dict[str, Kept]:
        """Read the files, once. Raises FileError."""
        if self._kept is None:
            # Imported late: a restart must restore faults first, and reading YAML takes a while.
            from gameday.catalog.files import load_components, load_target  # noqa: PLC0415

            self._kept = {}
            for file in self.files:
                target, backends = load_target(file), load_components(file)
                for name, component in target.components.items():
                    place = f"{target.target}/{name}"
                    self._kept[place] = Kept(f"component {place}", backends[name], component)
        return self._kept

    async def answers(self) -> bool:
        """Each component is kept by somebody else: that one answers says nothing of another."""
        return False

    async def look(self, name: str) -> Look:
        self._find(name)
        return Look(state={})

    def path(self, name: str, asked: Asked) -> Kept:  # noqa: ARG002 - the contract
        return self._find(name)

    async def verify(self, name: str, fault_id: str, evidence: dict[str, Any]) -> None:
        """Say nothing: what somebody else has changed meanwhile is seen when it is put back."""

    async def renew(self, name: str, fault_id: str, lease_left_s: float) -> None:
        """Do nothing: what keeps a component has no lease of its own."""

    async def rebuild(self, name: str, state: Undo) -> str:  # noqa: ARG002 - the contract
        raise RefusalError(Why.CONFLICT, f"component {name} cannot be made anew")

    def _find(self, name: str) -> Kept:
        kept = self.load()
        if name not in kept:
            known = ", ".join(sorted(kept)) or "none"
            raise PathGoneError(
                f"this injector knows no component {name} (it has: {known})",
                next_step="add it under `components:` of a target file that the injector was "
                "started with (--target), and start it again",
            )
        return kept[name]
