"""A provider on loopback that answers as a test tells it to, and counts who asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lab.assistant.settings import Upstream

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
PIECE = (
    b'data: {"model": "m", "choices": [{"delta": {"content": "Hi"}, "finish_reason": null}]}\n\n'
)
FINISH = b'data: {"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Said:
    """One answer: what is sent, how long is waited before each part, and for how long after."""

    parts: Sequence[bytes]
    gap_s: float = 0.0
    stay_s: float = 0.0


WHOLE = Said([STREAM, PIECE, PIECE, FINISH, DONE])
CUT = Said([STREAM, PIECE, PIECE])
SILENT = Said([], stay_s=30.0)


async def until(condition: Callable[[], bool], within_s: float = 15.0) -> None:
    for _ in range(int(within_s / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"still not so after {within_s:g} s")


def error(status: int, code: str = "", **headers: str) -> Said:
    body = json.dumps({"error": {"type": "t", "code": code, "message": "No."}}).encode()
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} No\r\nconnection: close\r\n{named}\r\n"
    return Said([head.encode(), body])


@dataclass
class StagedProvider:
    """`says` is what every call gets from now on."""

    name: str
    says: Said = WHOLE
    calls: int = 0
    open: int = 0  # calls that are under way
    heads: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def upstream(self) -> Upstream:
        url = f"http://127.0.0.1:{self.port}"
        return Upstream(name=self.name, dialect="openai", url=url, model="m")

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        await reader.readexactly(length)
        self.calls += 1
        self.open += 1
        self.heads.append(head)
        said = asyncio.create_task(self._say(self.says, writer))
        gone = asyncio.create_task(reader.read())
        try:
            await asyncio.wait({said, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.open -= 1
            for task in (said, gone):
                task.cancel()
            await asyncio.gather(said, gone, return_exceptions=True)
            writer.close()

    async def _say(self, said: Said, writer: asyncio.StreamWriter) -> None:
        for part in said.parts:
            await asyncio.sleep(said.gap_s)
            writer.write(part)
            await writer.drain()
        await asyncio.sleep(said.stay_s)


@asynccontextmanager
async def staged(name: str, says: Said = WHOLE) -> AsyncIterator[StagedProvider]:
    """One that listens for the length of the block."""
    provider = StagedProvider(name, says)
    handled: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handled.add(task)
        try:
            await provider.handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.close()
        for task in handled:
            task.cancel()
        await asyncio.gather(*handled, return_exceptions=True)
