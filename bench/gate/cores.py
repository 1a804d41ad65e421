"""Which core does what: the proxy under test has one to itself, client and upstream the other.

A child inherits the cores of who starts it, all its later threads too; that is why a process is
started inside `on` instead of being moved afterwards.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    """Each a set for the scheduler; both the same where there is only one core."""

    proxy: frozenset[int]
    load: frozenset[int]

    @property
    def apart(self) -> bool:
        return self.proxy != self.load


def choose() -> Cores:
    """The first usable core for the proxy, the second for client and upstream."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(proxy=frozenset(usable[:1]), load=frozenset(usable[1:2] or usable[:1]))


@contextlib.contextmanager
def on(cores: frozenset[int]) -> Iterator[None]:
    """Until the end of the block, this process and whatever it starts run there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
