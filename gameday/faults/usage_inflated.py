"""The fault `usage_inflated`: the provider counts more tokens than it used."""

import json
from collections import defaultdict
from typing import Annotated, Any, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.sample import Sample
from gameday.domain.statistics import percentile
from gameday.domain.window import Window
from gameday.domain.wire import Event, Hit, Send, Steps
from gameday.faults._attempts import Effect
from gameday.faults._gate import Edits, GateFault
from gameday.faults._streams import answered_by, with_data

_KEY = b'"usage"'


class UsageInflated(GateFault):
    """Multiply every token count that the provider reports.

    On the wire: each number in the `usage` of a body or of a stream's events is multiplied by
    `factor`; the answer itself, its timing and its status are as they were. A stream that tells
    no usage (OpenAI without include_usage) is left alone.

    In reports: answers whose reported tokens, input and output together, exceed the median of
    the same case in the baseline by half of the surplus or more; cost per success rises alike.

    Source: tensorzero/tensorzero#5481 and modelbus/one-api-pro#13: usage counted twice in
    Anthropic's streams; BerriAI/litellm#12970: ten to a hundred times the tokens billed;
    anthropics/claude-code#6805: three to eight times.
    """

    edits: ClassVar[Edits] = Edits.BOTH
    legend: ClassVar[str] = "usage inflated"

    factor: Annotated[float, Field(gt=1, le=10_000, examples=[3])]

    def on_event(self, hit: Hit, event: Event) -> Steps:
        inflated = self._inflated(hit, event.data)
        return (Send(event.raw if inflated is None else with_data(event, inflated)),)

    def on_body(self, hit: Hit, body: bytes) -> Steps:
        inflated = self._inflated(hit, body)
        return (Send(body if inflated is None else inflated),)

    def _inflated(self, hit: Hit, text: bytes) -> bytes | None:
        """`text` with its counts multiplied; None when it has none, or is no JSON object."""
        if _KEY not in text:  # spares the parsing of every event that has content
            return None
        try:
            document: Any = json.loads(text)
        except ValueError:
            return None
        if not isinstance(document, dict) or not hit.dialect.inflate_usage(document, self.factor):
            return None
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:
        answers = [s for s in answered_by(provider, baseline) if _tokens(s)]
        usual = percentile([_tokens(sample) for sample in answers], 0.5)
        if usual is None:
            return Felt(
                0, f"{provider} reported no tokens in the baseline: nothing to compare with"
            )
        by_case: dict[str, list[int]] = defaultdict(list)
        for sample in answers:
            by_case[sample.case].append(_tokens(sample))
        # Half of the surplus: answers to one question differ in length.
        times = 1 + (self.factor - 1) / 2

        def shows(sample: Sample) -> bool:
            usual_of_case = percentile(by_case.get(sample.case, []), 0.5) or usual
            return _tokens(sample) >= times * usual_of_case

        return Effect(
            ends=lambda _: False,
            one=f"reported {times:g} times the usual tokens of its case, or more",
            many=f"reported {times:g} times the usual tokens of their cases, or more",
            beyond_baseline=2.0,
            shows_in_answer=shows,
        )


def _tokens(sample: Sample) -> int:
    return sample.tokens_in + sample.tokens_out
