"""Figures from outside a client."""

import sys

import pytest

from bench import cores
from bench.load.costs import Cost, watch
from bench.load.running import Command, running
from gameday.domain.errors import StartError


def python(code, **further):
    return Command("client", [sys.executable, "-c", code], **further)


def test_what_one_costs_and_how_many_there_are():
    cost = Cost(served=2_000, elapsed_s=0.5, cpu_s=0.1)
    assert (cost.per_s, cost.cpu_us_each, cost.cpu_share) == (4_000.0, 50.0, 0.2)


def test_only_the_window_counts(tmp_path):
    """Served: one more each time somebody looks, but nothing before the client is there."""
    seen = iter([0, 0, 5, 100, 160])
    busy = python("while True: pass")
    with running(busy, cores.choose(), tmp_path) as client:
        cost = watch(client, lambda: next(seen), warm_s=0.05, window_s=0.2)
    assert cost.served == 60
    assert cost.elapsed_s >= 0.2
    assert cost.cpu_s >= 0


def test_a_client_that_fails_before_it_sends_says_why(tmp_path):
    with (
        running(python("raise SystemExit('no such url')"), cores.choose(), tmp_path) as client,
        pytest.raises(StartError, match="no such url"),
    ):
        watch(client, lambda: 0, warm_s=0, window_s=1)


def test_a_client_that_ends_within_the_window_is_not_measured(tmp_path):
    seen = iter(range(100))
    with (
        running(python("pass"), cores.choose(), tmp_path) as client,
        pytest.raises(StartError, match="ended too early"),
    ):
        watch(client, lambda: next(seen), warm_s=0, window_s=30)


def test_a_client_that_stands_still_is_not_measured(tmp_path):
    seen = iter([0, 1, 1, 1])
    with (
        running(python("input()", beats=True), cores.choose(), tmp_path) as client,
        pytest.raises(StartError, match="sent nothing within"),
    ):
        watch(client, lambda: next(seen), warm_s=0, window_s=0.05)
