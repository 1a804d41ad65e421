"""The fault `slow_first_token`: an answer begins late, and then flows."""

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.sample import Outcome, Sample
from gameday.domain.statistics import percentile
from gameday.domain.window import Window
from gameday.domain.wire import Event, Hit, Send, Steps, Wait
from gameday.faults._attempts import Effect
from gameday.faults._gate import Edits, GateFault
from gameday.faults._streams import answered_by

_LATENCY_MS_MAX = 600_000


class SlowFirstToken(GateFault):
    """Hold an answer back before its first word.

    On the wire: `before: headers` holds the request, so that nothing comes, no status either;
    `before: content` lets the head and the opening events pass in time and holds the first
    content event, or the whole body of an answer that is not streamed. The delay is `latency_ms`;
    with a `sigma` it is drawn from a lognormal distribution whose median that is.

    In reports: first tokens that came later by half the delay or more, or attempts that timed
    out. A timeout that ends with the headers does not notice `before: content`.

    Source: vercel/ai#16538: no headers, or headers and then no content, are two windows;
    envoyproxy/envoy#43193; BerriAI/litellm#34819: 30 to 120 s without a byte before the first
    token. Portkey 1.15's request timeout ended with the headers (measured).
    """

    edits: ClassVar[Edits] = Edits.BOTH
    legend: ClassVar[str] = "slow first tokens"

    latency_ms: Annotated[int, Field(ge=1, le=_LATENCY_MS_MAX, examples=[4000])]
    sigma: Annotated[float, Field(ge=0, le=2, examples=[0.5])] = 0.0
    before: Literal["headers", "content"] = "content"

    def hold_s(self, hit: Hit) -> float:
        return self._delay_s(hit) if self.before == "headers" else 0.0

    def on_event(self, hit: Hit, event: Event) -> Steps:
        if self.before == "content" and event.is_content and not hit.tokens:
            return (Wait(self._delay_s(hit)), Send(event.raw))
        return (Send(event.raw),)

    def on_body(self, hit: Hit, body: bytes) -> Steps:
        if self.before == "content":
            return (Wait(self._delay_s(hit)), Send(body))
        return (Send(body),)

    def _delay_s(self, hit: Hit) -> float:
        if not self.sigma:
            return self.latency_ms / 1000
        # Box-Muller: two uniform draws make one of the standard normal distribution.
        radius = math.sqrt(-2 * math.log(1 - hit.draw()))
        normal = radius * math.cos(2 * math.pi * hit.draw())
        return min(self.latency_ms * math.exp(self.sigma * normal), _LATENCY_MS_MAX) / 1000

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:
        usual_ms = percentile([_first_ms(s) for s in answered_by(provider, baseline)], 0.5)
        if usual_ms is None:
            return Felt(0, f"{provider} answered nothing in the baseline: nothing to compare with")
        usual_attempt_ms = percentile(baseline.samples.elapsed_ms(provider), 0.5)
        # Half: sigma takes some away, and a client may give up before the whole delay is over.
        later_by_ms = self.latency_ms / 2

        def takes(elapsed_ms: float) -> bool:
            return usual_attempt_ms is not None and elapsed_ms >= usual_attempt_ms + later_by_ms

        took = f"began {later_by_ms:g} ms later than the usual {usual_ms:.0f} ms, or timed out"
        return Effect(
            ends=lambda outcome: outcome is Outcome.TIMEOUT,
            takes=takes,
            one=took,
            many=took,
            beyond_baseline=2.0,
            shows_in_answer=lambda sample: _first_ms(sample) >= usual_ms + later_by_ms,
        )


def _first_ms(sample: Sample) -> float:
    """Until the first token, or until the end where none is told apart."""
    return sample.latency_ms if sample.ttft_ms is None else sample.ttft_ms
