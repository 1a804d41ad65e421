"""The fault `rate_limit`: the provider says that too much is asked of it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gameday.domain.wire import Allowance, Answer, Condition, Hit, RetryAfter, RetryStyle
from gameday.faults._answers import Wait
from gameday.faults._gate import GateFault

_SAID = {
    "rpm": Condition.REQUESTS_PER_MINUTE,
    "tpm": Condition.TOKENS_PER_MINUTE,
    "ramp": Condition.RAMP,
}
_PerMinute = Annotated[int, Field(ge=1, le=1_000_000_000)]


class RateLimit(GateFault):
    """Answer every request with a 429 that says when to come again.

    On the wire: status 429 with the dialect's error for requests per minute (rpm), tokens per
    minute (tpm) or load that rose too fast (ramp). The wait is told as `style` says: `header`
    is retry-after in seconds, `milliseconds` is retry-after-ms and whole seconds beside it,
    `body` is the message alone, `absent` is nowhere. With the first two come the headers of the
    allowance, which is used up. Whether the limit is reached is not asked: that is quota_bucket.

    In reports: attempts with the outcome http_error at that provider, or slow ones where the
    client honours the wait.

    Source: continuedev/continue#10502 (OpenAI); docs.anthropic.com/api/rate-limits;
    jasonacox/TinyLLM#17 (Azure, a wait of 86400 s); openai/openai-python#937 (Azure without
    retry-after); developersdigest.tech "429 slow_down" and the client library anthropic 2.11,
    which knows the code ramp_limit_exceeded (ramp).
    """

    legend: ClassVar[str] = "rate limited"
    reads_request: ClassVar[bool] = True  # the message names the model

    limit: Literal["rpm", "tpm", "ramp"] = "rpm"
    retry_after: Wait = 20.0
    style: RetryStyle = RetryStyle.HEADER
    requests_per_min: _PerMinute = 500  # what the headers tell of the allowance
    tokens_per_min: _PerMinute = 30_000

    def conditions(self) -> tuple[Condition, ...]:
        return (_SAID[self.limit],)

    def instead(self, hit: Hit) -> Answer:
        retry = RetryAfter(self.retry_after, self.style)
        in_headers = self.style in (RetryStyle.HEADER, RetryStyle.MILLISECONDS)
        allowance = self._allowance() if in_headers else None
        return hit.dialect.failure(_SAID[self.limit], hit.request, retry=retry, allowance=allowance)

    def _allowance(self) -> Allowance:
        return Allowance(
            requests_max=self.requests_per_min,
            requests_left=0 if self.limit == "rpm" else self.requests_per_min // 2,
            tokens_max=self.tokens_per_min,
            tokens_left=0 if self.limit == "tpm" else self.tokens_per_min // 2,
            resets_in_s=self.retry_after,
        )
