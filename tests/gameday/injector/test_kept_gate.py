"""A gate that the watchdog keeps: started, started again, and ended by whoever started it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gameday.injector.kept_gate import KeptGate, StartedGates
from tests.gameday.injector.gate_rig import GateProcess, Provider
from tests.gameday.injector.rig import InjectorProcess, until


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def gate(tmp_path: Path, provider: Provider) -> Iterator[GateProcess]:
    made = GateProcess(tmp_path, provider.url)
    yield made
    made.end()


@pytest.fixture
def injector(tmp_path: Path, gate: GateProcess) -> Iterator[InjectorProcess]:
    process = InjectorProcess(tmp_path, kept=[gate.file])
    yield process
    process.end()


async def test_it_is_started_with_the_injector_and_ends_with_it(
    injector: InjectorProcess, gate: GateProcess
):
    injector.start()
    assert gate.ask() == 200
    assert (await injector.client.health()).gates == {"lab": True}
    injector.end()
    assert gate.pid is None
    assert not (injector.state / "gates.json").exists()


def test_one_that_ran_already_is_kept_and_left_running(
    injector: InjectorProcess, gate: GateProcess
):
    gate.start()
    before = gate.pid
    injector.start()
    assert gate.pid == before
    injector.end()
    assert gate.pid == before
    assert gate.ask() == 200


def test_one_that_ran_already_and_died_is_ours_from_then_on(
    injector: InjectorProcess, gate: GateProcess
):
    gate.start()
    before = gate.pid
    injector.start()
    gate.kill()
    until(lambda: gate.pid not in (None, before) and gate.answers(), "it is back")
    injector.end()
    assert gate.pid is None


def test_a_later_watchdog_ends_what_an_earlier_one_started(
    injector: InjectorProcess, gate: GateProcess
):
    injector.start()
    before, first = gate.pid, injector.pid("watchdog")
    os.kill(first, signal.SIGKILL)
    until(lambda: injector.pid("watchdog") not in (None, first), "a new watchdog")
    assert gate.pid == before, "it must outlive the watchdog: traffic goes through it"
    injector.end()
    assert gate.pid is None


def test_a_watchdog_killed_in_the_middle_of_a_start_leaves_no_orphan(tmp_path: Path):
    started = StartedGates(tmp_path / "gates.json")
    gate = tmp_path / "gate.yaml"
    assert started.pid(gate) is None
    started.note(gate, 0)
    assert StartedGates(tmp_path / "gates.json").pid(gate) == 0
    started.note(gate, 42)
    started.note(tmp_path / "other.yaml", 43)
    assert started.pid(gate) == 42
    started.forget()
    assert started.pid(gate) is None


def test_a_broken_gate_file_is_told_and_the_injector_does_not_start(
    tmp_path: Path, provider: Provider
):
    gate = GateProcess(tmp_path, provider.url)
    gate.file.write_text("gate: lab\nadmim: 127.0.0.1:1\n")
    injector = InjectorProcess(tmp_path, kept=[gate.file])
    injector.child.start()
    until(lambda: injector.child.exit_code() is not None, "it gave up")
    assert injector.child.exit_code() == 2
    words = injector.log.read_text()
    assert "lab.yaml:2" in words
    assert "Traceback" not in words
    assert injector.is_gone()


def test_ending_what_never_ran_is_done_at_once(tmp_path: Path):
    kept = KeptGate(tmp_path / "gate.yaml", StartedGates(tmp_path / "gates.json"))
    kept.ask_to_end()
    kept.wait_for_end()
