"""What the client makes of servers that answer well, oddly, late, partly, or not at all."""

import asyncio
import json
import socket

import pytest

from gameday.domain.front_door import FrontDoor
from gameday.domain.sample import Outcome
from gameday.probes import connection
from gameday.probes.connection import BODY_BYTES_MAX
from tests.gameday.probes.wire_rig import (
    DONE,
    STREAM,
    STREAM_HEAD,
    Close,
    Reset,
    Wait,
    body,
    chunk,
    delta,
    due,
    front_door,
    question,
    whole,
)


async def ask(*steps, door=None, stream=False):
    async with front_door(lambda _request, _n: steps, door, stream=stream) as (_, client):
        return await client.ask(question(), due())


GOOD = {
    "with its length": [whole(body())],
    "in two pieces": [whole(body())[:40], Wait(0.02), whole(body())[40:]],
    "byte by byte": [bytes([byte]) for byte in whole(body())],
    "chunked": [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        chunk(body()[:9]) + chunk(body()[9:]),
        b"0\r\n\r\n",
    ],
    "chunked, with extensions and a trailer": [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"%x;name=value\r\n%b\r\n" % (len(body()), body()),
        b"0\r\nx-served-by: nobody\r\n\r\n",
    ],
    "until the connection closes": [b"HTTP/1.1 200 OK\r\n\r\n" + body(), Close()],
    "in HTTP/1.0": [b"HTTP/1.0 200 OK\r\n\r\n" + body(), Close()],
    "after interim answers": [
        b"HTTP/1.1 103 Early Hints\r\nx-served-by: no\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
        whole(body()),
    ],
    "with bytes after its end": [whole(body()) + b"HTTP/1.1 200 OK\r\n\r\nsurplus"],
    "said to be identity": [whole(body(), "content-encoding: identity")],
}


@pytest.mark.parametrize("steps", GOOD.values(), ids=GOOD)
async def test_a_whole_answer_is_one(steps):
    sample = await ask(*steps)
    assert (sample.outcome, sample.detail) == (Outcome.OK, "")
    assert sample.answer_excerpt == "After 30 days."
    assert sample.served_by is None, "neither an interim answer nor a trailer is its head"


BAD = {
    "reset before anything": ([Reset()], Outcome.RESET),
    "closed before anything": ([Close()], Outcome.RESET),
    "closed within the head": ([b"HTTP/1.1 200 OK\r\ncontent-le", Close()], Outcome.RESET),
    "closed within a body": ([whole(body())[:-5], Close()], Outcome.RESET),
    "no HTTP": ([b"SSH-2.0-OpenSSH_9.6\r\n", Wait(5)], Outcome.RESET),
    "a head without end": ([b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 60_000, Wait(5)], Outcome.RESET),
    "two lengths": (
        [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde", Wait(5)],
        Outcome.RESET,
    ),
    "a chunk of no size": (
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", Wait(5)],
        Outcome.RESET,
    ),
    "an error": ([whole(b"{}", status="503 Service Unavailable")], Outcome.HTTP_ERROR),
    "an error in HTML": ([whole(b"<h1>no</h1>", status="502 Bad Gateway")], Outcome.HTTP_ERROR),
    "nothing": ([whole(b"")], Outcome.MALFORMED),
    "no content": ([b"HTTP/1.1 204 No Content\r\n\r\n"], Outcome.MALFORMED),
    "HTML": ([whole(b"<html>hello</html>")], Outcome.MALFORMED),
    "compressed": ([whole(b"\x1f\x8b", "content-encoding: gzip")], Outcome.MALFORMED),
    "too much": (
        [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 1_000_000] * (BODY_BYTES_MAX // 1_000_000 + 1)],
        Outcome.MALFORMED,
    ),
    "cut": ([STREAM_HEAD, chunk(delta("After ")), Wait(0.02), Close()], Outcome.CUT),
    "cut by a reset": ([STREAM_HEAD, chunk(delta("After ")), Wait(0.02), Reset()], Outcome.CUT),
    "ended without its end": (
        [STREAM_HEAD, chunk(delta("After ")) + b"0\r\n\r\n"],
        Outcome.CUT,
    ),
    "ended by no event at all": ([STREAM_HEAD, b"0\r\n\r\n"], Outcome.MALFORMED),
    "cut before its first content": ([STREAM_HEAD, chunk(b": hello\n\n"), Close()], Outcome.RESET),
}


@pytest.mark.parametrize(("steps", "outcome"), BAD.values(), ids=BAD)
async def test_what_is_no_whole_answer_is_told_apart(steps, outcome):
    sample = await ask(*steps)
    assert sample.outcome is outcome
    assert sample.detail


async def test_nobody_there_is_refused():
    async with front_door(lambda *_: []) as (_, client):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        client._pool._origin = client._pool._origin._replace(port=port)
        sample = await client.ask(question(), due())
    assert sample.outcome is Outcome.REFUSED
    assert f"127.0.0.1:{port}" in sample.detail


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([Wait(9)], Outcome.TIMEOUT),
        ([b"HTTP/1.1 200 OK\r\n", Wait(9)], Outcome.TIMEOUT),
        ([STREAM_HEAD, chunk(delta("After ")), Wait(9)], Outcome.CUT),
        # Something comes all the time, and never an end: the time is for the whole answer.
        ([STREAM_HEAD, *[chunk(delta("a")), Wait(0.05)] * 60], Outcome.CUT),
    ],
)
async def test_a_whole_answer_has_so_much_time(steps, outcome):
    sample = await ask(*steps, door=FrontDoor(timeout="300ms"), stream=True)
    assert sample.outcome is outcome
    assert sample.detail == "no end within 0.3 s"
    assert 300 <= sample.latency_ms < 5000


