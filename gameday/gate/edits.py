"""Changes a provider's own answer as a fault says: event by event, or the whole body."""

import re
from abc import ABC, abstractmethod
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING

from gameday.domain.wire import End, Ending, Event, Send, Stall, Step, Steps, Wait
from gameday.gate.delays import Delay
from gameday.gate.framing import AnswerHead

if TYPE_CHECKING:
    from gameday.gate.touch import Touch

_EVENT_END = re.compile(rb"\r\n\r\n|\r\n\n|\n\r\n|\n\n|\r\r")
_EVENT_END_BYTES_MAX = 4
_QUEUED_BYTES_MAX = 65_536  # of steps that wait; beyond it the upstream waits too
_READ_BYTES_MAX = 8_000_000  # of a body, or of one event; beyond it nothing is edited


class _Upstream(Enum):
    """How the upstream's answer came to its end: a last step that no fault writes."""

    FINISHED = "finished"
    CLOSED = "closed"
    RESET = "reset"


class Editor(ABC):
    """Runs a fault's steps one after the other; those behind a wait queue up.

    When the rule ends, what is queued goes out without its waits, stalls and ends.
    """

    __slots__ = (
        "_alive",
        "_exchange",
        "_is_running",
        "_queue",
        "_queued_bytes",
        "_timer",
        "_touch",
    )

    def __init__(self, touch: "Touch") -> None:
        self._touch = touch
        self._exchange = touch.exchange
        self._queue: deque[Step | _Upstream] = deque()
        self._queued_bytes = 0
        self._timer: Delay | None = None
        self._is_running = True
        self._alive: Stall | None = None  # the stall that holds it now

    @abstractmethod
    def feed(self, data: bytes) -> None:
        """The next piece of the upstream's body."""

    @abstractmethod
    def finish(self) -> None:
        """The upstream's body is whole."""

    @property
    def is_full(self) -> bool:
        return self._queued_bytes > _QUEUED_BYTES_MAX

    def fail(self, *, rst: bool) -> None:
        """The upstream's answer broke off: so does this one, after what came before."""
        self._put(_Upstream.RESET if rst else _Upstream.CLOSED)

    # --- steps --------------------------------------------------------------------------------

    def _put(self, *steps: Step | _Upstream) -> None:
        for step in steps:
            self._queue.append(step)
            if isinstance(step, Send):
                self._queued_bytes += len(step.data)
        if self._is_running:
            self._run()
        elif self.is_full and self._exchange.upstream is not None:
            self._exchange.upstream.pause_reading()

    def _run(self) -> None:
        """Take steps until one of them takes time, or none is left."""
        exchange = self._exchange
        freed = bool(self._touch.rule.ended)
        while self._queue and not exchange.ended:
            step = self._queue.popleft()
            if isinstance(step, Send):
                self._queued_bytes -= len(step.data)
                self._send(step.data)
            elif isinstance(step, _Upstream):
                self._end_with(step)
                return
            elif not freed and not self._take(step):
                break
        if not exchange.ended:
            exchange.flush_answer()
            if not self.is_full and not exchange.client.stuck_since:
                exchange.resume_answer()

    def _take(self, step: Wait | Stall | End) -> bool:
        """Whether the next step may follow at once."""
        rule = self._touch.rule
        if isinstance(step, End):
            self._end(step.how)
            return False
        if isinstance(step, Wait):
            if step.seconds <= 0:
                return True
            self._timer = rule.listener.delays.later(step.seconds, self._waited)
        else:
            self._alive = step
            self._keep_alive_later()
        self._is_running = False
        rule.holds.add(self)
        return False

    def _waited(self) -> None:
        self._timer = None
        self._touch.rule.holds.discard(self)
        self._is_running = True
        self._run()

    def _keep_alive_later(self) -> None:
        stall = self._alive
        if stall is not None and stall.alive and stall.every_s > 0:
            delays = self._touch.rule.listener.delays
            self._timer = delays.later(stall.every_s, self._keep_alive)

    def _keep_alive(self) -> None:
        if self._alive is not None:
            self._send(self._alive.alive)
            self._exchange.flush_answer()
            self._keep_alive_later()

    def release(self) -> None:
        """The rule has ended: what was queued goes out at once."""
        self._stop_waiting()
        self._is_running = True
        self._run()

    def drop(self) -> None:
        """The exchange has ended."""
        self._stop_waiting()
        self._touch.rule.holds.discard(self)
        self._queue.clear()

    def _stop_waiting(self) -> None:
        self._alive = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- what goes out ------------------------------------------------------------------------

    def _open(self) -> None:  # noqa: B027 - a stream's head has gone out
        """Send the head, where it has not gone out."""

    def _send(self, data: bytes) -> None:
        if self._touch.counted:
            self._touch.rule.count_bytes(len(data))
        self._exchange.send(data)

    def _end_with(self, how: _Upstream) -> None:
        if how is _Upstream.FINISHED:
            self._open()
            self._exchange.end_answer()
        else:
            self._exchange.break_answer(rst=how is _Upstream.RESET)

    def _end(self, how: Ending) -> None:
        exchange = self._exchange
        if how is Ending.CLEAN:
            self._open()
            exchange.cut_clean()
        else:
            exchange.break_answer(rst=how is Ending.RST)

    def _asked(self, steps: Steps, raw: bytes) -> tuple[Step, ...]:
        """The steps of a fault, or `raw` as it came when it may change nothing."""
        told = tuple(steps)
        for step in told:
            if not isinstance(step, Send | Wait | Stall | End):
                raise TypeError(f"expected a step, found {step!r}")
        if told == (Send(raw),) or self._touch.count():
            return told
        return (Send(raw),)

    def _broke(self, error: Exception) -> None:
        """The fault has failed. An answer that it has changed already is nobody's any more."""
        self._touch.rule.break_down(error)
        if self._touch.counted and not self._exchange.ended:
            self._exchange.break_answer(rst=True)


