"""The fault `latency`: every answer of the provider comes late."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from gameday.domain.fault import Felt
from gameday.domain.lease import FaultRecord
from gameday.domain.ports import Toxic
from gameday.domain.sample import Outcome
from gameday.domain.statistics import percentile
from gameday.domain.window import Window
from gameday.faults._attempts import Effect, felt_by
from gameday.faults._toxic import ToxicFault, toxic_name, with_bytes


class Latency(ToxicFault):
    """Delay everything that the provider answers.

    On the wire: Toxiproxy's toxic `latency` downstream, `latency_ms` give or take `jitter_ms`.
    Only answers are delayed, so a request pays once, whatever number of packets it has.

    In reports: attempts that took longer than the baseline's median by half the delay or more,
    or timed out.

    Source: Shopify/toxiproxy's toxics.
    """

    evidence: ClassVar[str] = "the toxic read back, and requests slower by half the delay or more"
    legend: ClassVar[str] = "latency added"

    latency_ms: Annotated[int, Field(ge=1, le=600_000, examples=[800])]
    jitter_ms: Annotated[int, Field(ge=0, le=600_000, examples=[50])] = 0

    @model_validator(mode="after")
    def _jitter_is_within_latency(self) -> Self:
        if self.jitter_ms > self.latency_ms:
            raise ValueError(
                f"jitter_ms {self.jitter_ms} is more than latency_ms {self.latency_ms}; "
                f"no answer can come early"
            )
        return self

    def toxics(self, fault_id: str) -> tuple[Toxic, ...]:
        return (
            Toxic(
                name=toxic_name(fault_id, "downstream"),
                type="latency",
                attributes={"latency": self.latency_ms, "jitter": self.jitter_ms},
            ),
        )

    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:
        usual_ms = percentile(baseline.samples.elapsed_ms(provider), 0.5)
        if usual_ms is None:
            return Felt(0, f"no request of the baseline tried {provider}: nothing to compare with")
        # Half: jitter takes some away, and a client may give up before the whole delay is over.
        slower_by_ms = self.latency_ms / 2
        took = f"took {slower_by_ms:g} ms more than the usual {usual_ms:.0f} ms, or timed out"
        effect = Effect(
            ends=lambda outcome: outcome is Outcome.TIMEOUT,
            takes=lambda elapsed_ms: elapsed_ms >= usual_ms + slower_by_ms,
            one=took,
            many=took,
            beyond_baseline=2.0,
        )
        felt = felt_by(effect, provider, baseline, faulted)
        return Felt(felt.count, with_bytes(felt.sentence, record.evidence))
