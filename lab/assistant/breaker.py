"""Leaves a failing provider alone for a moment, then lets one request try it again."""

import time
from collections.abc import Callable


class Breaker:
    """Opens after some failures in a row; each cooldown lets one trial through."""

    def __init__(
        self,
        failures_to_open: int,
        cooldown_s: float,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures_to_open = failures_to_open
        self._cooldown_s = cooldown_s
        self._clock_s = clock_s
        self._failures = 0
        self._trial_at_s = 0.0

    def allows(self) -> bool:
        """Whether to try now. A yes while it is open takes the trial of this cooldown."""
        if self._failures < self._failures_to_open:
            return True
        if self._clock_s() < self._trial_at_s:
            return False
        # Taken by moving the next trial on, so that a trial which is given up blocks nothing.
        self._trial_at_s = self._clock_s() + self._cooldown_s
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._trial_at_s = self._clock_s() + self._cooldown_s
