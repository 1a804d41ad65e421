"""blackhole: connections are made and hang, and are let go when it is cleared."""

import time

import pytest

from gameday.domain.sample import Outcome
from gameday.faults.blackhole import Blackhole
from tests.gameday.faults.judged import GOOD, at_primary, record, window
from tests.gameday.injector.rig import Proxied

FAULT = Blackhole()


async def test_requests_hang_and_never_arrive(primary: Proxied):
    await FAULT.inject(primary.path, "f1")
    with pytest.raises(TimeoutError):
        primary.ask(timeout_s=0.5)
    assert primary.upstream.received == 0


async def test_an_open_connection_hangs_too(primary: Proxied):
    with primary.connected(0.5) as connection:
        connection.sendall(b"ping")
        assert connection.recv(100) == b"pong"
        await FAULT.inject(primary.path, "f1")
        connection.sendall(b"ping")
        with pytest.raises(TimeoutError):
            connection.recv(100)
    assert primary.upstream.received == len(b"ping")


async def test_held_requests_are_released_when_it_is_cleared(primary: Proxied):
    undo = await FAULT.snapshot(primary.path)
    await FAULT.inject(primary.path, "f1")
    with primary.connected(timeout_s=20) as held:
        held.sendall(b"ping")
        await FAULT.restore(primary.path, "f1", undo)
        began = time.monotonic()
        assert held.recv(100) == b""
        assert time.monotonic() - began < 5
    assert primary.ask() == b"pong"


def test_felt():
    silent = window([at_primary(Outcome.TIMEOUT, 2000.0)] * 3)
    felt = FAULT.felt(record(), "primary", window(GOOD), silent)
    assert (felt.count, felt.sentence) == (3, "3 requests tried primary and got no answer")
    refused = window([at_primary(Outcome.REFUSED)] * 3)
    assert not FAULT.felt(record(), "primary", window(GOOD), refused).felt
