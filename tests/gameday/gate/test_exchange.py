"""Traffic without rules: everything passes as it came, and ends as it ended."""

import asyncio
import contextlib

import pytest

from tests.gameday.gate.rig import (
    SSE_HEAD,
    Client,
    chunk,
    closed,
    echo,
    gate_before,
    reply,
    request,
    serving,
    stream,
    token,
    until,
)


async def test_a_request_passes_with_its_headers_and_its_body():
    async with gate_before() as rig:
        client = await rig.client()
        answer = await client.get("/v1/x?a=b%20c", body=b'{"q":1}', x_id="7", X_Odd="Kept")
        assert (answer.status, answer.body) == (200, b'{"id": "7", "body": "{\\"q\\":1}"}')
        asked = rig.upstream.asked[0]
        assert asked.line == "POST /v1/x?a=b%20c HTTP/1.1"
        assert asked.header("host") == f"127.0.0.1:{rig.upstream.port}"
        assert ("X-Odd", "Kept") in asked.headers


async def test_a_path_of_the_upstream_goes_before_every_path():
    async with gate_before() as plain:
        async with gate_before(upstream_url=f"{plain.upstream.url}/base/") as rig:
            client = await rig.client()
            assert (await client.get("/v1/models", body=b"", method="GET")).status == 200
        assert plain.upstream.asked[0].line == "GET /base/v1/models HTTP/1.1"


async def test_an_absolute_target_is_asked_for_by_its_path():
    async with gate_before() as rig:
        client = await rig.client()
        assert (await client.get("http://other.example/v1/x")).status == 200
        assert rig.upstream.asked[0].line == "POST /v1/x HTTP/1.1"


async def test_a_connection_serves_many_requests_and_so_does_the_upstream_s():
    async with gate_before() as rig:
        client = await rig.client()
        for number in range(20):
            assert f'"{number}"'.encode() in (await client.get(x_id=str(number))).body
        assert rig.upstream.connections == 1


async def test_headers_of_one_hop_stay_on_it():
    async with gate_before() as rig:
        client = await rig.client()
        client.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\n"
            b"Keep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: x\r\n"
            b"Connection: x-also\r\nX-Also: 2\r\nX-Kept: 3\r\nContent-Length: 2\r\n\r\n{}"
        )
        assert (await client.answer()).status == 200
        names = {name.lower() for name, _ in rig.upstream.asked[0].headers}
        assert names == {"host", "x-kept", "content-length"}


async def test_a_chunked_request_stays_chunked_and_loses_its_trailers():
    async with gate_before() as rig:
        client = await rig.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"ab", b"cde"):
            client.send(chunk(piece))
            await asyncio.sleep(0.01)
        client.send(b"0\r\nX-Trailer: 1\r\n\r\n")
        answer = await client.answer()
        assert b"abcde" in answer.body
        assert rig.upstream.asked[0].header("transfer-encoding") == "chunked"
        assert (await client.get()).status == 200


@pytest.mark.parametrize("gap_s", [0.0, 0.005])
async def test_chunks_of_a_stream_go_out_one_by_one(gap_s):
    events = [token(f"word {number}") for number in range(40)]

    async def play(asked, writer):
        await stream(writer, events, gap_s)

    async with gate_before(play) as rig:
        answer = await (await rig.client()).get()
        assert answer.chunks == events
        assert answer.headers["content-type"] == "text/event-stream"


async def test_no_chunk_waits_for_the_next_one():
    """Each chunk is let go only when the one before has reached the client."""
    arrived = asyncio.Queue()

    async def play(asked, writer):
        writer.write(SSE_HEAD)
        for number in range(30):
            writer.write(chunk(token(str(number))))
            await asyncio.wait_for(arrived.get(), 5)
        writer.write(b"0\r\n\r\n")

    async with gate_before(play) as rig:
        client = await rig.client()
        client.ask()
        await client.head()
        for number in range(30):
            expected = chunk(token(str(number)))
            assert await asyncio.wait_for(client.reader.readexactly(len(expected)), 5) == expected
            arrived.put_nowait(None)
        assert await client.reader.readexactly(5) == b"0\r\n\r\n"


