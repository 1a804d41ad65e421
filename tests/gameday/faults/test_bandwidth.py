"""bandwidth: answers trickle at the rate that was asked."""

import time

from gameday.domain.sample import Outcome
from gameday.faults.bandwidth import Bandwidth
from tests.gameday.faults.judged import GOOD, at_primary, record, window
from tests.gameday.injector.rig import Proxied

FAULT = Bandwidth(rate_kb_per_s=10)


def _read_all(primary: Proxied, size: int) -> float:
    began = time.monotonic()
    with primary.connected(timeout_s=20) as connection:
        connection.sendall(b"ping")
        got = 0
        while got < size:
            data = connection.recv(65536)
            assert data
            got += len(data)
    return time.monotonic() - began


async def test_answers_flow_no_faster_than_the_rate(primary: Proxied):
    primary.upstream.answer = b"x" * 5000
    undo = await FAULT.snapshot(primary.path)
    await FAULT.inject(primary.path, "f1")
    assert _read_all(primary, 5000) >= 0.4  # 5 kB at 10 kB/s
    await FAULT.restore(primary.path, "f1", undo)
    assert primary.is_clean()
    assert primary.ask()


def test_felt_is_beyond_the_slowest_of_the_baseline():
    slow = window([at_primary(Outcome.OK, 400.0)] * 3)
    felt = FAULT.felt(record(), "primary", window(GOOD), slow)
    assert felt.count == 3
    assert "took over 162 ms (baseline p95 108 ms)" in felt.sentence
    assert not FAULT.felt(record(), "primary", window(GOOD), window(GOOD)).felt
    assert not FAULT.felt(record(), "primary", window([]), slow).felt
