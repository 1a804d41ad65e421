"""The tickets that the tool opens about orders: here it acts on the world."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

SEED = "ticket-of-the-first-day"  # about an old order; a search that does not find it is blind
_KEPT_MAX = 1000


@dataclass(frozen=True)
class Ticket:
    """One ticket: somebody will work on it."""

    number: str
    order: str
    about: str


class Tickets:
    """The last tickets of one book: the real one, or the sandbox's, on which nobody works."""

    def __init__(self, letter: str, seeds: Iterable[str] = ()) -> None:
        self._numbers = (f"{letter}-{number}" for number in count(1))
        self._kept: deque[Ticket] = deque(maxlen=_KEPT_MAX)
        for about in seeds:
            self.open("TW-1041", about)

    def open(self, order: str, about: str) -> Ticket:
        ticket = Ticket(next(self._numbers), order, about)
        self._kept.append(ticket)
        return ticket

    def about(self, text: str) -> int:
        """How many of them mention `text`."""
        return sum(text in ticket.about for ticket in self._kept)
