"""What the injector does and undoes: a fault, or the step of a response, which it holds alike."""

from typing import Any, Protocol

from gameday.catalog.kinds import faults, steps
from gameday.domain.drill import FaultSpec, Scope, StepSpec
from gameday.domain.errors import ComponentError
from gameday.domain.lease import COMPONENT_PORT
from gameday.domain.ports import Undo
from gameday.domain.step import Kept, Step
from gameday.injector.clock import utc_now


class Act(Protocol):
    """What the keeper asks of whatever it holds; a fault's contract says what each method does."""

    @property
    def port(self) -> str: ...

    @property
    def scopes(self) -> frozenset[Scope]: ...

    def objection(self, scope: Scope) -> str: ...

    async def why_not_ready(self, path: Any) -> str: ...

    async def snapshot(self, path: Any) -> Undo: ...

    async def inject(self, path: Any, fault_id: str) -> None: ...

    async def confirm(self, path: Any, fault_id: str) -> dict[str, Any]: ...

    async def measure(self, path: Any, fault_id: str) -> dict[str, Any]: ...

    async def restore(self, path: Any, fault_id: str, undo: Undo) -> None: ...

    async def is_restored(self, path: Any, fault_id: str, undo: Undo) -> bool: ...

    async def afterwards(self, path: Any) -> dict[str, Any]: ...


def make_act(spec: FaultSpec | StepSpec) -> Act:
    """The installed fault or step that `spec` states. Raises FileError."""
    return HeldStep(steps.make(spec)) if isinstance(spec, StepSpec) else faults.make(spec)


class HeldStep:
    """A step, held like a fault.

    A mechanism that said no, or nothing in time, may have changed something all the same. So that
    is no failure here: the step is held and undone like one that worked, and its evidence says
    what became of it. Whether the rollback worked is what the drill is there to judge.
    """

    port = COMPONENT_PORT
    scopes = frozenset({Scope.ALL})

    def __init__(self, step: Step) -> None:
        self._step = step
        self._undo: Undo = {}
        self._done: dict[str, Any] = {}

    def objection(self, scope: Scope) -> str:  # noqa: ARG002 - the contract
        return ""

    async def why_not_ready(self, path: Kept) -> str:
        return await self._step.ready(path)

    async def snapshot(self, path: Kept) -> Undo:
        self._undo = await self._step.snapshot(path)
        return self._undo

    async def inject(self, path: Kept, fault_id: str) -> None:  # noqa: ARG002 - the contract
        self._done = {
            "to": self._step.wanted(path.component),
            "seen_as": self._step.seen_as(path.component),
            "goes_before": self._step.goes_before,
            "called_at": utc_now().isoformat(),
            "failed": "",
        }
        try:
            await self._step.act(path, self._undo)
        except ComponentError as error:
            self._done["failed"] = error.sentence
        self._done["answered_at"] = utc_now().isoformat()

    async def confirm(self, path: Kept, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - the contract
        """What became of it. Read back once only: a mechanism must not be asked at each renewal."""
        if self._done and "unverified" not in self._done:
            try:
                self._done["unverified"] = await self._step.verify(path, self._undo)
            except ComponentError as error:
                self._done["unverified"] = f"it could not be read back: {error.sentence}"
        return dict(self._done)

    async def measure(self, path: Kept, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - the contract
        return {"version": (await path.backend.read()).model_dump(mode="json")}

    async def afterwards(self, path: Kept) -> dict[str, Any]:
        return {"version_after": (await path.backend.read()).model_dump(mode="json")}

    async def restore(self, path: Kept, fault_id: str, undo: Undo) -> None:  # noqa: ARG002 - the contract
        await self._step.undo(path, undo)

    async def is_restored(self, path: Kept, fault_id: str, undo: Undo) -> bool:  # noqa: ARG002 - the contract
        return not await self._step.verify_undone(path, undo)
