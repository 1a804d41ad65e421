"""The front door of this benchmark: answers at once or with timed events, freezes, and remembers.

Everything that was asked for before a freeze ended is answered after it, as by a process that
the kernel stopped. What it remembers is the truth that clients are held against.

    POST anything   an answer in the dialect of OpenAI; a stream where the body asks for one
    GET /counts     {"requests", "events"} so far
    GET /log        {"served": [[id, read_s, answered_s]], "freeze": [begins_s, ends_s] or null};
                    it then forgets, and the next request begins anew
"""

import argparse
import asyncio
import json
import re
import time
from dataclasses import dataclass
from typing import cast

import httptools
import uvloop

from bench.wire import ANSWER, STREAM_END, STREAM_HEAD, content_event, stream_tail
from gameday.gate import outlet
from gameday.supervisor.ports import LOOPBACK

_WANTS_STREAM = re.compile(rb'"stream":\s*true')
_BACKLOG = 4096
_CONTENT = content_event()
_TAIL = stream_tail() + STREAM_END


@dataclass(frozen=True)
class Behaviour:
    """freeze_s: 0 for never, else for how long, `freeze_after_s` after the first request."""

    events: int
    gap_s: float
    freeze_after_s: float
    freeze_s: float


class Memory:
    """What has been served since somebody last asked, and the freeze."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests = self.events = 0
        self._served: list[tuple[str, float, float]] = []
        self._first_s = 0.0
        self._freeze: tuple[float, float] | None = None

    def read(self, now_s: float) -> None:
        """One request has been read. The first one sets the time of the freeze."""
        self.requests += 1
        if not self._first_s and self.behaviour.freeze_s:
            self._first_s = now_s
            loop = asyncio.get_running_loop()
            loop.call_later(self.behaviour.freeze_after_s, self._stand_still)

    def answered(self, request_id: str, read_s: float) -> None:
        self._served.append((request_id, read_s, time.monotonic()))

    def tell(self) -> bytes:
        said = json.dumps({"served": self._served, "freeze": self._freeze}).encode()
        self._served, self._first_s, self._freeze = [], 0.0, None
        return said

    def _stand_still(self) -> None:
        begins_s = time.monotonic()
        time.sleep(self.behaviour.freeze_s)
        self._freeze = begins_s - self._first_s, time.monotonic() - self._first_s


class _Connection(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop, memory: Memory) -> None:
        self._loop, self._memory = loop, memory
        self._parser = httptools.HttpRequestParser(self)
        self._timer: asyncio.TimerHandle | None = None

    # --- asyncio.Protocol -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        self._descriptor = outlet.descriptor(self._transport)

    def data_received(self, data: bytes) -> None:
        self._now_s = time.monotonic()
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - the protocol
        if self._timer is not None:
            self._timer.cancel()

    # --- httptools ------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._path, self._request_id, self._body = b"", "", b""

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"x-request-id":
            self._request_id = value.decode()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        memory = self._memory
        if self._path == b"/log":
            self._write(_document(memory.tell()))
        elif self._path == b"/counts":
            counts = {"requests": memory.requests, "events": memory.events}
            self._write(_document(json.dumps(counts).encode()))
        else:
            memory.read(self._now_s)
            if _WANTS_STREAM.search(self._body):
                self._send_event(memory.behaviour.events, STREAM_HEAD)
            else:
                self._write(ANSWER)
            if self._request_id:
                memory.answered(self._request_id, self._now_s)

    def _write(self, data: bytes) -> None:
        # At once, because what is noted as answered must have left.
        outlet.write(self._transport, self._descriptor, data)

    def _send_event(self, left: int, before: bytes = b"") -> None:
        if not left:
            self._write(before + _TAIL)
            return
        self._write(before + _CONTENT)
        self._memory.events += 1
        # From now, not from a schedule: a late event must not make the next gap shorter.
        self._timer = self._loop.call_later(
            self._memory.behaviour.gap_s, self._send_event, left - 1
        )


def _document(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


async def _serve(port: int, behaviour: Behaviour) -> None:
    loop, memory = asyncio.get_running_loop(), Memory(behaviour)
    server = await loop.create_server(
        lambda: _Connection(loop, memory), LOOPBACK, port, backlog=_BACKLOG, reuse_address=True
    )
    await server.serve_forever()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--events", type=int, default=100, help="of one stream")
    parser.add_argument("--gap-ms", type=float, default=5.0, help="between two events")
    parser.add_argument("--freeze-after-s", type=float, default=0.0)
    parser.add_argument("--freeze-s", type=float, default=0.0)
    return parser.parse_args()


if __name__ == "__main__":
    asked = _parse()
    uvloop.run(
        _serve(
            asked.port,
            Behaviour(
                events=asked.events,
                gap_s=asked.gap_ms / 1000,
                freeze_after_s=asked.freeze_after_s,
                freeze_s=asked.freeze_s,
            ),
        )
    )
