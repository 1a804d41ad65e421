"""What the faults that are made of Toxiproxy's toxics share."""

from abc import abstractmethod
from typing import Any, ClassVar

from gameday.domain.drill import Scope
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.fault import Fault
from gameday.domain.ports import ConnectionPath, PathState, Toxic, Undo


def toxic_name(fault_id: str, stream: str) -> str:
    """Names the fault in Toxiproxy, so that whoever looks there knows whose toxic it is."""
    return f"gameday-{fault_id}-{stream}"


def is_as_before(now: PathState, undo: Undo) -> bool:
    """Whether the path stands as the snapshot saw it, whatever else was added by others."""
    before = PathState.model_validate(undo)
    same_ends = (now.enabled, now.listen, now.upstream) == (
        before.enabled,
        before.listen,
        before.upstream,
    )
    return same_ends and all(toxic in now.toxics for toxic in before.toxics)


class ToxicFault(Fault):
    """A fault that is one or two toxics, named after it. Restore removes these and no other."""

    port: ClassVar[str] = "toxiproxy"
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.ALL})

    @abstractmethod
    def toxics(self, fault_id: str) -> tuple[Toxic, ...]:
        """The toxics that this fault consists of."""

    async def snapshot(self, path: ConnectionPath) -> Undo:
        return (await path.read()).model_dump(mode="json")

    async def inject(self, path: ConnectionPath, fault_id: str) -> None:
        for toxic in self.toxics(fault_id):
            await path.add_toxic(toxic)

    async def confirm(self, path: ConnectionPath, fault_id: str) -> dict[str, Any]:
        state = await path.read()
        wanted = self.toxics(fault_id)
        missing = [toxic.name for toxic in wanted if toxic not in state.toxics]
        if missing or not state.enabled:
            lack = f"lacks {', '.join(missing)}" if missing else "is disabled"
            raise InjectorRefusedError(f"the proxy {state.name} {lack}, so the fault has no effect")
        return {"toxics": [toxic.name for toxic in wanted]}

    async def measure(self, path: ConnectionPath, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - the contract
        return {"bytes": await path.count_bytes()}

    async def restore(self, path: ConnectionPath, fault_id: str, undo: Undo) -> None:  # noqa: ARG002 - the contract
        for toxic in reversed(self.toxics(fault_id)):
            await path.remove_toxic(toxic.name)

    async def is_restored(self, path: ConnectionPath, fault_id: str, undo: Undo) -> bool:
        now = await path.read()
        own = {toxic.name for toxic in self.toxics(fault_id)}
        return is_as_before(now, undo) and own.isdisjoint(toxic.name for toxic in now.toxics)


def bytes_passed(evidence: dict[str, Any], direction: str = "downstream") -> int | None:
    """Bytes that Toxiproxy counted while the fault was armed; None when it counted none.

    Toxiproxy counts a connection when it ends, so a connection that is kept open is missing:
    bytes that passed prove traffic, and none prove nothing.
    """
    at_arm = evidence.get("bytes_at_arm") or {}
    at_clear = evidence.get("bytes_at_clear") or {}
    passed = int(at_clear.get(direction, 0)) - int(at_arm.get(direction, 0))
    return passed if passed > 0 else None


def with_bytes(sentence: str, evidence: dict[str, Any]) -> str:
    """`sentence`, and what Toxiproxy itself saw pass, where it could count that."""
    passed = bytes_passed(evidence)
    return sentence if passed is None else f"{sentence}; {passed} bytes of answers passed Toxiproxy"
