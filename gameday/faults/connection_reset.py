"""The fault `connection_reset`: connections are made, then reset."""

from typing import ClassVar

from gameday.domain.fault import Felt
from gameday.domain.lease import FaultRecord
from gameday.domain.ports import Toxic
from gameday.domain.window import Window
from gameday.faults._attempts import NOT_CONNECTED, Effect, felt_by
from gameday.faults._toxic import ToxicFault, toxic_name


class ConnectionReset(ToxicFault):
    """Accept connections to the provider and reset them as soon as data flows.

    On the wire: Toxiproxy's toxic `reset_peer`, in both directions: a request's first bytes
    reset a new connection before the provider has seen it, and an answer under way is cut.

    In reports: attempts that were reset, refused or cut.

    Source: Shopify/toxiproxy's toxics. LiteLLM 1.106 tried three times and fell back after 4.6 s,
    Portkey 1.15 after 0.1 s (measured).
    """

    evidence: ClassVar[str] = "the toxics read back, and requests that were cut off"
    legend: ClassVar[str] = "connections reset"

    def toxics(self, fault_id: str) -> tuple[Toxic, ...]:
        return tuple(
            Toxic(
                name=toxic_name(fault_id, stream),
                type="reset_peer",
                stream=stream,
                attributes={"timeout": 0},
            )
            for stream in ("upstream", "downstream")
        )

    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:  # noqa: ARG002 - the contract
        effect = Effect(
            ends=lambda outcome: outcome in NOT_CONNECTED,
            one="was cut off",
            many="were cut off",
        )
        return felt_by(effect, provider, baseline, faulted)
