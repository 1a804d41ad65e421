"""Watches: who calls at each listener while a run is going on, and a log of those calls."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gameday.domain.gate import MarkerMatch, Traffic, WatchOrder, WatchState
from gameday.domain.gate_config import NO_DIALECT
from gameday.domain.wire import WireRequest
from gameday.gate import markers
from gameday.gate.allowances import read_allowance
from gameday.gate.asked import wire_request, with_body

if TYPE_CHECKING:
    from gameday.gate.exchange import Exchange
    from gameday.gate.framing import Headers

CALLS_MAX = 50_000
_BAD_FROM = 400


class NotedCall:
    """One call in one watch's log; it fills up as the call goes on."""

    __slots__ = (
        "allowance", "began_s", "ended_at", "fault_id", "left", "listener", "mark", "own_id",
        "started_at", "status", "watch", "whole",
    )  # fmt: skip

    def __init__(self, watch: "Watch", listener: str, own_id: str) -> None:
        self.watch = watch
        self.listener = listener
        self.own_id = own_id
        self.mark: markers.Mark | None = None
        self.started_at = time.time()
        self.began_s = time.monotonic()
        self.ended_at: float | None = None
        self.status = 0
        self.whole = self.left = False
        self.fault_id = ""
        self.allowance: dict[str, int] = {}

    def as_json(self) -> dict[str, Any]:
        """As a Call; written out, because fifty thousand are asked for at once."""
        mark = self.mark
        return {
            "provider": self.listener,
            "request_id": (mark.request_id if mark else "") or self.own_id,
            "run_id": mark.run_id if mark else "",
            "started_at": _written(self.started_at),
            "ended_at": None if self.ended_at is None else _written(self.ended_at),
            "status": self.status or None,
            "whole": self.whole,
            "client_left": self.left,
            "fault_id": self.fault_id,
            **self.allowance,
        }


class Tally:
    """The traffic at one listener, as one watch counts it."""

    __slots__ = ("marked", "unmarked", "unmarked_bad", "unmarked_ms")

    def __init__(self) -> None:
        self.marked = self.unmarked = self.unmarked_bad = 0
        self.unmarked_ms = 0.0


class Watch:
    """What one run wants to know of the traffic."""

    def __init__(self, run_id: str, order: WatchOrder, listeners: list[str]) -> None:
        self.run_id = run_id
        self.marker: MarkerMatch | None = order.marker
        self.tallies = {name: Tally() for name in listeners}
        self.calls: list[NotedCall] = []
        self.ttl_s = order.ttl_s
        self.extend()

    def extend(self) -> None:
        """Live as long again as it was told last."""
        self.ends_s = time.monotonic() + self.ttl_s

    def note(self, listener: str, request: WireRequest, *, logged: bool) -> NotedCall:
        call = NotedCall(self, listener, request.headers.get("x-request-id", ""))
        if logged and len(self.calls) < CALLS_MAX:
            self.calls.append(call)
        if not markers.needs_body(self.marker):
            self.sort(call, request)
        return call

    def sort(self, call: NotedCall, request: WireRequest) -> None:
        """Whose call it is, as soon as that can be told."""
        if self.marker is not None:
            call.mark = markers.find(self.marker, request, self.run_id)
        tally = self.tallies[call.listener]
        if self._is_own(call):
            tally.marked += 1
        else:
            tally.unmarked += 1

    def end(self, call: NotedCall) -> None:
        if self._is_own(call):
            return
        tally = self.tallies[call.listener]
        tally.unmarked_ms += (time.monotonic() - call.began_s) * 1000
        # A client that leaves on its own has no bad answer.
        if not call.left and (not call.whole or call.status >= _BAD_FROM):
            tally.unmarked_bad += 1

    def _is_own(self, call: NotedCall) -> bool:
        return call.mark is not None and call.mark.run_id == self.run_id

    def state(self) -> WatchState:
        return WatchState(
            run_id=self.run_id,
            traffic={
                name: Traffic(
                    marked=tally.marked,
                    unmarked=tally.unmarked,
                    unmarked_bad=tally.unmarked_bad,
                    unmarked_ms=tally.unmarked_ms,
                )
                for name, tally in self.tallies.items()
            },
            calls=len(self.calls),
        )


class Noted:
    """One exchange in the eyes of every watch."""

    __slots__ = ("_body", "_calls", "_request")

    def __init__(self, exchange: "Exchange", watches: "tuple[Watch, ...]") -> None:
        self._request = wire_request(exchange.method, exchange.target, exchange.headers)
        listener = exchange.listener
        # A tool or a verifier may be called far more often; whom a fault touches its rule knows.
        logged = listener.config.dialect != NO_DIALECT
        self._calls = [watch.note(listener.name, self._request, logged=logged) for watch in watches]
        by_body = any(markers.needs_body(watch.marker) for watch in watches)
        self._body: list[bytes] | None = list(exchange.pending) if by_body else None
        if exchange.done:
            self.complete_body()

    @property
    def request_id(self) -> str:
        """As a drill's marker names it; '' where none does."""
        return next((call.mark.request_id for call in self._calls if call.mark), "")

    def take_body(self, data: bytes) -> None:
        if self._body is not None:
            self._body.append(data)

    def complete_body(self) -> None:
        if self._body is None:
            return
        request = with_body(self._request, b"".join(self._body))
        self._body = None
        for call in self._calls:
            if markers.needs_body(call.watch.marker):
                call.watch.sort(call, request)

    def take_head(self, headers: "Headers") -> None:
        """The provider's own answer begins."""
        allowance = read_allowance(headers)
        for call in self._calls:
            call.allowance = allowance

    def touched(self, fault_id: str) -> None:
        for call in self._calls:
            call.fault_id = fault_id

    def end(self, status: int, *, whole: bool, left: bool) -> None:
        now = time.time()
        if self._body is not None:
            self.complete_body()  # what came of it
        for call in self._calls:
            call.ended_at = now
            call.status = status
            call.whole = whole
            call.left = left
            call.watch.end(call)


def _written(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()
