"""The fault `bandwidth`: the provider's answers trickle."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.lease import FaultRecord
from gameday.domain.ports import Toxic
from gameday.domain.sample import Outcome
from gameday.domain.statistics import percentile
from gameday.domain.window import Window
from gameday.faults._attempts import Effect, felt_by
from gameday.faults._toxic import ToxicFault, toxic_name, with_bytes

_SLOWER_TIMES = 1.5  # than the slowest twentieth of the baseline: beyond any usual spread


class Bandwidth(ToxicFault):
    """Limit how fast the provider's answers can flow on each connection.

    On the wire: Toxiproxy's toxic `bandwidth` downstream; each connection has the rate for
    itself, in thousands of bytes a second.

    In reports: attempts that took more than one and a half times the baseline's p95, or timed
    out.

    Source: Shopify/toxiproxy's toxics.
    """

    evidence: ClassVar[str] = "the toxic read back, and requests slower than the baseline's slowest"
    legend: ClassVar[str] = "bandwidth limited"

    rate_kb_per_s: Annotated[int, Field(ge=1, le=1_000_000, examples=[2])]

    def toxics(self, fault_id: str) -> tuple[Toxic, ...]:
        return (
            Toxic(
                name=toxic_name(fault_id, "downstream"),
                type="bandwidth",
                attributes={"rate": self.rate_kb_per_s},
            ),
        )

    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:
        slow_ms = percentile(baseline.samples.elapsed_ms(provider), 0.95)
        if slow_ms is None:
            return Felt(0, f"no request of the baseline tried {provider}: nothing to compare with")
        limit_ms = _SLOWER_TIMES * slow_ms
        took = f"took over {limit_ms:.0f} ms (baseline p95 {slow_ms:.0f} ms), or timed out"
        effect = Effect(
            ends=lambda outcome: outcome is Outcome.TIMEOUT,
            takes=lambda elapsed_ms: elapsed_ms > limit_ms,
            one=took,
            many=took,
            beyond_baseline=2.0,
        )
        felt = felt_by(effect, provider, baseline, faulted)
        return Felt(felt.count, with_bytes(felt.sentence, record.evidence))
