"""connection_refused: the port is closed, open connections are cut, and it is opened again."""

import pytest

from gameday.domain.sample import Outcome
from gameday.faults.connection_refused import ConnectionRefused
from tests.gameday.faults.judged import ELSEWHERE, GOOD, at_primary, record, window
from tests.gameday.injector.rig import Proxied

FAULT = ConnectionRefused()
DIALLED = record(dial="refused")


async def test_new_connections_are_refused_and_open_ones_cut(primary: Proxied):
    undo = await FAULT.snapshot(primary.path)
    with primary.connected() as connection:
        connection.sendall(b"ping")
        assert connection.recv(100) == b"pong"
        await FAULT.inject(primary.path, "f1")
        assert await FAULT.confirm(primary.path, "f1") == {"dial": "refused"}
        with pytest.raises(ConnectionRefusedError):
            primary.ask()
        assert connection.recv(100) == b""
    await FAULT.restore(primary.path, "f1", undo)
    assert primary.ask() == b"pong"


async def test_restore_puts_back_a_proxy_that_was_disabled_before(primary: Proxied):
    primary.server.set_enabled("primary", False)
    undo = await FAULT.snapshot(primary.path)
    await FAULT.inject(primary.path, "f1")
    await FAULT.restore(primary.path, "f1", undo)
    assert not primary.read().enabled
    assert await FAULT.is_restored(primary.path, "f1", undo)


def test_felt_needs_a_refused_dial_and_a_refused_request():
    refused = window([at_primary(Outcome.REFUSED)] * 417)
    felt = FAULT.felt(DIALLED, "primary", window(GOOD), refused)
    assert (felt.count, felt.sentence) == (417, "417 requests tried primary and were refused")
    assert not FAULT.felt(record(), "primary", window(GOOD), refused).felt
    assert not FAULT.felt(record(dial="accepted"), "primary", window(GOOD), refused).felt


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.RESET, Outcome.CUT])
def test_one_request_is_enough(outcome: Outcome):
    felt = FAULT.felt(DIALLED, "primary", window(GOOD), window([*GOOD, at_primary(outcome)]))
    assert (felt.count, felt.sentence) == (1, "1 request tried primary and was refused")


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.HTTP_ERROR, Outcome.TIMEOUT])
def test_other_failures_prove_nothing(outcome: Outcome):
    felt = FAULT.felt(DIALLED, "primary", window(GOOD), window([at_primary(outcome)] * 5))
    assert (felt.count, felt.sentence) == (0, "5 requests tried primary, and none was refused")


def test_no_traffic_and_another_provider_prove_nothing():
    felt = FAULT.felt(DIALLED, "primary", window(GOOD), window([ELSEWHERE] * 3))
    assert (felt.count, felt.sentence) == (0, "none of 3 requests tried primary")


def test_no_more_than_in_the_baseline_proves_nothing():
    mixed = window([*GOOD[:5], *[at_primary(Outcome.REFUSED)] * 5])
    felt = FAULT.felt(DIALLED, "primary", mixed, mixed)
    assert not felt.felt
    assert "does not stand out from the baseline's 5 of 10" in felt.sentence
