"""The defect slow_fallback: the first fallback answers of an outage are held back."""

import asyncio


class SwitchOver:
    """Holds an outage's first fallback answers back, as an overlong timeout would."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open_at_s: float | None = None

    def primary_failed(self) -> None:
        if self._open_at_s is None:
            self._open_at_s = asyncio.get_running_loop().time() + self._seconds

    def primary_served(self) -> None:
        self._open_at_s = None

    async def wait(self) -> None:
        if self._open_at_s is not None:
            left_s = self._open_at_s - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, left_s))
