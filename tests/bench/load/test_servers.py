"""The server that remembers, as a process, and nginx's own count."""

import http.client
import json
import socket
import threading
import time
from itertools import pairwise

import pytest

from bench import cores, nginx
from bench.load import servers
from bench.load.servers import Streams, requests_of
from bench.load.truth import Freeze
from bench.wire import ANSWER_BODY, HEADERS, PATH, question_body
from gameday.supervisor.ports import LOOPBACK

WHERE = cores.choose()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder, freeze = tmp_path_factory.mktemp("server"), Freeze(0.2, 0.6)
    streams = Streams(events=3, gap_ms=5)
    with servers.own(WHERE, folder, streams=streams, freeze=freeze) as started:
        yield started


@pytest.fixture
def ask(server):
    connection = http.client.HTTPConnection(LOOPBACK, server.port, timeout=30)

    def one(request_id, *, stream=False):
        headers = {**HEADERS, "x-request-id": request_id}
        connection.request("POST", PATH, question_body(stream=stream), headers)
        return connection.getresponse().read()

    yield one
    connection.close()
    server.log()


def test_it_stands_still_once_and_says_when(server, ask):
    server.log()
    ask("first")
    began_s = time.monotonic()
    while time.monotonic() < began_s + 1.0:
        assert ask("next") == ANSWER_BODY
    served, freeze = server.log()
    assert freeze.begins_s >= 0.19  # a timer of the loop counts whole milliseconds
    assert freeze.ends_s - freeze.begins_s >= 0.4
    assert served[0].request_id == "first"
    gaps_s = [b.answered_s - a.answered_s for a, b in pairwise(served)]
    assert max(gaps_s) >= 0.39
    assert all(one.read_s <= one.answered_s for one in served)


def test_it_forgets_what_it_has_told_and_freezes_anew(server, ask):
    server.log()
    assert server.log() == ([], None)
    ask("first")
    time.sleep(1.0)
    assert server.log()[1] is not None


def test_a_stream_is_what_the_dialect_says(server, ask):
    before = server.events()
    events = [line.removeprefix(b"data: ") for line in ask("one", stream=True).split(b"\n\n")]
    assert server.events() == before + 3
    assert events[-2:] == [b"[DONE]", b""]
    *content, end, usage = [json.loads(event) for event in events[:-2]]
    assert [event["choices"][0]["delta"]["content"] for event in content] == [" parcel"] * 3
    assert end["choices"][0]["finish_reason"] == "stop"
    assert usage["usage"]["completion_tokens"] == 64


def test_it_counts_requests_but_not_those_about_itself(server, ask):
    before = server.requests()
    ask("one")
    assert server.requests() == before + 1


STATUS_PAGE = """\
Active connections: 2
server accepts handled requests
 5 5 1234
Reading: 0 Writing: 1 Waiting: 1
"""


def test_nginxs_page_is_read():
    assert requests_of(STATUS_PAGE) == 1234


@pytest.mark.skipif(not nginx.version(), reason="nginx is not installed")
def test_nginx_answers_and_counts(tmp_path):
    with servers.static(WHERE, tmp_path / "nginx") as static:
        connection = http.client.HTTPConnection(LOOPBACK, static.port, timeout=30)
        before = static.requests()
        for _ in range(3):
            connection.request("POST", PATH, question_body(), HEADERS)
            assert connection.getresponse().read() == ANSWER_BODY
        assert static.requests() == before + 3
        connection.close()


def test_a_connection_that_nginx_let_go_is_made_anew():
    with socket.create_server((LOOPBACK, 0)) as listening:

        def one_answer_a_connection():
            for _ in range(2):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    page = STATUS_PAGE.encode()
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(page), page)
                    )

        serving = threading.Thread(target=one_answer_a_connection)
        serving.start()
        static = servers.StaticServer(listening.getsockname()[1])
        asked = [static.requests() for _ in range(2)]
        static.close()
        serving.join(timeout=30)
    assert asked == [1234 - 1, 1234 - 2]
