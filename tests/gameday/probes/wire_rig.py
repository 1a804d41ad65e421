"""A front door that says byte for byte what it is told to say, for the tests of the probes."""

import asyncio
import json
import socket
import struct
import time
from contextlib import asynccontextmanager

from gameday.domain.front_door import FrontDoor
from gameday.domain.scoring import RatedSet
from gameday.probes.caller import Caller
from gameday.probes.exchange import Due
from gameday.probes.front_door import FrontDoorClient
from gameday.probes.questions import Question
from gameday.probes.sampling import Sampling


def body(text="After 30 days.", **more):
    choice = {"message": {"content": text}, "finish_reason": "stop"}
    return json.dumps({"model": "m-1", "choices": [choice], **more}).encode()


def whole(content, *headers, status="200 OK"):
    """A whole answer with its length."""
    head = [f"HTTP/1.1 {status}", f"content-length: {len(content)}", *headers, "", ""]
    return "\r\n".join(head).encode() + content


def delta(text=None, finish=None):
    choice = {"delta": {"content": text} if text else {}, "finish_reason": finish}
    return f"data: {json.dumps({'model': 'm-1', 'choices': [choice]})}\n\n".encode()


DONE = b"data: [DONE]\n\n"
STREAM = delta("After ") + delta("30 days.") + delta(finish="stop") + DONE
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class Reset:
    """Tears the connection down with RST."""


class Close:
    """Closes the connection with FIN."""


class Wait:
    def __init__(self, seconds):
        self.seconds = seconds


class Door:
    """Answers the n-th request, over all connections, with the steps `say(request, n)` gives."""

    def __init__(self, say):
        self.say = say
        self.requests = []  # (headers, body)
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.serving = set()

    async def accept(self, reader, writer):
        """Serve in a task of our own: one that the server owns is noisy about its end."""
        task = asyncio.create_task(self.serve(reader, writer))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                named = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in named}
                content = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((head[0], headers, content))
                for step in self.say(content, len(self.requests) - 1):
                    if not await self._do(step, writer):
                        return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()

    async def _do(self, step, writer):
        match step:
            case Wait(seconds=seconds):
                await asyncio.sleep(seconds)
            case Reset():
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, linger
                )
                return False
            case Close():
                return False
            case data:
                writer.write(data)
                await writer.drain()
        return True


@asynccontextmanager
async def front_door(
    say, door=None, *, stream=False, caller=None, tls=None, scheme="http", host=""
):
    """The door that `say` makes, and a client of it."""
    door_says = Door(say)
    server = await asyncio.start_server(door_says.accept, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    client = FrontDoorClient(
        f"{scheme}://{host or '127.0.0.1'}:{port}/v1",
        door or FrontDoor(),
        caller=caller or Caller("RUN1"),
        stream=stream,
        sampling=Sampling(door or FrontDoor(), {}),
    )
    try:
        yield door_says, client
    finally:
        await client.aclose()
        server.close()
        for task in door_says.serving:
            task.cancel()
        await asyncio.gather(*door_says.serving, return_exceptions=True)


def question(text="How long?", case="c", **more):
    return Question(case, text, RatedSet(case), **more)


def due(seq=0, **more):
    return Due(seq, time.monotonic(), **more)
