"""The listening client: many streams of events at once, and when each event was here."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

from bench.wire import SENT_NS, STREAM_END
from gameday.domain.errors import StartError
from gameday.supervisor.ports import LOOPBACK

_EVENT_END = b"\n\n"
_HEAD_OK = b"HTTP/1.1 200 "


@dataclass(slots=True)
class Heard:
    """What all streams together have shown."""

    events: int = 0
    whole: int = 0  # streams that came to their proper end
    transit_ms: list[float] = field(default_factory=list)  # of each event, upstream to client
    gap_ms: list[float] = field(default_factory=list)  # between two events of one stream
    errors: list[str] = field(default_factory=list)


class Stream(asyncio.Protocol):
    """One stream on a connection of its own."""

    def __init__(self, request: bytes, heard: Heard) -> None:
        self._request, self._heard = request, heard
        self._received = b""
        self._last_ns = 0
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now_ns = time.monotonic_ns()
        received = self._received + data
        if not self._last_ns and not received.startswith(_HEAD_OK):
            self._give_up(f"answered {received[:80]!r}, not 200")
            return
        events, end, rest = received.rpartition(_EVENT_END)
        self._received = rest
        if end:
            self._note(SENT_NS.findall(events), now_ns)
        if rest.endswith(STREAM_END):
            self._heard.whole += 1
            self._end()
            self._transport.close()

    def _note(self, sent: list[bytes], now_ns: int) -> None:
        heard = self._heard
        for one in sent:
            heard.events += 1
            heard.transit_ms.append((now_ns - int(one)) / 1e6)
            if self._last_ns:
                heard.gap_ms.append((now_ns - self._last_ns) / 1e6)
            self._last_ns = now_ns
        if not self.begun.done():
            self.begun.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self._give_up(f"the stream was cut: {error}")

    def _give_up(self, sentence: str) -> None:
        self._heard.errors.append(sentence)
        self._end()
        self._transport.close()

    def _end(self) -> None:
        for one in (self.begun, self.ended):
            if not one.done():
                one.set_result(None)


async def listen(port: int, request: bytes, streams: int, *, within_s: float) -> Heard:
    """Open so many streams at once and hear them to their end. Raises StartError when late."""
    heard = Heard()
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within_s):
            opened = await asyncio.gather(
                *(
                    loop.create_connection(lambda: Stream(request, heard), LOOPBACK, port)
                    for _ in range(streams)
                )
            )
            await asyncio.gather(*(stream.ended for _, stream in opened))
    except TimeoutError:
        raise StartError(
            f"of {streams} streams at port {port} {heard.whole} were whole within {within_s:g} s"
        ) from None
    return heard
