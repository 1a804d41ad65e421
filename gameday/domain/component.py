"""The parts of a system whose change changes its behaviour, and the contract of what keeps one.

One file in gameday/components/ holds one subclass of Backend. Its kind is its file name, its
settings are its fields.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, SerializerFunctionWrapHandler, model_serializer

from gameday.domain.drill import Extensible
from gameday.domain.names import Name
from gameday.domain.ports import Undo
from gameday.domain.redaction import redact
from gameday.domain.value import Value

ComponentName = Literal[
    "model", "prompt", "parameters", "corpus", "index", "tools", "inputs", "gateway", "verifier",
    "route", "budget", "feature",
]  # fmt: skip
UserCost = Literal["none", "low", "medium", "high"]
Setting = str | int | float | bool
_ALWAYS = frozenset({"label", "digest"})
_LABEL_MAX = 80  # characters of a value that a sentence shows


class Component(Extensible):
    """One component: what keeps it, and what it costs users to put an older one back.

    shared: whether others than this environment's own drills are served from it. Where nobody says,
    production takes it for shared. shadow: settings of the backend by which it is a copy that
    nobody but drills asks, such as a label or a view of its own; in production drills edit that.
    Further keys are the backend's own settings.
    """

    kind: Annotated[Name, Field(alias="backend")]
    previous: Annotated[Setting, Field(examples=["heron-4-2026-08"])] | None = None
    user_cost: UserCost = "medium"
    shared: bool | None = None
    shadow: dict[str, Any] = {}

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @property
    def shadowed(self) -> "Component":
        """The same component as its shadow keeps it."""
        return self.model_copy(update={"settings": self.settings | self.shadow})


class Version(Value):
    """What a component stands at.

    label: as people call it. digest: 64 hexadecimal digits, equal where the content is. by,
    changed_at: who made it so, and when, as far as its store knows; '' and None where it does not.
    back: what a change takes to come back to it; None where nothing short does, or nothing at all.
    """

    label: str
    digest: str
    by: str = ""
    changed_at: datetime | None = None
    back: Setting | None = None

    @model_serializer(mode="wrap")
    def _without_the_unknown(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """As it was before there were these: a recording is known by the digest of its JSON."""
        fields: dict[str, Any] = written(self)
        known = {"back"} if self.back is not None else set()
        return {name: field for name, field in fields.items() if field or name in _ALWAYS | known}

    @property
    def words(self) -> str:
        """It in a sentence: what people call it, and enough of the digest to tell it by."""
        return f"{self.label} ({self.digest[:12]})"


class Backend(Value, ABC):
    """What keeps one component, and the operator's own way of changing it there.

    An undo is plain JSON and is taken before anything is touched. `change` and `revert` are
    compare-and-set, and each may run twice: also after a crash between asking and hearing.

    Every method but `beside` and `asks_ready` raises ComponentUnreachableError when nobody
    answered in time, and ComponentError when the answer is no or cannot be read. No sentence of
    theirs has a secret in it.
    """

    _beside: Path = PrivateAttr(default=Path())

    def beside(self, folder: Path) -> Self:
        """The same one, its relative paths counted from `folder`, where its target file is."""
        placed = self.model_copy()
        placed._beside = folder  # noqa: SLF001 - its own
        return placed

    @abstractmethod
    async def read(self) -> Version:
        """What it stands at now. Touches nothing."""

    @abstractmethod
    async def snapshot(self, to: Any = None) -> Undo:
        """What `revert` will need after a change to `to`. Touches nothing.

        A keeper that is too large to be remembered whole needs `to`; others do without.
        """

    @abstractmethod
    async def change(self, to: Any, undo: Undo) -> None:
        """Make it `to`, from what `undo` saw.

        Raises ChangedByOthersError, and touches nothing, when it is neither of the two.
        """

    @abstractmethod
    async def revert(self, undo: Undo, changed_to: Any) -> None:
        """Put back what `undo` saw, if it still is what `change` was asked for.

        Raises ChangedByOthersError, and touches nothing, when it is neither of the two.
        """

    @abstractmethod
    async def verify(self, wanted: Any) -> str:
        """Read back that it is `wanted`; '' when it is, else a sentence."""

    @abstractmethod
    async def verify_reverted(self, undo: Undo) -> str:
        """Read back that it is as `undo` saw it; '' when it is, else a sentence."""

    @property
    @abstractmethod
    def asks_ready(self) -> bool:
        """Whether `ready` can know anything: whether it was told how to ask."""

    @abstractmethod
    async def ready(self, to: Any) -> str:
        """Why a change to `to` cannot work, in a sentence; '' when nothing is known against it.

        Of a model: whether it still answers, so that a rollback finds something to go back to.
        Changes nothing.
        """


def version_of(value: Any, *, by: str = "", changed_at: datetime | None = None) -> Version:
    """The version of a component that is one JSON value."""
    label = shown(value)
    # A text that is shown as it is: one that is long, or has a secret in it, is kept nowhere.
    back = value if isinstance(value, bool | int | float) or value == label else None
    return Version(label=label, digest=digest_of(value), by=by, changed_at=changed_at, back=back)


def digest_of(value: Any) -> str:
    """The digest of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def shown(value: Any) -> str:
    """A value as a sentence has it: one line, and not a long one."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = redact(" ".join(text.split()))
    return line if len(line) <= _LABEL_MAX else f"{line[:_LABEL_MAX]}…"
