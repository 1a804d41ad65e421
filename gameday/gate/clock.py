"""The time that connections are swept by: read once every sweep, not once every byte."""


class Clock:
    """Seconds on the loop's clock, as of the last sweep."""

    __slots__ = ("now",)

    def __init__(self, now: float) -> None:
        self.now = now
