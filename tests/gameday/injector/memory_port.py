"""A port in memory that behaves, fails and hangs as it is told, for the tests of the keeper."""

from typing import Any

from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.ports import PathState, Toxic, Undo
from gameday.injector.port import Asked, Look, PathGoneError


class MemoryPort:
    """Paths by name. `dead`: nobody answers. `hangs`: everybody answers but this one path.

    `lost`: raised as what only the port knows. `lease_left_s`: of its own lease, as last told.
    """

    def __init__(self, *names: str) -> None:
        self.states = {
            name: PathState(name=name, listen="127.0.0.1:1", upstream="127.0.0.1:2", enabled=True)
            for name in names
        }
        self.dead = False
        self.hangs: set[str] = set()
        self.refuses_toxics = False
        self.rebuilt: list[str] = []
        self.lost: Exception | None = None
        self.asked: Asked | None = None
        self.lease_left_s = 0.0

    async def answers(self) -> bool:
        return not self.dead

    async def look(self, name: str) -> Look:
        state = self.state(name)
        obstacle = "" if state.enabled and not state.toxics else f"{name} is not clean"
        return Look(state=state.model_dump(mode="json"), obstacle=obstacle)

    def path(self, name: str, asked: Asked) -> "MemoryPath":
        self.asked = asked
        return MemoryPath(self, name)

    async def verify(self, name: str, fault_id: str, evidence: dict[str, Any]) -> None:
        self.state(name)
        if self.lost is not None:
            raise self.lost

    async def renew(self, name: str, fault_id: str, lease_left_s: float) -> None:
        self.state(name)
        self.lease_left_s = lease_left_s

    async def rebuild(self, name: str, state: Undo) -> str:
        if self.dead:
            raise InjectorUnreachableError("nobody answers")
        self.rebuilt.append(name)
        self.hangs.discard(name)
        self.states[name] = PathState.model_validate(state)
        return "hung and was made anew"

    def state(self, name: str) -> PathState:
        if self.dead or name in self.hangs:
            raise InjectorUnreachableError(f"{name} did not answer within 2 s")
        if name not in self.states:
            raise PathGoneError(f"there is no proxy {name!r}")
        return self.states[name]

    def change(self, name: str, **changes: Any) -> None:
        self.states[name] = self.state(name).model_copy(update=changes)

    def is_clean(self, name: str) -> bool:
        return self.states[name].enabled and not self.states[name].toxics


class MemoryPath:
    """One path of a `MemoryPort`."""

    def __init__(self, port: MemoryPort, name: str) -> None:
        self._port = port
        self._name = name

    async def read(self) -> PathState:
        return self._port.state(self._name)

    async def set_enabled(self, enabled: bool) -> None:
        self._port.change(self._name, enabled=enabled)

    async def add_toxic(self, toxic: Toxic) -> None:
        if self._port.refuses_toxics:
            raise InjectorRefusedError("no toxic today")
        others = [other for other in (await self.read()).toxics if other.name != toxic.name]
        self._port.change(self._name, toxics=(*others, toxic))

    async def remove_toxic(self, name: str) -> None:
        kept = tuple(other for other in (await self.read()).toxics if other.name != name)
        self._port.change(self._name, toxics=kept)

    async def count_bytes(self) -> dict[str, int]:
        self._port.state(self._name)
        return {}

    async def dial(self) -> str:
        return "accepted" if self._port.state(self._name).enabled else "refused"
