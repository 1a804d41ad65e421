"""latency: answers come late by what was asked, and in time again afterwards."""

import time

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.faults.latency import Latency
from tests.gameday.faults.judged import GOOD, at_primary, record, window
from tests.gameday.injector.rig import Proxied


async def test_answers_are_late_by_the_latency(primary: Proxied):
    fault = Latency(latency_ms=300)
    undo = await fault.snapshot(primary.path)
    await fault.inject(primary.path, "f1")
    began = time.monotonic()
    assert primary.ask() == b"pong"
    assert time.monotonic() - began >= 0.3
    (toxic,) = primary.read().toxics
    assert toxic.name == "gameday-f1-downstream"
    assert toxic.attributes == {"latency": 300, "jitter": 0}
    await fault.restore(primary.path, "f1", undo)
    assert primary.is_clean()


async def test_an_answer_that_is_held_arrives_when_it_is_cleared(primary: Proxied):
    fault = Latency(latency_ms=60_000)
    undo = await fault.snapshot(primary.path)
    await fault.inject(primary.path, "f1")
    with primary.connected(timeout_s=20) as held:
        held.sendall(b"ping")
        await fault.restore(primary.path, "f1", undo)
        assert held.recv(100) == b"pong"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"latency_ms": 0},
        {"latency_ms": 600_001},
        {"latency_ms": 5, "jitter_ms": 6},
        {"latency_ms": 5, "jitter": 1},
        {"latency_ms": "5"},
    ],
)
def test_bad_settings_are_refused(settings: dict):
    with pytest.raises(FileError, match="latency"):
        faults.make(FaultSpec(kind="latency", on="provider/primary", settings=settings))


def test_felt_counts_what_is_slower_by_half_the_latency_or_times_out():
    fault = Latency(latency_ms=800)  # the usual is 99 ms
    slow = window(
        [
            at_primary(Outcome.OK, 498.0),
            at_primary(Outcome.OK, 499.0),
            at_primary(Outcome.OK, 900.0),
            at_primary(Outcome.TIMEOUT, 300.0),
        ]
    )
    felt = fault.felt(record(), "primary", window(GOOD), slow)
    assert felt.count == 3
    assert felt.sentence == (
        "3 requests tried primary and took 400 ms more than the usual 99 ms, or timed out"
    )


def test_usual_slowness_is_not_felt():
    fault = Latency(latency_ms=10)
    noisy = window([*GOOD, *[at_primary(Outcome.OK, 200.0)] * 4])
    assert not fault.felt(record(), "primary", noisy, noisy).felt


def test_without_a_baseline_nothing_can_be_said():
    slow = window([at_primary(Outcome.OK, 5000.0)])
    felt = Latency(latency_ms=800).felt(record(), "primary", window([]), slow)
    assert not felt.felt
    assert "nothing to compare" in felt.sentence


def test_bytes_that_passed_are_told():
    counted = record(bytes_at_arm={"downstream": 100}, bytes_at_clear={"downstream": 5100})
    slow = window([at_primary(Outcome.OK, 900.0)])
    felt = Latency(latency_ms=800).felt(counted, "primary", window(GOOD), slow)
    assert felt.sentence.endswith("; 5000 bytes of answers passed Toxiproxy")
