"""The fault `refusal`: the model declines to answer."""

from typing import ClassVar

from gameday.domain.fault import Felt
from gameday.domain.window import Window
from gameday.domain.wire import Answer, Finish, Hit
from gameday.faults._declined import felt_declined
from gameday.faults._gate import GateFault

_TEXT = "I'm sorry, but I can't help with that."


class Refusal(GateFault):
    """Let the model refuse to answer, with status 200.

    On the wire: 200. OpenAI and Azure: message.refusal holds the words, content is null, the
    finish reason is stop; in a stream the words come as delta.refusal. Anthropic: the words are
    content, the stop reason is refusal. Requests that are no chat pass untouched.

    In reports: answers that are declined or of quality 0. A refusal is an answer: a system that
    asks the next provider instead has gone round its own policy.

    Source: compl-ai #20 and BerriAI/litellm#16231 (OpenAI, Azure); vercel/ai#8412 and
    BerriAI/litellm#40861 (Anthropic).
    """

    evidence: ClassVar[str] = "the gate's own count of changed answers, and declined requests"
    legend: ClassVar[str] = "refusals"
    reads_request: ClassVar[bool] = True  # a stream is answered by a stream

    def instead(self, hit: Hit) -> Answer | None:
        if not hit.dialect.asks_for_text(hit.request):
            return None
        return hit.dialect.completion(hit.request, _TEXT, Finish.REFUSAL)

    def shown(self, provider: str, baseline: Window, faulted: Window) -> Felt:
        return felt_declined(provider, baseline, faulted)
