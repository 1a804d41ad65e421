"""What each peer prints is read rightly, and each that is installed really prints it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import cores
from bench.load import servers
from bench.load.clients import Said
from bench.load.clients.aiohttp import Aiohttp
from bench.load.clients.hey import Hey
from bench.load.clients.locust import Locust
from bench.load.clients.wrk import Wrk
from bench.load.running import running
from bench.numbers import at
from gameday.domain.errors import StartError

PEERS = (Wrk(), Hey(), Locust(), Aiohttp())
INSTALLED = [peer for peer in PEERS if peer.version()]

WRK = """\
Running 1s test @ http://127.0.0.1:25497/v1/chat/completions
  1 threads and 10 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.63ms    2.19ms  14.81ms   84.80%
    Req/Sec    12.41k     5.23k   21.37k    70.00%
  12392 requests in 1.01s, 7.84MB read
Requests/sec:  12304.78
Transfer/sec:      7.78MB
answered 12392
p50_us 400
p95_us 6339
p99_us 9577
"""
HEY = """\

Summary:
  Total:\t1.0234 secs
  Slowest:\t0.0291 secs
  Requests/sec:\t97.7157

Response time histogram:
  0.001 [1]\t|■
  0.004 [32]\t|■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■

Latency distribution:
  10% in 0.0030 secs
  25% in 0.0039 secs
  50% in 0.0142 secs
  75% in 0.0247 secs
  90% in 0.0284 secs
  95% in 0.0287 secs
  99% in 0.7291 secs

Details (average, fastest, slowest):
  DNS+dialup:\t0.0053 secs, 0.0014 secs, 0.0291 secs

Status code distribution:
  [200]\t98 responses
  [503]\t2 responses
"""


def locust(histogram, failures=0):
    return json.dumps(
        [
            {
                "name": "/v1/chat/completions",
                "num_requests": sum(histogram.values()),
                "num_failures": failures,
                "response_times": {str(time): count for time, count in histogram.items()},
            }
        ]
    )


def test_wrk():
    assert Wrk().read(WRK) == Said(12_392, 0.4, 6.339, 9.577)


def test_hey_counts_only_good_answers():
    assert Hey().read(HEY) == Said(98, pytest.approx(14.2), 28.7, pytest.approx(729.1))


def test_hey_without_an_answer():
    with pytest.raises(StartError, match="no good answer"):
        Hey().read(HEY.replace("[200]", "[500]"))


def test_locust():
    said = Locust().read(locust({1: 94, 8: 1, 500: 4, 1000: 1}, failures=3))
    assert said == Said(97, 1.0, 8.0, 500.0)


@given(st.dictionaries(st.integers(0, 2000), st.integers(1, 50), min_size=1))
def test_locusts_histogram_gives_what_its_times_one_by_one_would(histogram):
    times = [float(time) for time, count in histogram.items() for _ in range(count)]
    said = Locust().read(locust(histogram))
    assert (said.p50_ms, said.p95_ms, said.p99_ms) == (
        at(times, 0.50),
        at(times, 0.95),
        at(times, 0.99),
    )


def test_locust_that_sent_nothing():
    with pytest.raises(StartError, match="sent nothing"):
        Locust().read("[]")


def test_aiohttp():
    output = json.dumps({"latencies_ms": {str(place): float(place) for place in range(1, 101)}})
    assert Aiohttp().read(output) == Said(100, 50.0, 95.0, 99.0)
    assert Aiohttp.latencies_ms(output)[7] == 7.0


@pytest.mark.parametrize("peer", INSTALLED, ids=lambda peer: peer.name)
def test_an_installed_peer_is_read(peer, tmp_path):
    where, rate_per_s, lasts_s = cores.choose(), 100, 3.0
    with servers.own(where, tmp_path) as server:
        command = peer.paced(server.port, rate_per_s, lasts_s, tmp_path)
        with running(command, where, tmp_path) as client:
            said = peer.read(client.result(within_s=60))
        served = server.requests()
    assert 0 < said.answered <= served
    assert 0 < said.p50_ms <= said.p95_ms <= said.p99_ms
    if peer.name == "aiohttp":
        assert said.answered == rate_per_s * lasts_s


@pytest.mark.parametrize("peer", INSTALLED, ids=lambda peer: peer.name)
def test_an_installed_peer_sends_what_all_send(peer, tmp_path):
    where = cores.choose()
    with (
        servers.own(where, tmp_path) as server,
        running(peer.closed(server.port, 30, tmp_path), where, tmp_path) as client,
    ):
        while server.requests() < 40:
            assert not client.ended()


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_that_is_not_installed_has_no_version(peer, monkeypatch):
    module = __import__(type(peer).__module__, fromlist=["_PROGRAM"])
    for name in ("_PROGRAM", "_PYTHON"):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, Path("/nowhere/at/all"))
    assert peer.version() == ""
