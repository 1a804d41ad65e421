"""What the gate needs to be told things, but not to pass traffic: imported once it serves.

Importing it takes several times as long as starting to serve.
"""

import asyncio
from collections.abc import Mapping

from gameday.catalog import kinds
from gameday.gate.boot import Boot
from gameday.gate.delays import Delays
from gameday.gate.dialects import find
from gameday.gate.listener import Listener
from gameday.gate.routes import Routes
from gameday.gate.rulebook import RuleBook
from gameday.gate.touch import consider
from gameday.gate.watchbook import WatchBook


class Books:
    """Rules, watches, and the routes by which they are asked for."""

    def __init__(
        self, listeners: Mapping[str, Listener], loop: asyncio.AbstractEventLoop, boot: Boot
    ) -> None:
        self.rules = RuleBook(listeners, loop)
        self.watches = WatchBook(listeners)
        self.delays = Delays(loop)
        for listener in listeners.values():
            listener.delays = self.delays
            listener.consider = consider
        self.routes = Routes(self.rules, self.watches, listeners, boot)


def warm(dialects: set[str]) -> type[Books]:
    """Import all that the first rule needs; meant for a thread."""
    kinds.faults.kinds()
    for dialect in dialects:
        find(dialect)
    return Books
