"""What the faults share that edit a component, by the operator's own way of changing it."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar

from pydantic import Field, PrivateAttr

from gameday.domain.component import Version
from gameday.domain.detection import Detect, Detector
from gameday.domain.drill import COMPONENT, Scope
from gameday.domain.errors import (
    ComponentError,
    ComponentUnreachableError,
    InjectorRefusedError,
    InjectorUnreachableError,
)
from gameday.domain.fallen_cases import fallen_cases
from gameday.domain.fault import Fault, Felt
from gameday.domain.known_versions import KnownVersions
from gameday.domain.lease import COMPONENT_PORT, FaultRecord
from gameday.domain.ports import Undo
from gameday.domain.samples import Samples
from gameday.domain.sketch import PIECES
from gameday.domain.step import Edited, Kept
from gameday.domain.window import Window

CaseName = Annotated[str, Field(min_length=1, max_length=200)]


class ComponentFault(Fault):
    """A fault that changes what keeps a component, from what was read there, and puts that back.

    Compare and set both ways: what somebody else changes meanwhile is never destroyed. Everybody
    who asks the system meets it, so it is for all traffic.

    cases: of the suite, those that ask for what is edited; where they are named, the others'
    answers do not count.
    """

    port: ClassVar[str] = COMPONENT_PORT
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.ALL})
    evidence: ClassVar[str] = (
        "the component's digest, and answers or versions unlike the baseline's"
    )
    components: ClassVar[frozenset[str]]  # those that it makes sense for
    asks_ready: ClassVar[bool] = True  # whether what keeps it is asked if the change would work

    cases: Annotated[tuple[CaseName, ...], Field(max_length=1000, examples=[("refund-time",)])] = ()

    _edited: Edited | None = PrivateAttr(default=None)
    _version: dict[str, Any] = PrivateAttr(default_factory=dict)

    @abstractmethod
    def change(self) -> Any:
        """What the component is changed to: an edit, or a version as its backend knows it."""

    @classmethod
    def misplaced(cls, on: str) -> str:
        able = [COMPONENT + name for name in sorted(cls.components)]
        return "" if on in able else " or ".join(able)

    def sketch_pieces(self) -> int:
        return PIECES

    async def why_not_ready(self, path: Kept) -> str:
        with _told():
            if path.off_limits:
                return path.off_limits
            if not await path.backend.verify(self.change()):
                return f"{path.name} is already as the edit would leave it: it would change nothing"
            why = await path.backend.ready(self.change()) if self.asks_ready else ""
            return f"{path.name} cannot be edited: {why}" if why else ""

    async def snapshot(self, path: Kept) -> Undo:
        if path.off_limits:
            raise InjectorRefusedError(path.off_limits)
        with _told():
            self._edited = Edited(to=self.change(), undo=await path.backend.snapshot(self.change()))
        return self._edited.model_dump(mode="json")

    async def inject(self, path: Kept, fault_id: str) -> None:  # noqa: ARG002 - the contract
        assert self._edited is not None, "what was there is read before anything is touched"
        with _told():
            await path.backend.change(self._edited.to, self._edited.undo)

    async def confirm(self, path: Kept, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - the contract
        with _told():
            if differs := await path.backend.verify(self.change()):
                raise InjectorRefusedError(f"{path.name} is not as the edit leaves it: {differs}")
            # Read once: of a large corpus that takes a while, and it is confirmed at each renewal.
            self._version = self._version or await _version(path)
        return {"version_while": self._version}

    async def measure(self, path: Kept, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - the contract
        with _told():
            return {"version": await _version(path)}

    async def restore(self, path: Kept, fault_id: str, undo: Undo) -> None:  # noqa: ARG002 - the contract
        edited = Edited.model_validate(undo)
        with _told():
            await path.backend.revert(edited.undo, edited.to)

    async def is_restored(self, path: Kept, fault_id: str, undo: Undo) -> bool:  # noqa: ARG002 - the contract
        with _told():
            return not await path.backend.verify_reverted(Edited.model_validate(undo).undo)

    async def afterwards(self, path: Kept) -> dict[str, Any]:
        with _told():
            return {"version_after": await _version(path)}

    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:
        where = f"component {provider}"
        told = [record.evidence.get(name) for name in ("version_at_arm", "version_while")]
        if not all(told):
            return Felt(0, f"nobody read {where} both before and after it was edited")
        before, now = map(Version.model_validate, told)
        if before.digest == now.digest:
            return Felt(0, f"{where} reads as it did before, {before.words}: nothing was edited")
        changed = f"{where} went from {before.words} to {now.words}"
        signs = [
            *_other_versions(baseline.samples, faulted.samples),
            *self._other_answers(baseline, faulted),
        ]
        if not signs:
            looked = len(self._asking(faulted.good))
            return Felt(0, f"{changed}, and no client saw it in {looked} answers")
        return Felt(
            max(count for count, _ in signs), f"{changed}; {'; '.join(s for _, s in signs)}"
        )

    def _other_answers(self, baseline: Window, faulted: Window) -> Iterator[tuple[int, str]]:
        before, now = self._asking(baseline.samples), self._asking(faulted.samples)
        if fallen := fallen_cases(before, now):
            failing = now.where("case", fallen.__contains__).where("passed", lambda it: it is False)
            noun = "case" if len(fallen) == 1 else "cases"
            yield len(failing), f"{len(failing)} answers to {len(fallen)} {noun} no longer pass"
        noticed = Detector(before, Detect(by=("changed",))).see(now)
        if noticed is not None:
            yield noticed.requests, noticed.sentence

    def _asking(self, samples: Samples) -> Samples:
        """Those of the cases that ask for what is edited."""
        return samples.where("case", self.cases.__contains__) if self.cases else samples


def _other_versions(before: Samples, now: Samples) -> Iterator[tuple[int, str]]:
    if others := KnownVersions(before).others(now.good):
        tell = "answer tells" if len(others) == 1 else "answers tell"
        yield len(others), f"{len(others)} {tell} a version that none of the baseline told"


async def _version(path: Kept) -> dict[str, Any]:
    return (await path.backend.read()).model_dump(mode="json")


@contextmanager
def _told() -> Iterator[None]:
    """Say in the injector's words what the keeper of a component says no with."""
    try:
        yield
    except ComponentUnreachableError as error:
        raise InjectorUnreachableError(error.sentence, next_step=error.next_step) from error
    except ComponentError as error:
        raise InjectorRefusedError(error.sentence, next_step=error.next_step) from error