async def test_an_answer_that_ends_with_its_connection_is_whole():
    async def play(asked, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nabc")
        await asyncio.sleep(0.01)
        writer.write(b"def")
        writer.close()

    async with gate_before(play) as rig:
        client = await rig.client()
        for _ in range(2):  # the client's connection is not the upstream's
            answer = await client.get()
            assert (answer.body, answer.headers["transfer-encoding"]) == (b"abcdef", "chunked")
        assert rig.upstream.connections == 2


async def test_a_head_request_has_no_body_but_its_length():
    async def play(asked, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")

    async with gate_before(play) as rig:
        client = await rig.client()
        for _ in range(3):
            client.ask(method="HEAD", body=b"")
            answer = await client.answer(bodyless=True)
            assert answer.headers["content-length"] == "1234"
        assert rig.upstream.connections == 1


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_an_answer_without_a_body_ends_with_its_head(status):
    async def play(asked, writer):
        writer.write(f"HTTP/1.1 {status}\r\nETag: x\r\n\r\n".encode())

    async with gate_before(play) as rig:
        client = await rig.client()
        for _ in range(3):
            answer = await client.get()
            assert answer.status == int(status[:3])
            assert "transfer-encoding" not in answer.headers
        assert rig.upstream.connections == 1


async def test_a_client_that_waits_to_continue_is_told_by_the_upstream():
    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"expect: 100-continue" in head.lower()
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        await reader.readexactly(5)
        await reply(writer, b"done")

    async with serving(serve) as url, gate_before(upstream_url=url) as rig:
        client = await rig.client()
        client.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        assert (await client.head())[0] == 100
        client.send(b"hello")
        answer = await client.answer()
        assert (answer.interim, answer.status, answer.body) == ([103], 200, b"done")


async def test_an_http_1_0_client_gets_a_body_that_ends_with_the_connection():
    async def play(asked, writer):
        await stream(writer, [b"one", b"two"])

    async with gate_before(play) as rig:
        client = await rig.client()
        client.send(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}")
        answer = await client.answer()
        assert (answer.body, answer.headers["connection"]) == (b"onetwo", "close")
        assert await client.ended()


async def test_connection_close_is_kept():
    async with gate_before() as rig:
        client = await rig.client()
        answer = await client.get(connection="close")
        assert answer.headers["connection"] == "close"
        assert await client.ended()


async def test_pipelined_requests_are_answered_in_their_order():
    async def play(asked, writer):
        await asyncio.sleep(0.02 if asked.header("x-id") == "0" else 0)
        await echo(asked, writer)

    async with gate_before(play) as rig:
        client = await rig.client()
        client.send(b"".join(request(x_id=str(number)) for number in range(300)))
        for number in range(300):
            assert f'"id": "{number}"'.encode() in (await client.answer()).body
        # One after the other: the second had to wait for the first.
        assert rig.upstream.connections == 1


async def test_a_pipelined_request_that_is_bad_is_refused_after_the_good_one():
    async with gate_before() as rig:
        client = await rig.client()
        client.send(request(x_id="1") + b"NONSENSE\r\n\r\n")
        assert b'"1"' in (await client.answer()).body
        answer = await client.answer()
        assert (answer.status, answer.headers["x-gameday-gate"]) == (400, "refused")
        assert await client.ended()


async def test_what_follows_a_last_request_is_ignored():
    async with gate_before() as rig:
        client = await rig.client()
        client.send(request(connection="close") + request(x_id="2"))
        assert (await client.answer()).status == 200
        assert await client.ended()
        assert len(rig.upstream.asked) == 1


async def test_bytes_after_an_answer_reach_nobody():
    evil = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

    async def play(asked, writer):
        await reply(writer, b"good")
        writer.write(evil)

    async with gate_before(play) as rig:
        client = await rig.client()
        for _ in range(5):
            assert (await client.get()).body == b"good"
        assert rig.upstream.connections == 5


async def test_bytes_that_come_while_nobody_asks_reach_nobody():
    async with gate_before() as rig:
        client = await rig.client()
        assert (await client.get()).status == 200
        rig.upstream.writers[0].write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        await until(lambda: rig.upstream.open == 0)
        assert b'"9"' in (await client.get(x_id="9")).body


async def test_an_upstream_may_answer_before_it_has_read_the_request():
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await reply(writer, b"too big", "413 Content Too Large")

    async with serving(serve) as url, gate_before(upstream_url=url) as rig:
        client = await rig.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
        answer = await client.answer()
        assert (answer.status, answer.body) == (413, b"too big")
        assert answer.headers["connection"] == "close"
        client.send(b"x" * 1000)  # it goes on sending; nobody is hurt
        assert await client.ended()


# --- what breaks off --------------------------------------------------------------------------


async def test_an_answer_that_breaks_off_is_broken_for_the_client_too():
    async def play(asked, writer):
        writer.write(SSE_HEAD + chunk(token("a")))
        await writer.drain()
        await asyncio.sleep(0.01)
        if asked.header("x-id") == "rst":
            writer.transport.abort()
        else:
            writer.close()

    async with gate_before(play) as rig:
        for how in ("fin", "rst"):
            client = await rig.client()
            client.ask(x_id=how)
            with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
                await client.answer()


async def test_a_short_body_is_broken_for_an_http_1_0_client_too():
    """It could not tell a mere close from the body's end: it must see a reset."""

    async def play(asked, writer):
        writer.write(SSE_HEAD + chunk(token("a")))
        await writer.drain()
        writer.close()

    async with gate_before(play) as rig:
        client = await rig.client()
        client.send(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}")
        with pytest.raises(ConnectionResetError):
            await client.answer()


async def test_no_upstream_is_said_in_the_gate_s_own_name():
    async with gate_before(upstream_url="http://127.0.0.1:9") as rig:
        client = await rig.client()
        for _ in range(2):
            answer = await client.get()
            assert answer.status == 502
            assert answer.headers["x-gameday-gate"] == "upstream-unreachable"
            assert b"127.0.0.1:9" in answer.body


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000,
    ],
)
async def test_an_answer_that_is_no_http_is_not_passed_on(said):
    async def play(asked, writer):
        writer.write(said)

    async with gate_before(play) as rig:
        client = await rig.client()
        answer = await client.get()
        assert (answer.status, answer.headers["x-gameday-gate"]) == (502, "upstream-invalid")
        assert (await client.get()).status == 502  # the client's connection lives on


