"""The kernel's account of a process and of those below it."""

import os
import subprocess
import sys

from bench.processes import cpu_s, family, resident_bytes

_BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint('busy', flush=True)\n"
_FAMILY = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {_BUSY + "input()"!r}], stdin=subprocess.PIPE)
input()
child.communicate(b"x")
"""


def test_a_child_counts_as_its_parents():
    parent = subprocess.Popen(
        [sys.executable, "-c", _FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert parent.stdout.readline().strip() == b"busy"
        assert len(family(parent.pid)) == 2
        assert cpu_s(parent.pid) >= 0.3
        assert resident_bytes(parent.pid) > 2_000_000
    finally:
        parent.communicate(b"x\n")


def test_one_process_alone():
    assert os.getpid() in family(os.getpid())
    assert cpu_s(os.getpid()) > 0
