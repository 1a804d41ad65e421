"""Ends commands whose process has died before they did.

A command of an operator's that changes something goes on when the injector that waits for it is
killed. Would its change come after the undo of the next injector, nobody would ever take it back.
So each command carries a mark, and whoever undoes ends what the dead have left, before it looks.
Linux alone tells enough of its processes; elsewhere a command must be quick.
"""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

VARIABLE = "GAMEDAY_COMMAND_OF"
_MARK = re.compile(rb"(?:^|\0)GAMEDAY_COMMAND_OF=([^\0]*)")
_PROC = Path("/proc")
_GONE_WITHIN_S = 2.0
_STARTED = 19  # of the fields behind the name in `stat`: when it was started, in ticks since boot


def mark() -> str:
    """What commands of this process carry, so that it can be known when it has died."""
    return f"{_namespace()}/{os.getpid()}/{_started(os.getpid())}"


def end_orphans() -> list[int]:
    """Kill what carries the mark of a dead process, and wait until it is gone; returns the ids."""
    give_up, ended = time.monotonic() + _GONE_WITHIN_S, set[int]()
    while (left := list(_orphans())) and time.monotonic() < give_up:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        ended.update(left)
        time.sleep(0.01)
    return sorted(ended)


def _orphans() -> Iterator[int]:
    for entry in _PROC.glob("[0-9]*"):
        with suppress(OSError):  # it is gone by now, or somebody else's
            found = _MARK.search((entry / "environ").read_bytes())
            if found and _is_of_the_dead(found[1].decode(errors="replace")):
                yield int(entry.name)


def _is_of_the_dead(carried: str) -> bool:
    """Whether its process has ended. One of another container is not ours to judge."""
    namespace, _, rest = carried.partition("/")
    pid, _, started = rest.partition("/")
    return namespace == _namespace() and pid.isdigit() and _started(int(pid)) != started


def _namespace() -> str:
    with suppress(OSError):
        return str((_PROC / "self/ns/pid").readlink()).replace("/", "")
    return ""


def _started(pid: int) -> str:
    """When it was started; '' where there is no such process, or it has ended."""
    with suppress(OSError):
        state, *fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return "" if state == "Z" else fields[_STARTED - 1]
    return ""
