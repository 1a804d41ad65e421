"""A client's process: where it runs, what it says, and that it is gone afterwards."""

import os
import sys

import pytest

from bench import cores
from bench.load.running import Command, running
from gameday.domain.errors import StartError

WHERE = cores.choose()


def python(code, **further):
    return Command("client", [sys.executable, "-c", code], **further)


def test_it_has_the_measured_core_to_itself(tmp_path):
    code = "import os; print(*os.sched_getaffinity(0))"
    with running(python(code), WHERE, tmp_path) as client:
        said = client.result(within_s=30)
    assert {int(core) for core in said.split()} == WHERE.measured
    assert os.sched_getaffinity(0) != WHERE.measured or not WHERE.apart


def test_it_is_beaten_when_it_asks_for_that_and_gone_after_the_block(tmp_path):
    code = (
        "import os; print(os.getpid(), os.read(0, 1), flush=True); [os.read(0, 1) for _ in '123']"
    )
    with running(python(code, beats=True), WHERE, tmp_path) as client:
        while not (said := (tmp_path / "client.out").read_text()).endswith("\n"):
            assert not client.ended()
    pid, beat = said.split()
    assert beat == "b'.'"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_it_is_gone_when_the_block_fails(tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        running(python("while True: pass"), WHERE, tmp_path) as client,
    ):
        1 / 0  # noqa: B018
    assert client.ended()


def test_a_failure_is_told_in_its_own_words(tmp_path):
    with (
        running(python("raise SystemExit('the port is taken')"), WHERE, tmp_path) as client,
        pytest.raises(StartError, match="client failed: the port is taken"),
    ):
        client.result(within_s=30)


def test_it_is_not_waited_for_for_ever(tmp_path):
    with (
        running(python("while True: pass"), WHERE, tmp_path) as client,
        pytest.raises(StartError, match="did not end within"),
    ):
        client.result(within_s=0.1)


def test_the_environment_is_the_commands(tmp_path):
    code = "import os; print(os.environ['WHO'])"
    with running(python(code, env={"WHO": "bench"}), WHERE, tmp_path) as client:
        assert client.result(within_s=30) == "bench\n"
