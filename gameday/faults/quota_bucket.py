"""The fault `quota_bucket`: a limit that is really counted, and shared with a neighbour."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from gameday.domain.quantities import Seconds
from gameday.domain.wire import Allowance, Answer, Condition, Hit, RetryAfter, RetryStyle
from gameday.faults._gate import GateFault

_PerMinute = Annotated[int, Field(ge=1, le=1_000_000_000, examples=[600])]
_NeighbourPerMinute = Annotated[float, Field(ge=0, le=1_000_000_000, examples=[300])]

_CHARACTERS_PER_TOKEN = 4
_TOKENS_OUT_UNSAID = 16  # what a provider reserves for a request without max_tokens
_DEPTH_MAX = 8  # of lists inside a message: a request must not decide how deep we go
_ROUNDING = 1e-6  # far less than one request: so much may be lost in the arithmetic


class QuotaBucket(GateFault):
    """Count requests and tokens in a real bucket, which a noisy neighbour drains.

    On the wire: a request that the bucket has room for passes untouched. Any other gets the
    dialect's 429 for requests or tokens per minute, with the headers of the allowance and a
    retry-after of the time until the bucket has refilled enough, if the neighbour takes nothing
    meanwhile (no provider knows what others will ask). A request that is larger than the whole
    bucket gets no retry-after. Tokens are estimated as providers do: prompt characters / 4 plus
    max_tokens. The bucket holds `burst` of the rate, is full when the first request comes, and
    refills all the time. What is denied takes nothing from it.

    The neighbour shares the bucket and takes its rates steadily: at less than the limit the
    others have the difference, at more they have the burst and then nothing.

    In reports: attempts with the outcome http_error at that provider, as many as the limit
    denies.

    Source: docs.anthropic.com/api/rate-limits (a bucket that refills all the time);
    continuedev/continue#10502 (what a request asks for counts, not what it uses).
    """

    legend: ClassVar[str] = "quota shared"
    reads_request: ClassVar[bool] = True  # its tokens are counted

    requests_per_min: _PerMinute = 600
    tokens_per_min: _PerMinute | None = None  # None: as many as one likes
    burst: Seconds = 10.0
    neighbour_requests_per_min: _NeighbourPerMinute = 0.0
    neighbour_tokens_per_min: _NeighbourPerMinute = 0.0
    style: RetryStyle = RetryStyle.HEADER

    @model_validator(mode="after")
    def _can_admit(self) -> Self:
        held = self.requests_per_min * self.burst / 60
        if held < 1:
            raise ValueError(
                f"a burst of {self.burst:g} s holds {held:g} requests, so that none could ever "
                f"pass; expected at least {60 / self.requests_per_min:g} s"
            )
        if self.neighbour_tokens_per_min and self.tokens_per_min is None:
            raise ValueError("neighbour_tokens_per_min needs tokens_per_min: no limit, no bucket")
        return self

    def conditions(self) -> tuple[Condition, ...]:
        requests, tokens = Condition.REQUESTS_PER_MINUTE, Condition.TOKENS_PER_MINUTE
        return (requests,) if self.tokens_per_min is None else (requests, tokens)

    def instead(self, hit: Hit) -> Answer | None:
        if not hit.memory:
            hit.memory["buckets"] = self._full(hit.now_s)
        buckets: tuple[_Bucket, ...] = hit.memory["buckets"]
        for bucket in buckets:
            bucket.advance(hit.now_s)
        wanted = (1, tokens_wanted(hit.request.body))
        waits_s = [bucket.wait_s(amount) for bucket, amount in zip(buckets, wanted, strict=False)]
        if not any(waits_s):
            for bucket, amount in zip(buckets, wanted, strict=False):
                bucket.level -= amount
            return None
        longest = max(range(len(waits_s)), key=waits_s.__getitem__)
        return hit.dialect.failure(
            self.conditions()[longest],
            hit.request,
            retry=self._retry(waits_s[longest]),
            allowance=self._allowance(buckets, waits_s[longest]),
        )

    def _full(self, now_s: float) -> "tuple[_Bucket, ...]":
        requests = self._bucket(self.requests_per_min, self.neighbour_requests_per_min, now_s)
        if self.tokens_per_min is None:
            return (requests,)
        return (requests, self._bucket(self.tokens_per_min, self.neighbour_tokens_per_min, now_s))

    def _bucket(self, per_min: float, neighbour_per_min: float, now_s: float) -> "_Bucket":
        holds = per_min * self.burst / 60
        return _Bucket(holds, per_min / 60, neighbour_per_min / 60, level=holds, at_s=now_s)

    def _retry(self, wait_s: float) -> RetryAfter:
        if math.isinf(wait_s):
            return RetryAfter(0.0, RetryStyle.ABSENT)
        return RetryAfter(wait_s, self.style)

    def _allowance(self, buckets: "tuple[_Bucket, ...]", wait_s: float) -> Allowance:
        left = [math.floor(max(0.0, bucket.level)) for bucket in buckets]
        return Allowance(
            requests_max=self.requests_per_min,
            requests_left=left[0],
            tokens_max=self.tokens_per_min,
            tokens_left=left[1] if len(left) > 1 else None,
            resets_in_s=self.burst if math.isinf(wait_s) else wait_s,
        )


@dataclass(slots=True)
class _Bucket:
    """What may be taken now, and how that changes by itself."""

    holds: float
    refill_per_s: float
    neighbour_per_s: float
    level: float
    at_s: float

    def advance(self, now_s: float) -> None:
        """Refill, and let the neighbour take its share: of what is there, never more."""
        elapsed_s = max(0.0, now_s - self.at_s)
        self.at_s = max(self.at_s, now_s)
        change = (self.refill_per_s - self.neighbour_per_s) * elapsed_s
        least = min(self.level, 0.0)
        self.level = max(least, min(self.holds, self.level + change))

    def wait_s(self, amount: float) -> float:
        """Until `amount` may be taken if nobody else takes any: 0 for now, infinite for never."""
        if amount > self.holds + _ROUNDING:
            return math.inf
        missing = amount - self.level
        return 0.0 if missing <= _ROUNDING else missing / self.refill_per_s


def tokens_wanted(body: Mapping[str, Any]) -> int:
    """What a provider reserves for a request: its prompt by length, and the longest answer."""
    characters = _characters(body.get("messages"), 0) + _characters(body.get("system"), 0)
    named = (body.get(name) for name in ("max_completion_tokens", "max_tokens"))
    limit = next((one for one in named if isinstance(one, int) and one >= 0), _TOKENS_OUT_UNSAID)
    return math.ceil(characters / _CHARACTERS_PER_TOKEN) + limit


def _characters(part: Any, depth: int) -> int:
    """Characters of text in a message, or in a list of messages or of their parts."""
    if isinstance(part, str):
        return len(part)
    if depth > _DEPTH_MAX:
        return 0
    if isinstance(part, list):
        return sum(_characters(one, depth + 1) for one in part)
    if isinstance(part, Mapping):
        return sum(_characters(part.get(key), depth + 1) for key in ("content", "text"))
    return 0
