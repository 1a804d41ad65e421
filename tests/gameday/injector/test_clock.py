"""The lease clock is the one that neither the wall clock nor a suspend disturbs."""

import time

import pytest

from gameday.injector.clock import lease_clock_s


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="the system has no such clock")
def test_it_counts_since_boot_with_suspend():
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    now = lease_clock_s()
    assert before <= now <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_the_wall_clock_does_not_move_it(monkeypatch: pytest.MonkeyPatch):
    before = lease_clock_s()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert 0 <= lease_clock_s() - before < 60
