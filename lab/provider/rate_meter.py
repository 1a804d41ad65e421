"""The provider's own limits on requests and tokens, counted over fixed minutes."""

import time
from dataclasses import dataclass

REQUESTS_PER_MINUTE_MAX = 12_000
TOKENS_PER_MINUTE_MAX = 8_000_000
_WINDOW_S = 60.0


@dataclass(frozen=True)
class RateState:
    """What is left in this minute, after a request was counted."""

    allowed: bool
    requests_left: int
    tokens_left: int
    resets_in_s: float


class RateMeter:
    """Counts what was used in the current minute."""

    def __init__(
        self,
        requests_max: int = REQUESTS_PER_MINUTE_MAX,
        tokens_max: int = TOKENS_PER_MINUTE_MAX,
    ) -> None:
        self.requests_max = requests_max
        self.tokens_max = tokens_max
        self._began_at = time.monotonic()
        self._requests = 0
        self._tokens = 0

    def take(self, tokens: int) -> RateState:
        """Count one request of `tokens`, unless it is over a limit."""
        now = time.monotonic()
        if now - self._began_at >= _WINDOW_S:
            self._began_at, self._requests, self._tokens = now, 0, 0
        allowed = self._requests < self.requests_max and self._tokens + tokens <= self.tokens_max
        if allowed:
            self._requests += 1
            self._tokens += tokens
        return RateState(
            allowed=allowed,
            requests_left=self.requests_max - self._requests,
            tokens_left=self.tokens_max - self._tokens,
            resets_in_s=self._began_at + _WINDOW_S - now,
        )
