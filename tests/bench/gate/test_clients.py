"""The three clients over the real upstream, and over one that answers wrongly."""

import asyncio
from itertools import pairwise

import pytest

from bench import cores, wire
from bench.gate import lanes
from bench.gate.asking import Asker
from bench.gate.closed_loop import times_s
from bench.gate.listening import listen
from gameday.domain.errors import StartError
from gameday.supervisor.ports import LOOPBACK, free_port


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("upstream")
    with lanes.opened([], free_port(), cores.choose(), folder) as opened:
        yield opened[0].port


async def test_the_closed_client_counts_what_it_was_asked_for(port):
    took = await times_s(port, wire.request(), 100, connections=7)
    assert len(took) == 100
    assert min(took) > 0


async def test_the_asking_client_reads_a_whole_stream_event_by_event(port):
    asker = Asker(port)
    try:
        got = await asker.ask(wire.stream_request(5, 5))
        again = await asker.ask(wire.request())
    finally:
        asker.close()
    assert got.status == again.status == 200
    sent = [int(ns) for ns in wire.SENT_NS.findall(got.body)]
    assert len(sent) == 5
    assert all(later - earlier >= 4e6 for earlier, later in pairwise(sent))
    assert got.asked_ns < got.first_body_ns < got.done_ns
    assert again.body == wire.ANSWER_BODY


async def test_the_listening_client_hears_every_stream_to_its_end(port):
    heard = await listen(port, wire.stream_request(4, 5), 30, within_s=30)
    assert (heard.events, heard.whole, heard.errors) == (120, 30, [])
    assert len(heard.transit_ms) == 120
    assert len(heard.gap_ms) == 90
    assert min(heard.transit_ms) > 0


async def answering(data):
    """A server that gives this answer to whatever it is sent, and then closes."""

    async def answer(reader, writer):
        await reader.read(65_536)
        writer.write(data)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    return server, server.sockets[0].getsockname()[1]


WRONG = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: %d\r\n\r\n" % len(wire.ANSWER_BODY)


@pytest.mark.parametrize("answer", [WRONG + wire.ANSWER_BODY, b"HTTP/1.1 200 OK\r\n\r\n", b""])
async def test_no_wrong_answer_is_timed(answer):
    server, port = await answering(answer)
    async with server:
        with pytest.raises(StartError):
            await times_s(port, wire.request(), 10)


async def test_a_stream_that_is_cut_is_an_error():
    cut = wire.STREAM_HEAD + wire.event_chunk(1)
    server, port = await answering(cut)
    async with server:
        heard = await listen(port, wire.stream_request(2, 5), 3, within_s=10)
    assert heard.whole == 0
    assert len(heard.errors) == 3


async def test_a_refused_stream_is_an_error():
    server, port = await answering(b"HTTP/1.1 429 Too Many Requests\r\n\r\n")
    async with server:
        heard = await listen(port, wire.stream_request(2, 5), 1, within_s=10)
    assert "429" in heard.errors[0]


async def test_the_asking_client_says_that_it_was_hung_up_on_and_asks_anew():
    server, port = await answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab")
    async with server:
        asker = Asker(port)
        for _ in range(2):
            with pytest.raises(StartError, match="was closed"):
                await asker.ask(wire.request())
