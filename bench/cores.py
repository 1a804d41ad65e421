"""Which core does what: what is measured has one to itself, everything else the other.

A child inherits the cores of who starts it, all its later threads too; that is why a process is
started inside `on` instead of being moved afterwards.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cores:
    """Each a set for the scheduler; both the same where there is only one core."""

    measured: frozenset[int]
    rest: frozenset[int]
    nice: int = 0  # below 0, what is measured goes before the machine's other work

    @property
    def apart(self) -> bool:
        return self.measured != self.rest


def choose(*, nice: int = 0) -> Cores:
    """The first usable core for what is measured, the second for the rest."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(
        measured=frozenset(usable[:1]), rest=frozenset(usable[1:2] or usable[:1]), nice=nice
    )


@contextlib.contextmanager
def on(cores: frozenset[int]) -> Iterator[None]:
    """Until the end of the block, this process and whatever it starts run there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def put_ahead(pid: int, nice: int) -> None:
    """Give a process that leads a session of its own this niceness, where this user may.

    What a lane loses to somebody else's time slice is lateness that it did not cause. Linux
    shares a core among sessions first, so that the session needs it as much as the process.
    """
    if nice:
        with contextlib.suppress(OSError):  # no right to, or no such sharing: as it was
            os.setpriority(os.PRIO_PROCESS, pid, nice)
            Path(f"/proc/{pid}/autogroup").write_text(str(nice))
