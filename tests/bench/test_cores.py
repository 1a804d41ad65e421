"""Who runs where."""

import os

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


def test_with_one_core_they_share_it_and_say_so(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert not cores.choose().apart
