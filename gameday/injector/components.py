"""The components and actions of the targets that this injector was started with: one port.

What each is and how it is changed comes from the operator's own files, never from a
request: whoever may knock at the injector's door can name one of them, and no command.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.domain.action import ACTION
from gameday.domain.component import Backend, Component
from gameday.domain.drill import FaultSpec
from gameday.domain.environment import is_production
from gameday.domain.lease import Injection, component_place
from gameday.domain.ports import Undo
from gameday.domain.step import Edited, Kept
from gameday.injector.port import Asked, Look, PathGoneError
from gameday.injector.refusal import RefusalError, Why


@dataclass(frozen=True)
class Declared:
    """One component as its target file declares it, and what keeps it and its shadow."""

    component: Component
    backend: Backend
    shadow: Backend | None = None


class Components:
    """By `target/component`, such as `lab/model`; an action by `target/action/NAME`."""

    def __init__(self, files: Iterable[Path]) -> None:
        """files: target files; read when somebody asks, or by `load`."""
        self.files = tuple(files)
        self._declared: dict[str, Declared] | None = None

    def load(self) -> dict[str, Declared]:
        """Read the files, once. Raises FileError."""
        if self._declared is None:
            # Imported late: a restart must restore faults first, and reading YAML takes a while.
            from gameday.catalog.files import (  # noqa: PLC0415
                load_actions,
                load_components,
                load_shadows,
                load_target,
            )

            self._declared = {}
            for file in self.files:
                target, kept, shadows = load_target(file), load_components(file), load_shadows(file)
                for name, component in target.components.items():
                    self._declared[f"{target.target}/{name}"] = Declared(
                        component, kept[name], shadows.get(name)
                    )
                for action, done_by in load_actions(file).items():
                    place = component_place(target.target, f"{ACTION}{action}")
                    told = target.actions[action].as_component
                    self._declared[place] = Declared(told, done_by)
        return self._declared

    async def answers(self) -> bool:
        """Each component is kept by somebody else: that one answers says nothing of another."""
        return False

    async def look(self, name: str) -> Look:
        self._find(name)
        return Look(state={})

    def path(self, name: str, asked: Asked) -> Kept:
        """In production what keeps its shadow, where it has one."""
        one = self._find(name)
        shadowed = one.shadow is not None and is_production(asked.injection.environment)
        return Kept(
            f"{_as_said(name)}{', its shadow' if shadowed else ''}",
            one.shadow if shadowed and one.shadow is not None else one.backend,
            one.component,
            edited=Edited.model_validate(asked.beneath) if asked.beneath else None,
            off_limits=_off_limits(name, one, asked.injection),
        )

    def kept(self, name: str) -> Kept:
        """The component itself, for a step that is to stay. Raises PathGoneError, FileError."""
        one = self._find(name)
        return Kept(_as_said(name), one.backend, one.component)

    async def verify(self, name: str, fault_id: str, evidence: dict[str, Any]) -> None:
        """Say nothing: what somebody else has changed meanwhile is seen when it is put back."""

    async def renew(self, name: str, fault_id: str, lease_left_s: float) -> None:
        """Do nothing: what keeps a component has no lease of its own."""

    async def rebuild(self, name: str, state: Undo) -> str:  # noqa: ARG002 - the contract
        raise RefusalError(Why.CONFLICT, f"component {name} cannot be made anew")

    def _find(self, name: str) -> Declared:
        declared = self.load()
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise PathGoneError(
                f"this injector knows no {_as_said(name)} (it has: {known})",
                next_step="add it under `components:` or `actions:` of a target file that the "
                "injector was started with (--target), and start it again",
            )
        return declared[name]


def _as_said(name: str) -> str:
    """`component lab/model`; of an action, which is called `lab/action/NAME`, `action lab/NAME`."""
    target, _, action = name.partition(f"/{ACTION}")
    return f"action {target}/{action}" if action else f"component {name}"


def _off_limits(name: str, one: Declared, wanted: Injection) -> str:
    """Why no fault may be put there; '' where one may. A step is the operator's own rollback."""
    if not isinstance(wanted.fault, FaultSpec) or not is_production(wanted.environment):
        return ""
    if one.shadow is not None or one.component.shared is False:
        return ""
    said = "is shared" if one.component.shared else "may be shared: nobody says that it is not"
    return (
        f"component {name} {said}, and in {wanted.environment} an edit of it would reach users; "
        "declare a copy that nobody but drills asks with `shadow:`, or say `shared: false`"
    )
