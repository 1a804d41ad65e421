"""The fault `usage_inflated`: the provider counts more tokens than it used."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.sample import Sample
from gameday.domain.window import Window
from gameday.domain.wire import Hit
from gameday.faults._attempts import Effect
from gameday.faults._documents import DocumentFault
from gameday.faults._per_case import usual_of
from gameday.faults._streams import answered_by


class UsageInflated(DocumentFault):
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

    key: ClassVar[bytes] = b'"usage"'
    legend: ClassVar[str] = "usage inflated"

    factor: Annotated[float, Field(gt=1, le=10_000, examples=[3])]

    def change(self, hit: Hit, document: dict[str, Any]) -> bool:
        return hit.dialect.inflate_usage(document, self.factor)

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:
        usual = usual_of(answered_by(provider, baseline), _tokens)
        if usual is None:
            return Felt(
                0, f"{provider} reported no tokens in the baseline: nothing to compare with"
            )
        # Half of the surplus: answers to one question differ in length.
        times = 1 + (self.factor - 1) / 2

        return Effect(
            ends=lambda _: False,
            one=f"reported {times:g} times the usual tokens of its case, or more",
            many=f"reported {times:g} times the usual tokens of their cases, or more",
            beyond_baseline=2.0,
            shows_in_answer=lambda sample: _tokens(sample) >= times * usual(sample),
        )


def _tokens(sample: Sample) -> int:
    return sample.tokens_in + sample.tokens_out
