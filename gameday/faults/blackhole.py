"""The fault `blackhole`: connections are made, then nothing ever comes back."""

from typing import ClassVar

from gameday.domain.fault import Felt
from gameday.domain.lease import FaultRecord
from gameday.domain.ports import Toxic
from gameday.domain.window import Window
from gameday.faults._attempts import NOT_ANSWERED, Effect, felt_by
from gameday.faults._toxic import ToxicFault, toxic_name


class Blackhole(ToxicFault):
    """Accept connections to the provider and let nothing through, either way.

    On the wire: Toxiproxy's toxic `timeout` without end, in both directions: the provider never
    sees (or bills) a request, and an answer under way stops. A request that is held when the
    fault is cleared is released by closing its connection. The one thing that still passes is
    the provider closing a connection that it thinks idle.

    In reports: attempts that timed out, were reset or were cut.

    Source: Shopify/toxiproxy's toxics. LiteLLM 1.106 and Portkey 1.15 still hung after 20 s with
    their default timeouts of 6,000 s and of none (measured).
    """

    evidence: ClassVar[str] = "the toxics read back, and requests that got no answer"
    legend: ClassVar[str] = "black hole"

    def toxics(self, fault_id: str) -> tuple[Toxic, ...]:
        return tuple(
            Toxic(
                name=toxic_name(fault_id, stream),
                type="timeout",
                stream=stream,
                attributes={"timeout": 0},  # 0: the connection is never closed
            )
            for stream in ("upstream", "downstream")
        )

    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:  # noqa: ARG002 - the contract
        effect = Effect(
            ends=lambda outcome: outcome in NOT_ANSWERED,
            one="got no answer",
            many="got no answer",
        )
        return felt_by(effect, provider, baseline, faulted)
