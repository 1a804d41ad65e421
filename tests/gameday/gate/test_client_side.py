"""Nothing can be smuggled: what the gate takes for one request, the upstream takes for one."""

import asyncio
import contextlib
import itertools

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.gameday.gate.rig import echo, gate_before, reply, request, until

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\nX-Id: hidden\r\n\r\n"

SHAPES = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": b"Content-Length: 5, 5\r\n\r\nhello",
    "a signed length": b"Content-Length: +5\r\n\r\nhello",
    "a negative length": b"Content-Length: -5\r\n\r\nhello",
    "a length in hex": b"Content-Length: 0x5\r\n\r\nhello",
    "an empty length": b"Content-Length: \r\n\r\nhello",
    "an endless length": b"Content-Length: 99999999999999999999\r\n\r\nhello",
    "length and chunks": b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another coding": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked, then another": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a misspelt coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding behind a tab": b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded line": b"X: a\r\n Content-Length: 5\r\n\r\nhello",
    "a bare line feed": b"X: a\nContent-Length: 5\r\n\r\nhello",
    "a bare carriage return": b"X: a\rContent-Length: 5\r\n\r\nhello",
    "a null": b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
    "no name": b": a\r\nContent-Length: 0\r\n\r\n",
    "two hosts": b"Host: b\r\nContent-Length: 0\r\n\r\n",
    "a bad chunk size": b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "a negative chunk size": b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "an endless chunk size": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\nhello",
    "a chunk too long": b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
    "chunks by line feeds": b"Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
    "an upgrade": b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "an expectation": b"Expect: magic\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 9, 10_000])
async def test_a_request_that_could_be_read_in_two_ways_is_refused(shape, size):
    async with gate_before() as rig:
        client = await rig.client()
        raw = b"POST /v1/x HTTP/1.1\r\nHost: a\r\n" + SHAPES[shape] + HIDDEN
        for begin in range(0, len(raw), size):
            client.send(raw[begin : begin + size])
            if size < 100:
                await asyncio.sleep(0)
        answer = await client.answer()
        assert answer.status in {400, 413, 417, 501}
        assert answer.headers["x-gameday-gate"] == "refused"
        assert await client.ended()
        assert not [asked for asked in rig.upstream.asked if "hidden" in asked.line]
        assert not rig.upstream.asked


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"BREW / HTTP/1.1", 400),
        (b"get / HTTP/1.1", 400),
        (b"CONNECT a:443 HTTP/1.1", 501),
        (b"TRACE / HTTP/1.1", 400),
        (b"GET / HTTP/2.0", 505),
        (b"GET / HTTP/1.2", 400),
        (b"GET /", 505),
        (b"GET /a b HTTP/1.1", 400),
        (b"GET * HTTP/1.1", 400),
        (b"PRI * HTTP/2.0", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
async def test_a_request_line_that_is_not_understood_is_refused(line, status):
    async with gate_before() as rig:
        client = await rig.client()
        client.send(line + b"\r\nHost: a\r\n\r\n")
        assert (await client.answer()).status == status
        assert await client.ended()
        assert not rig.upstream.asked


async def test_a_bad_chunk_after_the_answer_began_breaks_it():
    async def play(asked, writer):
        await echo(asked, writer)

    async with gate_before(play) as rig:
        client = await rig.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await until(lambda: rig.upstream.open == 1)
        client.send(b"nonsense")
        assert (await client.answer()).status == 400
        assert await client.ended()
        assert not rig.upstream.asked  # it never saw the end of that one


def cut_up(raw, cuts):
    edges = sorted({cut % (len(raw) + 1) for cut in cuts} | {0, len(raw)})
    return [raw[begin:end] for begin, end in itertools.pairwise(edges)]


pieces = st.sampled_from(
    [
        b"POST / HTTP/1.1\r\n", b"GET /a HTTP/1.1\r\n", b"Host: a\r\n", b"\r\n", b"\r", b"\n",
        b" ", b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n",
        b"3\r\nabc\r\n", b"0\r\n\r\n", b"abc", b"Connection: close\r\n",
        b"Expect: 100-continue\r\n",
        b"X: ", b":", b"\0", b"\xff", b"5;ext\r\n", b"HTTP/1.0\r\n", b"Upgrade: x\r\n",
    ]
)  # fmt: skip
garbage = st.lists(pieces | st.binary(max_size=20), max_size=25).map(b"".join)


@given(
    rounds=st.lists(
        st.tuples(garbage, st.lists(st.integers(0, 500), max_size=5)), min_size=8, max_size=8
    )
)
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
async def test_random_bytes_cut_at_random_places_harm_nobody(rounds):
    """A well-behaved client beside them gets its own answers; nothing is left afterwards."""
    async with gate_before() as rig:
        good = await rig.client()
        for number, (raw, cuts) in enumerate(rounds):
            client = await rig.client()
            for part in cut_up(raw, cuts):
                client.send(part)
                await asyncio.sleep(0)
            good.ask(x_id=str(number))
            assert f'"id": "{number}"'.encode() in (await good.answer()).body
            client.close()
        await asyncio.sleep(0)
        for asked in rig.upstream.asked:
            assert asked.line.split(" ")[0] in {"GET", "POST"}


answer_pieces = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n", b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"\r\n", b"\n",
        b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"abc", b"X: y\r\n",
        b"Connection: close\r\n", b"HTTP/1.1 101 X\r\n", b"Upgrade: x\r\n",
        b"Content-Type: text/event-stream\r\n", b"data: x\n\n",
    ]
)  # fmt: skip


@given(
    said=st.lists(
        st.lists(answer_pieces | st.binary(max_size=9), max_size=12), min_size=6, max_size=6
    ),
    closes=st.booleans(),
)
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
async def test_an_upstream_that_says_anything_harms_nobody(said, closes):
    async def play(asked, writer):
        place = asked.header("x-place")
        if place is None:
            await reply(writer, b"good")
            return
        for part in said[int(place)]:
            writer.write(part)
            await asyncio.sleep(0)
        if closes:
            writer.close()

    async with gate_before(play, answer_within="100ms") as rig:
        good = await rig.client()
        for place in range(len(said)):
            client = await rig.client()
            client.ask(x_place=str(place))
            good.ask()
            assert (await good.answer()).body == b"good"
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await asyncio.wait_for(client.answer(), 10)
            client.close()


async def test_nothing_is_left_of_many_connections():
    async with gate_before() as rig:
        for _ in range(3):
            clients = [await rig.client() for _ in range(100)]
            for number, client in enumerate(clients):
                client.send(request()[: number % 60 + 1] if number % 3 else request())
            await asyncio.sleep(0.02)
            for number, client in enumerate(clients):
                if number % 2:
                    client.close()
                else:
                    client.writer.transport.abort()
            await until(rig.is_at_rest)
            assert not rig.listener.clients
