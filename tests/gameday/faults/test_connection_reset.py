"""connection_reset: connections are made and reset; answers under way are cut."""

import contextlib

import pytest

from gameday.domain.sample import Outcome
from gameday.faults.connection_reset import ConnectionReset
from tests.gameday.faults.judged import GOOD, at_primary, record, window
from tests.gameday.injector.rig import Proxied

FAULT = ConnectionReset()


async def test_new_connections_are_reset_before_the_provider_sees_a_request(primary: Proxied):
    undo = await FAULT.snapshot(primary.path)
    await FAULT.inject(primary.path, "f1")
    with pytest.raises(ConnectionResetError):
        primary.ask()
    assert primary.upstream.received == 0
    await FAULT.restore(primary.path, "f1", undo)
    assert primary.ask() == b"pong"


async def test_an_open_connection_is_cut_when_it_is_used(primary: Proxied):
    with primary.connected() as connection:
        connection.sendall(b"ping")
        assert connection.recv(100) == b"pong"
        await FAULT.inject(primary.path, "f1")
        connection.sendall(b"ping")
        with contextlib.suppress(ConnectionResetError):  # either way the client sees it was cut
            assert connection.recv(100) == b""


async def test_killed_between_its_toxics_it_is_not_in_force_and_restores(primary: Proxied):
    undo = await FAULT.snapshot(primary.path)
    await primary.path.add_toxic(FAULT.toxics("f1")[0])
    with pytest.raises(Exception, match="lacks gameday-f1-downstream"):
        await FAULT.confirm(primary.path, "f1")
    assert not await FAULT.is_restored(primary.path, "f1", undo)
    await FAULT.restore(primary.path, "f1", undo)
    assert primary.is_clean()


def test_felt():
    cut = window([at_primary(Outcome.RESET), at_primary(Outcome.CUT), *GOOD])
    felt = FAULT.felt(record(), "primary", window(GOOD), cut)
    assert (felt.count, felt.sentence) == (2, "2 requests tried primary and were cut off")
    assert not FAULT.felt(record(), "primary", window(GOOD), window(GOOD)).felt
