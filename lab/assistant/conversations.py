"""What customers asked, kept for the shop's people to read: the assistant's store."""

from collections import deque

SEED = "conversation-of-the-first-day"  # a search that does not find it is blind
_KEPT_MAX = 1000


class Conversations:
    """The last questions."""

    def __init__(self) -> None:
        self._kept: deque[str] = deque([SEED], maxlen=_KEPT_MAX)

    def keep(self, question: str) -> None:
        self._kept.append(question)

    def about(self, text: str) -> int:
        """How many of them mention `text`."""
        return sum(text in question for question in self._kept)
