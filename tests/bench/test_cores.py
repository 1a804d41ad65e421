"""Who runs where."""

import os
import subprocess

from bench import cores


def test_inside_the_block_and_after_it():
    before = os.sched_getaffinity(0)
    one = frozenset([min(before)])
    with cores.on(one):
        assert os.sched_getaffinity(0) == one
    assert os.sched_getaffinity(0) == before


def test_with_two_cores_what_is_measured_has_its_own(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7})
    chosen = cores.choose()
    assert (chosen.measured, chosen.rest) == ({3}, {5})
    assert chosen.apart


def test_a_process_that_leads_its_session_is_put_ahead_where_that_is_allowed():
    sleeper = subprocess.Popen(["sleep", "30"], start_new_session=True)
    try:
        cores.put_ahead(sleeper.pid, 0)
        before = os.getpriority(os.PRIO_PROCESS, sleeper.pid)
        cores.put_ahead(sleeper.pid, -5)
        allowed = os.geteuid() == 0  # in a container root may not either
        assert os.getpriority(os.PRIO_PROCESS, sleeper.pid) in (
            {-5, before} if allowed else {before}
        )
    finally:
        sleeper.kill()
        sleeper.wait()


def test_with_one_core_they_share_it_and_say_so(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert not cores.choose().apart