class StreamEditor(Editor):
    """Asks the fault for each server-sent event."""

    __slots__ = ("_rest", "_searched")

    def __init__(self, touch: "Touch") -> None:
        super().__init__(touch)
        self._rest = b""
        self._searched = 0

    def feed(self, data: bytes) -> None:
        if self._touch.rule.ended:
            self._put(Send(self._rest + data))
            self._rest = b""
            return
        self._rest += data
        begin = 0
        while found := _EVENT_END.search(self._rest, max(begin, self._searched)):
            self._on_event(self._rest[begin : found.end()])
            begin = self._searched = found.end()
        self._rest = self._rest[begin:]
        self._searched = max(0, len(self._rest) - _EVENT_END_BYTES_MAX + 1)
        if len(self._rest) > _READ_BYTES_MAX:
            self._put(Send(self._rest))
            self._rest = b""
            self._searched = 0

    def _on_event(self, raw: bytes) -> None:
        touch, hit = self._touch, self._touch.hit
        if self._exchange.ended:
            return
        if touch.rule.ended:
            self._put(Send(raw))
            return
        data = _data_of(raw)
        try:
            dialect = touch.rule.dialect
            is_content = bool(data) and dialect is not None and dialect.is_content(data)
            event = Event(raw, data, is_content)
            steps = self._asked(touch.rule.fault.on_event(hit, event), raw)
        except Exception as error:  # noqa: BLE001 - a broken fault must not stop traffic
            self._broke(error)
            steps = (Send(raw),)
        else:
            hit.events += bool(data)
            hit.tokens += event.is_content
        self._put(*steps)

    def finish(self) -> None:
        rest, self._rest = self._rest, b""
        self._put(*((Send(rest),) if rest else ()), _Upstream.FINISHED)


class BodyEditor(Editor):
    """Asks the fault for the whole body, once it is here."""

    __slots__ = ("_announced", "_head", "_is_open", "_parts", "_read", "_reason", "_status")

    def __init__(self, touch: "Touch", status: int, reason: bytes, head: AnswerHead) -> None:
        super().__init__(touch)
        self._status = status
        self._reason = reason
        self._head = head
        self._parts: list[bytes] = []
        self._read = 0
        self._announced: int | None = head.length
        self._is_open = False

    def feed(self, data: bytes) -> None:
        if self._is_open:
            self._put(Send(data))
            return
        self._parts.append(data)
        self._read += len(data)
        if self._read > _READ_BYTES_MAX:
            self._put(*map(Send, self._parts))
            self._parts = []

    def finish(self) -> None:
        touch = self._touch
        if not self._is_open:
            body = b"".join(self._parts)
            steps: tuple[Step, ...] = (Send(body),)
            if not touch.rule.ended:
                try:
                    steps = self._asked(touch.rule.fault.on_body(touch.hit, body), body)
                except Exception as error:  # noqa: BLE001 - a broken fault must not stop traffic
                    self._broke(error)
            self._announced = _announced(steps, len(body))
            self._put(*steps)
        self._put(_Upstream.FINISHED)

    def _send(self, data: bytes) -> None:
        self._open()
        super()._send(data)

    def _open(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._exchange.open_answer(
                self._status, self._reason, self._head.lines, self._announced
            )


def _announced(steps: tuple[Step, ...], length: int) -> int:
    """The length to announce: of what goes out, or more where the connection ends before that."""
    sent = 0
    for step in steps:
        if isinstance(step, Send):
            sent += len(step.data)
        elif isinstance(step, End):
            return sent if step.how is Ending.CLEAN else max(length, sent + 1)
    return sent


def _data_of(raw: bytes) -> bytes:
    """What the `data:` lines of an event say."""
    lines = [line[5:].removeprefix(b" ") for line in raw.splitlines() if line.startswith(b"data:")]
    return b"\n".join(lines)