async def test_a_bad_chunk_breaks_the_answer():
    async def play(asked, writer):
        writer.write(SSE_HEAD + chunk(b"good") + b"zz\r\nbad")

    async with gate_before(play) as rig:
        client = await rig.client()
        client.ask()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await client.answer()


async def test_a_stale_connection_is_tried_again_once():
    """The upstream gave it up just as the request came: nobody has been at work on it."""
    seen = []

    async def play(asked, writer):
        seen.append(asked.header("x-id"))
        if seen == ["0", "1"]:
            writer.transport.abort()
        else:
            await echo(asked, writer)

    async with gate_before(play) as rig:
        client = await rig.client()
        assert (await client.get(x_id="0")).status == 200
        answer = await client.get(x_id="1", body=b'{"long":"' + b"x" * 5000 + b'"}')
        assert answer.status == 200
        assert seen == ["0", "1", "1"]
        assert len({asked.body for asked in rig.upstream.asked[1:]}) == 1


async def test_a_request_that_the_upstream_may_have_begun_is_never_sent_twice():
    async def play(asked, writer):
        if asked.header("x-id") == "late":
            await asyncio.sleep(0.7)
            writer.transport.abort()
        elif asked.header("x-id") == "begun":
            writer.write(b"HTTP/1.1 200 OK\r\n")
            await writer.drain()
            writer.transport.abort()
        else:
            await echo(asked, writer)

    async with gate_before(play) as rig:
        client = await rig.client()
        for how in ("late", "begun"):
            assert (await client.get(x_id="warm")).status == 200
            answer = await client.get(x_id=how)
            assert answer.headers["x-gameday-gate"] == "upstream-unreachable"
        assert [asked.header("x-id") for asked in rig.upstream.asked] == [
            "warm", "late", "warm", "begun",
        ]  # fmt: skip


async def test_a_fresh_connection_that_fails_is_not_tried_again():
    async def play(asked, writer):
        writer.transport.abort()

    async with gate_before(play) as rig:
        assert (await (await rig.client()).get()).status == 502
        assert len(rig.upstream.asked) == 1


# --- clients that leave, and clients that are slow --------------------------------------------


@pytest.mark.parametrize("how", ["close", "abort", "half-close"])
async def test_a_client_that_leaves_takes_its_request_with_it(how):
    stopped = asyncio.Event()

    async def play(asked, writer):
        writer.write(SSE_HEAD)
        try:
            while True:
                writer.write(chunk(token("on and on")))
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            stopped.set()
            raise

    async with gate_before(play) as rig:
        client = await rig.client()
        client.ask()
        await client.head()
        if how == "close":
            client.close()
        elif how == "abort":
            client.writer.transport.abort()
        else:
            client.writer.write_eof()
        await asyncio.wait_for(stopped.wait(), 10)
        await until(rig.is_at_rest)


async def test_a_client_that_leaves_before_the_answer_takes_its_request_with_it():
    gone = asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n{}")
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        gone.set()

    async with serving(serve) as url, gate_before(upstream_url=url) as rig:
        client = await rig.client()
        client.ask()
        await until(lambda: any(one.exchange for one in rig.listener.upstreams))
        client.close()
        await asyncio.wait_for(gone.wait(), 10)


async def test_a_slow_reader_holds_the_upstream_back():
    sent = 0

    async def play(asked, writer):
        nonlocal sent
        writer.write(SSE_HEAD)
        for _ in range(400):
            writer.write(chunk(b"x" * 65_536))
            await writer.drain()
            sent += 1
        writer.write(b"0\r\n\r\n")

    async with gate_before(play) as rig:
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.port, limit=1024)
        writer.write(request())
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.5)
        before = sent
        assert before < 400, "26 MB do not fit into any socket's buffers"
        total = 0
        while total < 400 * 65_536:
            total += len(await reader.read(2**20))
        await closed(writer)


