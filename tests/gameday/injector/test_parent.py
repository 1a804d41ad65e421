"""Whether the supervising process lives is told by id and start time."""

import os
import subprocess
import sys

from gameday.injector.parent import Supervisor
from tests.gameday.injector.rig import until


def test_own_parent_lives_and_survives_the_command_line():
    parent = Supervisor.of_this_process()
    assert parent.pid == os.getppid()
    assert parent.lives()
    assert Supervisor.parse(str(parent)) == parent


def test_another_process_of_the_same_id_is_not_it():
    assert not Supervisor(os.getppid(), "1").lives()


def test_an_ended_process_does_not_live_even_before_it_is_reaped():
    code = "import os, sys; from gameday.injector.parent import Supervisor, _started as _s; "
    code += "print(Supervisor(os.getpid(), _s(os.getpid())), flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdin is not None
        supervisor = Supervisor.parse(child.stdout.readline().strip())
        assert supervisor.lives()
        child.stdin.close()
        until(lambda: not supervisor.lives(), "it is seen to have ended")
