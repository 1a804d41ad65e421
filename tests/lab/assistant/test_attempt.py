"""One attempt against a server that misbehaves on the wire, and the outcome it is given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from gameday.domain.sample import Outcome
from gameday.supervisor.ports import free_port
from lab.assistant.attempt import AttemptError, ProviderClient, Stream, from_now
from lab.assistant.dialect import Ask
from lab.assistant.failure import Failure, FailureKind
from lab.assistant.settings import Patience, Upstream
from lab.defects import read_defect

OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
PIECE = (
    b'data: {"model": "m", "choices": [{"delta": {"content": "Hi"}, "finish_reason": null}]}\n\n'
)
FINISH = b'data: {"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
ASK = Ask("Be kind.", "Who?", "req_1")
FILTERED = FINISH.replace(b'"stop"', b'"content_filter"')
REFUSED = PIECE.replace(b"content", b"refusal")
COMMENT = b": keep-alive\n\n"
QUOTA = b'{"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}'
PATIENCE = Patience(begin_s=0.5, idle_s=0.5, total_s=1.0)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def send(*parts: bytes, stay_s: float = 0.0, gap_s: float = 0.0) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await asyncio.sleep(gap_s)
        await writer.drain()
        await asyncio.sleep(stay_s)
        writer.close()
        await writer.wait_closed()

    return handle


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


@asynccontextmanager
async def client_of(
    handler: Handler, patience: Patience = PATIENCE
) -> AsyncIterator[ProviderClient]:
    handled: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handled.append(asyncio.current_task())
        try:
            await handler(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    client = client_at(server.sockets[0].getsockname()[1], patience)
    try:
        yield client
    finally:
        await client.close()
        server.close()
        for task in handled:
            task.cancel()
        await asyncio.gather(*handled, return_exceptions=True)


def client_at(port: int, patience: Patience = PATIENCE) -> ProviderClient:
    url = f"http://127.0.0.1:{port}"
    return ProviderClient(Upstream(name="p", dialect="openai", url=url, model="m"), patience)


async def begin(client: ProviderClient) -> Stream:
    return await client.open(ASK, from_now(PATIENCE.begin_s))


async def read_all(stream: Stream, patience: Patience = PATIENCE) -> str:
    deadline_s = from_now(patience.total_s)
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
        (send(OK, FINISH, DONE), Outcome.MALFORMED),
        (send(OK, PIECE), Outcome.MALFORMED),
        (send(OK, PIECE, FINISH), Outcome.MALFORMED),
        (send(OK, PIECE, stay_s=3), Outcome.TIMEOUT),
        (send(OK, *[COMMENT] * 20, gap_s=0.1), Outcome.TIMEOUT),
        (send(OK, PIECE, PIECE, gap_s=2), Outcome.TIMEOUT),
        (send(CHUNKED, b"%x\r\n%s\r\n" % (len(PIECE), PIECE)), Outcome.RESET),
    ],
)
async def test_a_failure_before_the_answer_has_begun_has_its_outcome(
    handler: Handler, outcome: Outcome
) -> None:
    async with client_of(handler) as client:
        with pytest.raises(AttemptError) as lost:
            await begin(client)
    assert lost.value.outcome is outcome


async def test_nobody_listening_is_refused() -> None:
    client = client_at(free_port())
    with pytest.raises(AttemptError) as lost:
        await begin(client)
    await client.close()
    assert lost.value.outcome is Outcome.REFUSED


async def test_a_whole_answer_is_read_to_its_end() -> None:
    async with client_of(send(OK, PIECE, PIECE, FINISH, DONE)) as client:
        stream = await begin(client)
        assert await read_all(stream) == "HiHi"
        assert stream.reading.finish_reason == "stop"


async def test_an_answer_of_one_piece_is_begun_when_it_is_whole() -> None:
    async with client_of(send(OK, PIECE, FINISH, DONE)) as client:
        assert await read_all(await begin(client)) == "Hi"


async def test_a_caller_with_less_time_gives_up_sooner() -> None:
    async with client_of(send(OK, stay_s=3)) as client:
        now_s = asyncio.get_running_loop().time()
        with pytest.raises(AttemptError) as lost:
            await client.open(ASK, now_s + 0.05)
        assert asyncio.get_running_loop().time() - now_s < PATIENCE.begin_s
    assert lost.value.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (send(OK, REFUSED, REFUSED, FINISH, DONE), "HiHi"),
        (send(OK, REFUSED, FINISH, DONE), "Hi"),
        (send(OK, FILTERED, DONE), "I cannot answer that."),
        (send(OK, PIECE, FILTERED, DONE), "Hi"),
        (
            send(
                b"HTTP/1.1 400 No\r\nconnection: close\r\n\r\n",
                b'{"error": {"code": "content_filter"}}',
            ),
            "I cannot answer that.",
        ),
    ],
    ids=["refusal", "short-refusal", "filtered", "filtered-later", "filtered-prompt"],
)
async def test_a_refusal_is_an_answer(handler: Handler, text: str) -> None:
    async with client_of(handler) as client:
        stream = await begin(client)
        assert await read_all(stream) == text
    assert stream.reading.finish_reason == "content_filter"


async def test_an_error_tells_what_the_provider_said() -> None:
    head = b"HTTP/1.1 429 Slow\r\nretry-after: 7\r\nconnection: close\r\n\r\n"
    async with client_of(send(head, QUOTA)) as client:
        with pytest.raises(AttemptError) as lost:
            await begin(client)
    assert lost.value.failure == Failure(FailureKind.LIMITED, 7.0)


async def test_an_error_without_an_end_is_given_up_in_time() -> None:
    async with client_of(send(b"HTTP/1.1 500 Oh\r\n\r\n", b"<html>", stay_s=3)) as client:
        with pytest.raises(AttemptError) as lost:
            await begin(client)
    assert lost.value.outcome is Outcome.TIMEOUT


async def test_the_marks_of_a_request_are_handed_on() -> None:
    heads: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).lower())
        writer.write(OK + PIECE + FINISH + DONE)
        await writer.drain()

    async with client_of(handle) as client:
        stream = await client.open(replace(ASK, marks={"x-gameday": "run.req_1"}), None)
        await read_all(stream)
    assert b"\r\nx-gameday: run.req_1\r\n" in heads[0]
    assert b"\r\nx-request-id: req_1\r\n" in heads[0]


@pytest.mark.parametrize(
    "handler",
    [
        send(OK, PIECE, PIECE),
        send(OK, PIECE, PIECE, FINISH),
        send(OK, PIECE, PIECE, DONE),
        send(OK, PIECE, PIECE, b"data: {oops\n\n"),
        send(CHUNKED, b"%x\r\n%s\r\n" % (2 * len(PIECE), PIECE * 2)),
        send(OK, PIECE, PIECE, stay_s=3),
        send(OK, PIECE, PIECE, *[COMMENT] * 20, gap_s=0.1),
        send(OK, *[PIECE] * 20, gap_s=0.2),
    ],
    ids=[
        "ends",
        "no-done",
        "no-reason",
        "bad-event",
        "broken-chunks",
        "stalls",
        "stalls-alive",
        "takes-too-long",
    ],
)
async def test_an_answer_that_began_and_does_not_end_is_cut(handler: Handler) -> None:
    async with client_of(handler) as client:
        stream = await begin(client)
        with pytest.raises(AttemptError) as lost:
            await read_all(stream)
    assert lost.value.outcome is Outcome.CUT


async def test_a_stall_is_cut_long_before_the_whole_time_is_over() -> None:
    patience = Patience(begin_s=0.5, idle_s=0.2, total_s=30.0)
    async with client_of(send(OK, PIECE, PIECE, stay_s=20), patience) as client:
        stream = await begin(client)
        async with asyncio.timeout(5):
            with pytest.raises(AttemptError):
                await read_all(stream, patience)


async def test_without_patience_there_is_no_bound() -> None:
    patience = Patience(**read_defect("no_deadline").assistant["patience"])
    slow = send(OK, PIECE, PIECE, FINISH, DONE, gap_s=0.7)  # over every bound of these tests
    async with client_of(slow, patience) as client:
        assert await read_all(await client.open(ASK, None), patience) == "HiHi"