async def test_a_slow_upstream_holds_the_sender_back():
    release = asyncio.Event()

    async def serve(reader, writer):
        await release.wait()
        await reader.readuntil(b"\r\n\r\n")
        await reply(writer, str(len(await reader.readexactly(30_000_000))).encode())

    async with serving(serve) as url, gate_before(upstream_url=url) as rig:
        client = await rig.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\n\r\n")
        client.send(b"y" * 30_000_000)
        await asyncio.sleep(0.5)
        assert client.writer.transport.get_write_buffer_size() > 5_000_000
        release.set()
        answer = await asyncio.wait_for(client.answer(), 20)
        assert answer.body == b"30000000"


async def test_a_client_of_the_gate_can_be_slow_byte_by_byte():
    async with gate_before() as rig:
        client = await rig.client()
        for byte in request("/v1/x", b'{"a":1}', x_id="42"):
            client.send(bytes([byte]))
            await asyncio.sleep(0)
        assert b'"42"' in (await client.answer()).body


# --- limits -----------------------------------------------------------------------------------


async def test_a_body_over_the_limit_is_refused_before_and_while_it_comes():
    async with gate_before(body_bytes_max=1_000) as rig:
        announced = await rig.client()
        announced.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
        assert (await announced.answer()).status == 413
        assert await announced.ended()
        chunked = await rig.client()
        chunked.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"x" * 1001)
        )
        assert (await chunked.answer()).status == 413
        assert await chunked.ended()


@pytest.mark.parametrize("piece", [b"X: " + b"a" * 100_000, b"X-Y: abc\r\n" * 10_000])
@pytest.mark.parametrize("size", [1_000, 300_000])
async def test_a_head_over_the_limit_is_refused(piece, size):
    async with gate_before() as rig:
        client = await rig.client()
        raw = b"POST / HTTP/1.1\r\nHost: a\r\n" + piece + b"\r\n\r\n"
        for begin in range(0, len(raw), size):
            client.send(raw[begin : begin + size])
            await asyncio.sleep(0)
        assert (await client.answer()).status == 431
        assert await client.ended()


@pytest.mark.parametrize(
    "endless", [b"1;" + b"x" * 100_000, b"0\r\n" + b"X-Trailer: 1\r\n" * 20_000]
)
async def test_what_frames_a_body_is_bounded_too(endless):
    async with gate_before() as rig:
        client = await rig.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        await until(lambda: rig.upstream.open == 1)
        for begin in range(0, len(endless), 4_096):
            client.send(endless[begin : begin + 4_096])
            await asyncio.sleep(0)
        assert (await client.answer()).status == 431
        assert await client.ended()


async def test_slow_heads_and_bodies_are_given_up():
    async with gate_before(head_within="200ms", body_within="200ms", idle="200ms") as rig:
        head, body, idle = [await rig.client() for _ in range(3)]
        head.send(b"POST / HT")
        body.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        assert (await head.answer()).status == 408
        assert (await body.answer()).status == 408
        for client in (head, body, idle):
            assert await client.ended()


async def test_a_head_dribbled_byte_by_byte_is_given_up():
    async with gate_before(head_within="300ms") as rig:
        client = await rig.client()
        began = asyncio.get_running_loop().time()
        client.send(b"POST / HTTP/1.1\r\n")
        while not client.reader.at_eof() and not client.reader._buffer:
            client.send(b"x")
            await asyncio.sleep(0.02)
            assert asyncio.get_running_loop().time() - began < 10
        assert (await client.answer()).status == 408


async def test_a_silent_upstream_is_given_up():
    async def play(asked, writer):
        if asked.header("x-id") == "midway":
            writer.write(SSE_HEAD + chunk(b"x"))
        await asyncio.sleep(20)

    async with gate_before(play, answer_within="200ms") as rig:
        client = await rig.client()
        answer = await client.get()
        assert (answer.status, answer.headers["x-gameday-gate"]) == (504, "upstream-late")
        other = await rig.client()
        other.ask(x_id="midway")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await other.answer()


# --- the end ----------------------------------------------------------------------------------


async def test_draining_lets_answers_end_and_takes_no_more():
    async def play(asked, writer):
        await stream(writer, [token(str(number)) for number in range(20)], 0.02)

    async with gate_before(play) as rig:
        await rig.gate.warmed()
        idle, busy = await rig.client(), await rig.client()
        busy.ask()
        await busy.head()
        rig.gate.stop()
        assert await idle.ended()
        assert token("19") in await read_rest(busy)
        with pytest.raises(OSError):
            await Client.connect(rig.port)
        await asyncio.wait_for(rig.gate.until_stopped(), 5)


async def read_rest(client):
    return await asyncio.wait_for(client.reader.read(), 10)
