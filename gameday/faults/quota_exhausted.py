"""The fault `quota_exhausted`: what was paid for, or allowed, is used up."""

from typing import ClassVar, Literal

from gameday.domain.wire import Answer, Condition, Hit
from gameday.faults._gate import GateFault


class QuotaExhausted(GateFault):
    """Answer every request as a provider does whose quota is used up.

    On the wire: the dialect's error for prepaid credit, a spend cap, a usage limit or a limit
    per day. OpenAI: 429 with the type insufficient_quota. Anthropic: 429 with the code
    enforced_spend_limit_reached, or 400 for credit and a workspace's own limit. Azure: only per
    day, with a retry-after of 86400. Nobody else says when to come again, because waiting does
    not help; it lasts until the fault is cleared.

    In reports: attempts with the outcome http_error at that provider; a client that retries
    shows more calls than requests.

    Source: help.openai.com 5955604 (codes of 2026), alexrudall/ruby-openai#501;
    anthropics/claude-code#66314 (400 for credit); Dev Proxy sample "anthropic-529" (spend cap);
    openai/codex#797 (per day); false "quota exceeded" for paying accounts at OpenAI on
    2025-07-01 (status.openai.com).
    """

    legend: ClassVar[str] = "quota exhausted"
    reads_request: ClassVar[bool] = True  # the message names the model

    reason: Literal[
        Condition.CREDIT, Condition.SPEND_CAP, Condition.USAGE_LIMIT, Condition.PER_DAY
    ] = Condition.CREDIT

    def conditions(self) -> tuple[Condition, ...]:
        return (self.reason,)

    def instead(self, hit: Hit) -> Answer:
        return hit.dialect.failure(self.reason, hit.request)
