"""The fault `context_overflow`: the provider finds the prompt too long."""

from typing import ClassVar

from gameday.domain.wire import Answer, Condition, Hit
from gameday.faults._gate import GateFault


class ContextOverflow(GateFault):
    """Answer 400: the prompt does not fit into the model's context.

    On the wire: 400 with the code context_length_exceeded (OpenAI, Azure) or "prompt is too
    long" in an invalid_request_error (Anthropic), whatever length the prompt has.

    In reports: attempts with the outcome http_error at that provider. The same request fails
    again there, but may well fit the model of another provider.

    Source: Azure-Samples/azure-search-openai-demo#1199 and assafelovic/gpt-researcher#680;
    requests routed to servers with a shorter context at Anthropic in August 2025
    (anthropic.com/engineering, a postmortem of three recent issues).
    """

    legend: ClassVar[str] = "context overflow"

    def conditions(self) -> tuple[Condition, ...]:
        return (Condition.CONTEXT_OVERFLOW,)

    def instead(self, hit: Hit) -> Answer:
        return hit.dialect.failure(Condition.CONTEXT_OVERFLOW, hit.request)
