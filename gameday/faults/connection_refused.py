"""The fault `connection_refused`: the provider's port is closed."""

from typing import Any, ClassVar

from gameday.domain.drill import Scope
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.fault import Fault, Felt
from gameday.domain.lease import FaultRecord
from gameday.domain.ports import ConnectionPath, PathState, Undo
from gameday.domain.window import Window
from gameday.faults._attempts import NOT_CONNECTED, Effect, felt_by
from gameday.faults._toxic import is_as_before


class ConnectionRefused(Fault):
    """Refuse every new connection to the provider, and cut the open ones.

    On the wire: Toxiproxy's proxy is disabled, so that its port is closed. Nothing can count
    refused connections, so the proof is a refused dial of the injector's own and a request whose
    attempts name the provider.

    In reports: attempts that were refused, reset or cut.

    Source: Shopify/toxiproxy's "down". LiteLLM 1.106 fell back after 5.5 s, Portkey 1.15 after
    0.3 s (measured).
    """

    port: ClassVar[str] = "toxiproxy"
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.ALL})
    evidence: ClassVar[str] = "a refused dial of the injector's own, and refused requests"
    legend: ClassVar[str] = "connections refused"

    async def snapshot(self, path: ConnectionPath) -> Undo:
        return (await path.read()).model_dump(mode="json")

    async def inject(self, path: ConnectionPath, fault_id: str) -> None:  # noqa: ARG002 - the contract
        await path.set_enabled(False)

    async def confirm(self, path: ConnectionPath, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - the contract
        state = await path.read()
        if state.enabled:
            raise InjectorRefusedError(f"the proxy {state.name} is enabled, so it refuses nobody")
        dial = await path.dial()
        if dial != "refused":
            raise InjectorRefusedError(
                f"{state.listen} {dial} a connection although the proxy {state.name} is disabled"
            )
        return {"dial": dial}

    async def measure(self, path: ConnectionPath, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - the contract
        return {"bytes": await path.count_bytes()}

    async def restore(self, path: ConnectionPath, fault_id: str, undo: Undo) -> None:  # noqa: ARG002 - the contract
        await path.set_enabled(PathState.model_validate(undo).enabled)

    async def is_restored(self, path: ConnectionPath, fault_id: str, undo: Undo) -> bool:  # noqa: ARG002 - the contract
        return is_as_before(await path.read(), undo)

    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:
        if record.evidence.get("dial") != "refused":
            return Felt(0, f"the injector's own dial of {provider} was not seen to be refused")
        effect = Effect(
            ends=lambda outcome: outcome in NOT_CONNECTED,
            one="was refused",
            many="were refused",
        )
        return felt_by(effect, provider, baseline, faulted)
