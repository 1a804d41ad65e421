"""Tells whether a process lives by the lock that it holds, which the kernel frees when it dies."""

import fcntl
import os
from pathlib import Path


def is_held(lock: Path) -> bool:
    """Whether some process holds `lock`. Whoever takes it must be patient: this asks by trying."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holder(lock: Path) -> int | None:
    """The id of the process that holds `lock`; None when nobody does, or has not yet said so."""
    if not is_held(lock):
        return None
    text = lock.read_text().strip()
    return int(text) if text.isdigit() else None
