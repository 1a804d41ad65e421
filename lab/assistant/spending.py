"""What the assistant's answers have cost of late, as far as providers tell."""

import time
from collections import deque
from collections.abc import Callable

_WINDOW_S = 60.0


class Spending:
    """Dollars of the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answers: deque[tuple[float, float]] = deque()
        self._usd = 0.0

    def note(self, usd: float) -> None:
        self._answers.append((self._clock(), usd))
        self._usd += usd

    def usd_per_minute(self) -> float:
        while self._answers and self._clock() - self._answers[0][0] >= _WINDOW_S:
            self._usd -= self._answers.popleft()[1]
        return self._usd if self._answers else 0.0
