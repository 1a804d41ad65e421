"""Leaves a failing provider alone for a moment, then lets one request try it again."""

import math
import time
from collections import deque
from collections.abc import Callable

from lab.assistant.settings import Caution


class Breaker:
    """Opens when some of the last calls failed; each cooldown lets one trial through."""

    def __init__(
        self,
        caution: Caution,
        *,
        cooldown_s: float | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """cooldown_s: where it is another than the caution's."""
        self._caution = caution
        self._cooldown_s = caution.cooldown_s if cooldown_s is None else cooldown_s
        self._clock_s = clock_s
        self._failed: deque[bool] = deque(maxlen=caution.of_last)
        self._opened_at_s: float | None = None
        self._trial_at_s = -math.inf

    def allows(self) -> bool:
        """Whether to try now. A yes while it is open takes the trial of this cooldown."""
        if self._opened_at_s is None:
            return True
        if self.trial_in_s() > 0:
            return False
        # Taken by moving the next trial on, so that a trial which is given up blocks nothing.
        self._trial_at_s = self._clock_s() + self._cooldown_s
        return True

    def trial_in_s(self) -> float:
        """How long nobody may try; 0 when somebody may."""
        if self._opened_at_s is None:
            return 0.0
        return max(0.0, self._trial_at_s - self._clock_s())

    def succeeded(self, began_s: float) -> None:
        """A call that `began_s` came to its end. Only a trial can close: others began before."""
        if self._opened_at_s is None:
            self._failed.append(False)
        elif self._caution.closes and began_s >= self._opened_at_s:
            self._opened_at_s = None
            self._failed.clear()

    def failed(self, *, at_once: bool = False, leave_alone_s: float = 0.0) -> None:
        """A call failed. at_once: one such failure is enough to open.

        leave_alone_s: what the provider asked for; it opens, and stays open that long.
        """
        self._failed.append(True)
        enough = sum(self._failed) >= self._caution.failures_to_open
        if self._opened_at_s is None and not (enough or at_once or leave_alone_s):
            return
        if self._opened_at_s is None:
            self._opened_at_s = self._clock_s()
        pause_s = max(self._cooldown_s, min(leave_alone_s, self._caution.retry_after_s_max))
        self._trial_at_s = max(self._trial_at_s, self._clock_s() + pause_s)
