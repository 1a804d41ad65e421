"""One attempt against a server that misbehaves on the wire, and the outcome it is given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gameday.domain.sample import Outcome
from gameday.supervisor.ports import free_port
from lab.assistant.attempt import AttemptError, ProviderClient, Stream
from lab.assistant.dialect import Ask
from lab.assistant.settings import Patience, Upstream

OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
PIECE = (
    b'data: {"model": "m", "choices": [{"delta": {"content": "Hi"}, "finish_reason": null}]}\n\n'
)
FINISH = b'data: {"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
ASK = Ask("Be kind.", "Who?", "req_1")
PATIENCE = Patience(first_token_s=0.5, total_s=1.0)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def send(*parts: bytes, stay_s: float = 0.0) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
        await writer.drain()
        await asyncio.sleep(stay_s)
        writer.close()
        await writer.wait_closed()

    return handle


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


@asynccontextmanager
async def client_of(handler: Handler) -> AsyncIterator[ProviderClient]:
    handled: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handled.append(asyncio.current_task())
        try:
            await handler(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    client = client_at(server.sockets[0].getsockname()[1])
    try:
        yield client
    finally:
        await client.close()
        server.close()
        for task in handled:
            task.cancel()
        await asyncio.gather(*handled, return_exceptions=True)


def client_at(port: int) -> ProviderClient:
    url = f"http://127.0.0.1:{port}"
    return ProviderClient(Upstream(name="p", dialect="openai", url=url, model="m"), PATIENCE)


async def read_all(stream: Stream) -> str:
    deadline_s = asyncio.get_running_loop().time() + PATIENCE.total_s
    try:
        return "".join([text async for text in stream.texts(deadline_s)])
    finally:
        await stream.close()


@pytest.mark.parametrize(
    ("handler", "outcome"),
    [
        (reset, Outcome.RESET),
        (send(), Outcome.RESET),
        (send(CHUNKED), Outcome.RESET),
        (send(stay_s=3), Outcome.TIMEOUT),
        (send(OK, stay_s=3), Outcome.TIMEOUT),
        (send(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"), Outcome.HTTP_ERROR),
        (send(OK, b"data: {oops\n\n"), Outcome.MALFORMED),
        (send(OK, b"<html>Just a moment</html>"), Outcome.MALFORMED),
        (send(OK, DONE), Outcome.MALFORMED),
        (send(OK, b'data: {"error": {"message": "no"}}\n\n'), Outcome.MALFORMED),
    ],
)
async def test_a_failure_before_any_content_has_its_outcome(
    handler: Handler, outcome: Outcome
) -> None:
    async with client_of(handler) as client:
        with pytest.raises(AttemptError) as lost:
            await client.open(ASK)
    assert lost.value.outcome is outcome


async def test_nobody_listening_is_refused() -> None:
    client = client_at(free_port())
    with pytest.raises(AttemptError) as lost:
        await client.open(ASK)
    await client.close()
    assert lost.value.outcome is Outcome.REFUSED


async def test_a_whole_answer_is_read_to_its_end() -> None:
    async with client_of(send(OK, PIECE, PIECE, FINISH, DONE)) as client:
        stream = await client.open(ASK)
        assert await read_all(stream) == "HiHi"
        assert stream.reading.finish_reason == "stop"


@pytest.mark.parametrize(
    "handler",
    [
        send(OK, PIECE),
        send(OK, PIECE, FINISH),
        send(OK, PIECE, DONE),
        send(OK, PIECE, b"data: {oops\n\n"),
        send(CHUNKED, b"%x\r\n%s\r\n" % (len(PIECE), PIECE)),
        send(OK, PIECE, stay_s=3),
    ],
    ids=["ends", "no-done", "no-reason", "bad-event", "broken-chunks", "stalls"],
)
async def test_an_answer_that_began_and_does_not_end_is_cut(handler: Handler) -> None:
    async with client_of(handler) as client:
        stream = await client.open(ASK)
        with pytest.raises(AttemptError) as lost:
            await read_all(stream)
    assert lost.value.outcome is Outcome.CUT
