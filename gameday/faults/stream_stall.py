"""The fault `stream_stall`: an answer begins, and then nothing more comes."""

from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.quantities import Seconds
from gameday.domain.sample import Sample
from gameday.domain.statistics import percentile
from gameday.domain.window import Window
from gameday.domain.wire import Event, Hit, Send, Stall, Steps
from gameday.faults._attempts import Effect
from gameday.faults._streams import StreamFault, answered_by

_COMMENT = b": keep-alive\n\n"
_SLOWER_TIMES = 2.0  # than the slowest twentieth of the baseline: beyond any usual spread


class StreamStall(StreamFault):
    """Hold a streamed answer after so many content events until the fault is cleared.

    On the wire: the connection stays open and silent, or, with keep_alive, says nothing but a
    comment (`: keep-alive`) in that interval: bytes flow, so a timeout between two reads never
    ends it. When the fault is cleared the rest of the answer flows.

    In reports: attempts or answers that were cut or timed out, or took more than twice the
    baseline's p95. Only a deadline for the whole answer, or for the next content, catches it.

    Source: MoonshotAI/kimi-code#1798, QwenLM/qwen-code#5143: a client's timeout ends with the
    headers; vllm-project/vllm#51034 sends such comments; openclaw/openclaw#152705: without end
    they keep an idle watchdog quiet. LiteLLM 1.106 and Portkey 1.15 still hung after 15 to 20 s
    (measured).
    """

    legend: ClassVar[str] = "streams stalled"

    keep_alive: Annotated[Seconds, Field(ge=0.1)] | None = None

    def strike(self, hit: Hit, event: Event) -> Steps:  # noqa: ARG002 - the contract
        if self.keep_alive is None:
            return (Stall(), Send(event.raw))
        return (Stall(alive=_COMMENT, every_s=self.keep_alive), Send(event.raw))

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:
        cut = super().effect(provider, baseline)
        usual = percentile(answered_by(provider, baseline).numbers("latency_ms"), 0.95)
        if isinstance(cut, Felt) or cut.shows_in_answer is None or usual is None:
            return cut
        is_short = cut.shows_in_answer
        limit_ms = _SLOWER_TIMES * usual

        def held(sample: Sample) -> bool:
            return is_short(sample) or sample.latency_ms > limit_ms

        took = f"over {limit_ms:.0f} ms (baseline p95 {usual:.0f} ms)"
        return replace(
            cut,
            one=f"was cut short or took {took}",
            many=f"were cut short or took {took}",
            shows_in_answer=held,
        )
