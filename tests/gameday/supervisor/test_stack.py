"""One stack on this machine: it starts, keeps itself alive, and leaves nothing behind."""

import json
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from gameday.domain.errors import StartError
from gameday.supervisor.locks import holder
from gameday.supervisor.ports import free_port
from gameday.supervisor.stack import Stack, StackSpec, running_stack
from tests.gameday.catalog.authored import TARGET
from tests.gameday.injector.gate_rig import GateProcess

SERVE = """\
serve: team
senders: {watch: {kind: alertmanager, secret: "file:token"}}
start: [{when: {alertname: DrillDue}, drill: provider-outage, environment: lab}]
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def until(condition, *, within_s=30.0):
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    (folder / "token").write_text("a secret of this test")
    (folder / "serve.yaml").write_text(SERVE)
    listen = f"127.0.0.1:{free_port()}"
    spec = StackSpec(lab=True, serve_file=str(folder / "serve.yaml"), serve_listen=listen)
    one = Stack(spec, folder / "state", folder / "runs")
    one.start()
    yield one, folder
    one.stop()


def injector_pids(folder):
    described = folder / "state" / "injector" / "injector.json"
    until(described.exists)  # it answers a moment before it has written where
    about = json.loads(described.read_text())
    return about["watchdog_pid"], about["control_pid"]


def test_other_commands_find_it(stack):
    one, folder = stack
    found = running_stack(folder / "state")
    assert found == one.state
    assert httpx.get(f"{found.injector_url}/health", trust_env=False).json()["stopped"] is False
    parts = {"temporal", "lab", "worker", "hold-worker", "injector", "serve"}
    assert set(found.pids) == parts


def test_serve_knows_the_lab_beside_it_and_is_started_again(stack):
    one, folder = stack
    log = folder / "state" / "logs" / "serve.log"
    until(lambda: "may start provider-outage in lab" in log.read_text())
    before = one.state.pids["serve"]
    os.kill(before, signal.SIGKILL)
    until(lambda: list(one.failures()))
    assert any("serve ended" in sentence for sentence in one.revive())
    until(lambda: log.read_text().count("may start provider-outage in lab") == 2)
    assert alive(one.state.pids["serve"])


def test_a_second_stack_in_the_same_folder_is_refused(stack):
    _, folder = stack
    with pytest.raises(StartError, match="already runs"):
        Stack(StackSpec(lab=True), folder / "state", folder / "runs").start()
    assert running_stack(folder / "state") is not None


def test_what_dies_is_started_again(stack):
    one, _ = stack
    before = one.state.pids["hold-worker"]
    os.kill(before, signal.SIGKILL)
    until(lambda: list(one.failures()))
    assert any("hold-worker ended" in sentence for sentence in one.revive())
    assert one.state.pids["hold-worker"] != before


def test_an_injector_that_revived_itself_is_not_started_twice_and_still_ended(tmp_path):
    one = Stack(StackSpec(lab=True), tmp_path / "state", tmp_path / "runs")
    one.start()
    try:
        watchdog, control = injector_pids(tmp_path)
        os.kill(watchdog, signal.SIGKILL)
        until(lambda: injector_pids(tmp_path)[0] != watchdog)
        assert not list(one.revive())
        pids = [*one.state.pids.values(), *injector_pids(tmp_path), control]
    finally:
        one.stop()
    until(lambda: not any(alive(pid) for pid in pids))
    assert running_stack(tmp_path / "state") is None


def gate_pid(state):
    gate_file = Path(state.gate_file)
    return holder(gate_file.with_name(f"{gate_file.name}.lock"))


def gates_answer(state):
    health = httpx.get(f"{state.injector_url}/health", trust_env=False).json()["gates"]
    return bool(health) and all(health.values())


def test_a_gate_of_the_lab_that_died_is_started_again_and_still_ended(tmp_path):
    one = Stack(StackSpec(lab=True), tmp_path / "state", tmp_path / "runs")
    state = one.start()
    try:
        assert gates_answer(state)
        before = gate_pid(state)
        os.kill(before, signal.SIGKILL)
        until(lambda: gate_pid(state) not in (None, before) and gates_answer(state))
        after = gate_pid(state)
    finally:
        one.stop()
    assert not alive(after)


def test_without_a_lab_the_gate_is_started_and_ended_with_the_stack(tmp_path):
    policy, target = tmp_path / "policy.yaml", tmp_path / "gameday.yaml"
    policy.write_text("policy: tests\n")
    target.write_text(TARGET)  # the injector reads what its components are
    gate = GateProcess(tmp_path, "http://127.0.0.1:9")
    spec = StackSpec(gate_file=str(gate.file), target_file=str(target), policy_file=str(policy))
    one = Stack(spec, tmp_path / "state", tmp_path / "runs")
    state = one.start()
    try:
        assert state.gate_file == str(gate.file)
        assert gates_answer(state)
        pid = gate_pid(state)
    finally:
        one.stop()
    assert not alive(pid)
    assert running_stack(tmp_path / "state") is None


def test_a_taken_port_is_a_clear_start_error_and_nothing_is_left(tmp_path, stack):
    one, _ = stack
    taken = int(one.state.injector_url.rpartition(":")[2])
    other = Stack(StackSpec(lab=True, injector_port=taken), tmp_path / "s", tmp_path / "r")
    with pytest.raises(StartError, match=f"port {taken}, wanted for the injector, is taken"):
        other.start()
    assert running_stack(tmp_path / "s") is None


def test_no_toxiproxy_is_a_clear_start_error_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setenv("GAMEDAY_TOXIPROXY_SERVER", "/nowhere/toxiproxy-server")
    with pytest.raises(StartError, match="toxiproxy could not be started"):
        Stack(StackSpec(lab=True), tmp_path / "state", tmp_path / "runs").start()
    assert running_stack(tmp_path / "state") is None
