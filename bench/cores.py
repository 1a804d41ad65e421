"""Which core does what: what is measured has one to itself, everything else the other.

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

    measured: frozenset[int]
    rest: frozenset[int]

    @property
    def apart(self) -> bool:
        return self.measured != self.rest


def choose() -> Cores:
    """The first usable core for what is measured, the second for the rest."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(measured=frozenset(usable[:1]), rest=frozenset(usable[1:2] or usable[:1]))


@contextlib.contextmanager
def on(cores: frozenset[int]) -> Iterator[None]:
    """Until the end of the block, this process and whatever it starts run there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
