"""All watches of one gate: begins them, lets them end when nobody asks any more."""

import time
from collections.abc import Mapping
from typing import Any

from gameday.domain.gate import WatchOrder, WatchState
from gameday.gate.listener import Listener
from gameday.gate.watches import Watch

_PAGE_CALLS_MAX = 2_000  # a longer page would hold up traffic while it is written


class WatchBook:
    """Every method is done when it returns. What ends, ends at every listener."""

    def __init__(self, listeners: Mapping[str, Listener]) -> None:
        self._listeners = listeners
        self._watches: dict[str, Watch] = {}

    def put(self, run_id: str, order: WatchOrder) -> WatchState:
        """Begin it; one that is there already goes on, under the new order."""
        watch = self._watches.get(run_id)
        if watch is None:
            watch = self._watches[run_id] = Watch(run_id, order, list(self._listeners))
            self._show()
        else:
            watch.marker = order.marker
            watch.ttl_s = order.ttl_s
            watch.extend()
        return watch.state()

    def get(self, run_id: str) -> WatchState | None:
        """Asking keeps it alive."""
        watch = self._watches.get(run_id)
        if watch is None:
            return None
        watch.extend()
        return watch.state()

    def calls(self, run_id: str, begin: int) -> dict[str, Any] | None:
        """One page of its log, and where the next one begins."""
        watch = self._watches.get(run_id)
        if watch is None:
            return None
        watch.extend()
        page = watch.calls[begin : begin + _PAGE_CALLS_MAX]
        return {"calls": [call.as_json() for call in page], "next": begin + len(page)}

    def remove(self, run_id: str) -> WatchState | None:
        watch = self._watches.pop(run_id, None)
        self._show()
        return None if watch is None else watch.state()

    def sweep(self) -> None:
        """Let those go that nobody has asked for."""
        now = time.monotonic()
        over = [run_id for run_id, watch in self._watches.items() if now > watch.ends_s]
        for run_id in over:
            self.remove(run_id)

    def _show(self) -> None:
        shown = tuple(self._watches.values())
        for listener in self._listeners.values():
            listener.watches = shown
