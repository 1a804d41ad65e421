"""The fault `slow_tokens`: an answer begins in time and then trickles."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.sample import Outcome, Sample
from gameday.domain.statistics import percentile
from gameday.domain.window import Window
from gameday.domain.wire import Event, Hit, Send, Steps, Wait
from gameday.faults._attempts import Effect
from gameday.faults._gate import Edits, GateFault
from gameday.faults._streams import answered_by

_SLOWER_TIMES = 1.5  # than the slowest twentieth of the baseline: beyond any usual spread


class SlowTokens(GateFault):
    """Wait before every piece of a streamed answer but the first.

    On the wire: each content event but the first comes `gap_ms` after what went before, in its
    order; other events and comments wait for nothing but their turn. The first token is in time,
    so a timeout for it does not notice. An answer that is not streamed is left alone.

    In reports: answers that took much longer from their first token to their end than in the
    baseline, or were cut or timed out. A timeout between two reads that is longer than the gap
    never ends it, however long the answer takes.

    Source: vercel/ai#1066: Azure's chunks about two seconds apart, in its own playground too;
    earendil-works/pi#7959: gaps below 250 ms on a good day.
    """

    edits: ClassVar[Edits] = Edits.STREAM
    legend: ClassVar[str] = "slow tokens"

    gap_ms: Annotated[int, Field(ge=1, le=600_000, examples=[400])]

    def on_event(self, hit: Hit, event: Event) -> Steps:
        if event.is_content and hit.tokens:
            return (Wait(self.gap_ms / 1000), Send(event.raw))
        return (Send(event.raw),)

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:
        flows_ms = [_flow_ms(sample) for sample in answered_by(provider, baseline)]
        slow_ms = percentile(flows_ms, 0.95)
        if slow_ms is None:
            return Felt(0, f"{provider} answered nothing in the baseline: nothing to compare with")
        limit_ms = _SLOWER_TIMES * slow_ms + self.gap_ms
        took = (
            f"took over {limit_ms:.0f} ms from the first token to the end "
            f"(baseline p95 {slow_ms:.0f} ms), or came to no good end"
        )
        return Effect(
            ends=lambda outcome: outcome in {Outcome.CUT, Outcome.TIMEOUT},
            one=took,
            many=took,
            beyond_baseline=2.0,
            shows_in_answer=lambda sample: not sample.good or _flow_ms(sample) > limit_ms,
        )


def _flow_ms(sample: Sample) -> float:
    """From the first token, or from the request where no token is told apart, to the end."""
    return sample.latency_ms - (sample.ttft_ms or 0.0)