async def test_a_stream_is_timed_by_its_content():
    role = b'data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}\n\n'
    steps = [
        STREAM_HEAD, chunk(role), Wait(0.1), chunk(delta("After ")), Wait(0.2),
        chunk(delta("30 ")), Wait(0.05), chunk(delta("days.") + delta(finish="stop") + DONE),
        b"0\r\n\r\n",
    ]  # fmt: skip
    sample = await ask(*steps, stream=True)
    assert sample.good
    assert sample.ttft_ms >= 95, "a role alone is no content"
    assert 190 <= sample.gap_ms_max <= sample.latency_ms
    assert 120 <= sample.gap_ms_mean <= (sample.latency_ms - sample.ttft_ms) / 2


async def test_connections_are_kept_and_used_again():
    async with front_door(lambda *_: [whole(body())]) as (door, client):
        for _ in range(5):
            assert (await client.ask(question(), due())).good
        assert door.connections == 1


async def test_a_connection_that_the_server_gives_up_is_not_used_again():
    close = [whole(body(), "connection: close"), Close()]
    async with front_door(lambda *_: close) as (door, client):
        for _ in range(3):
            assert (await client.ask(question(), due())).good
        assert door.connections == 3


async def test_a_kept_connection_closed_meanwhile_is_not_the_systems_failure():
    def say(_request, n):
        return [Close()] if n == 1 else [whole(body())]

    async with front_door(say) as (door, client):
        await client.ask(question(), due())
        sample = await client.ask(question(), due())
    assert sample.good
    assert sample.detail == "sent again: the kept connection had been closed"
    assert (len(door.requests), door.connections) == (3, 2)


async def test_a_server_that_fails_twice_has_failed():
    async with front_door(lambda _, n: [whole(body())] if n == 0 else [Close()]) as (door, client):
        await client.ask(question(), due())
        sample = await client.ask(question(), due())
    assert sample.outcome is Outcome.RESET
    assert len(door.requests) == 3


@pytest.mark.parametrize("steps", [[b"HTTP/1.1 2", Close()], [Wait(0.3), Close()]])
async def test_what_was_answered_or_kept_for_long_is_not_sent_again(steps, monkeypatch):
    """A server that had the request, and then failed it, must not look like a stale connection."""
    monkeypatch.setattr(connection, "STALE_WITHIN_S", 0.1)
    async with front_door(lambda _, n: [whole(body())] if n == 0 else steps) as (door, client):
        await client.ask(question(), due())
        sample = await client.ask(question(), due())
    assert sample.outcome is Outcome.RESET
    assert len(door.requests) == 2


async def test_answers_are_never_swapped():
    def say(request, n):
        text = json.loads(request)["messages"][0]["content"]
        return [Wait(0.001 * (n * 7 % 20)), whole(body(f"answer to {text}"))]

    async with front_door(say) as (_, client):
        asked = [
            client.ask(question(f"question {n}", case=f"case {n % 40}"), due(n)) for n in range(40)
        ]
        for _ in range(3):
            for n, sample in enumerate(await asyncio.gather(*asked)):
                assert sample.answer_excerpt == f"answer to question {n}"
                assert (sample.seq, sample.case) == (n, f"case {n}")
            asked = [
                client.ask(question(f"question {n}", case=f"case {n}"), due(n)) for n in range(40)
            ]
        for late in asked:
            await late


async def test_no_two_requests_have_one_id():
    async with front_door(lambda *_: [whole(body())]) as (door, client):
        samples = await asyncio.gather(*(client.ask(question(), due(n)) for n in range(30)))
    sent = [headers["x-request-id"] for _, headers, _ in door.requests]
    assert len(set(sent)) == 30
    assert sorted(sent) == sorted(sample.request_id for sample in samples)


async def test_a_stream_in_any_framing_is_the_same_answer():
    for steps in (
        [b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + STREAM, Close()],
        [STREAM_HEAD, chunk(STREAM), b"0\r\n\r\n"],
        [STREAM_HEAD, *[chunk(bytes([byte])) for byte in STREAM], b"0\r\n\r\n"],
        [whole(STREAM, "content-type: text/event-stream; charset=utf-8")],
    ):
        sample = await ask(*steps, stream=True)
        assert (sample.outcome, sample.answer_excerpt) == (Outcome.OK, "After 30 days.")
