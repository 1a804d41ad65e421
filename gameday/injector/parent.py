"""Tells whether the process that supervises the injector still lives.

The injector's processes replace each other, so the one to watch is not the own parent: it is the
parent of the first, handed on by id and start time (an id alone can come back as another's).
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Supervisor:
    """A process, told apart from a later one of the same id."""

    pid: int
    started: str  # in the kernel's ticks since boot; empty where the system does not tell

    @classmethod
    def of_this_process(cls) -> "Supervisor":
        pid = os.getppid()
        return cls(pid, _started(pid))

    @classmethod
    def parse(cls, text: str) -> "Supervisor":
        pid, _, started = text.partition(":")
        return cls(int(pid), started)

    def __str__(self) -> str:
        return f"{self.pid}:{self.started}"

    def lives(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return _started(self.pid) == self.started


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces
    # A process that has ended and waits to be reaped (state Z) supervises nothing.
    return "" if fields[0] == "Z" else fields[19]
