"""The fault `content_filter`: the provider's filter takes a prompt or an answer away."""

from typing import ClassVar, Literal

from gameday.domain.fault import Felt
from gameday.domain.window import Window
from gameday.domain.wire import Answer, Condition, Finish, Hit
from gameday.faults._declined import felt_declined
from gameday.faults._gate import GateFault

_BEGUN = "Here is what I can tell you about that:"


class ContentFilter(GateFault):
    """Let the provider's content filter stop every prompt or every answer.

    On the wire, `where: prompt`: 400 with Azure's code content_filter and the verdict of each
    category, OpenAI's code invalid_prompt, or Anthropic's "Output blocked" message.
    `where: answer`: a 200 that begins and then ends with the finish reason content_filter
    (Anthropic: the stop reason refusal, for want of another).

    In reports: attempts with the outcome http_error (prompt); answers with the finish reason
    content_filter, or of quality 0 where a gateway hides the reason (answer).

    Source: compl-ai #20 and BerriAI/litellm#16231 (Azure); BeehiveInnovations/pal-mcp-server#178
    (OpenAI); anthropics/claude-code#6195 (Anthropic); vercel/ai#8412 (its stop reason).
    """

    evidence: ClassVar[str] = "the gate's own count of changed answers, and declined requests"
    legend: ClassVar[str] = "content filtered"
    reads_request: ClassVar[bool] = True  # a stream is answered by a stream

    where: Literal["prompt", "answer"] = "prompt"

    def conditions(self) -> tuple[Condition, ...]:
        return (Condition.PROMPT_FILTERED,) if self.where == "prompt" else ()

    def instead(self, hit: Hit) -> Answer | None:
        if self.where == "prompt":
            return hit.dialect.failure(Condition.PROMPT_FILTERED, hit.request)
        if not hit.dialect.asks_for_text(hit.request):
            return None
        return hit.dialect.completion(hit.request, _BEGUN, Finish.CONTENT_FILTER)

    def shown(self, provider: str, baseline: Window, faulted: Window) -> Felt:
        return felt_declined(provider, baseline, faulted)
