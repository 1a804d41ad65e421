"""The sweep: everything goes and stop stays set, whether or not the injector lives."""

import os
import signal
from pathlib import Path

import pytest

from gameday.domain.errors import InjectorRefusedError
from gameday.domain.gate import Rule
from gameday.domain.lease import ClearedBy
from gameday.domain.ports import Toxic
from gameday.injector import sweep as sweep_module
from gameday.injector.journal import read_journal
from gameday.injector.state import read_token
from gameday.injector.sweep import sweep
from gameday.supervisor.ports import free_port
from tests.gameday.injector.gate_rig import GateProcess, gate_injection
from tests.gameday.injector.rig import InjectorProcess, Proxied, injection, until


async def test_with_the_injector_up(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection())
    report = await sweep(injector.state, url=injector.url, token=read_token(injector.state))
    assert report.injector_answered
    assert report.is_clean
    assert [(r.id, r.cleared_by) for r in report.cleared] == [("f1", ClearedBy.STOP)]
    assert primary.is_clean()
    with pytest.raises(InjectorRefusedError, match="stopped"):
        await injector.client.arm("f2", injection())


async def test_with_the_injector_down(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection("blackhole"))
    token = read_token(injector.state)
    for role in ("watchdog", "control"):
        os.kill(injector.pid(role), signal.SIGKILL)
    until(injector.is_gone, "both are dead")
    report = await sweep(injector.state, url=injector.url, token=token)
    assert not report.injector_answered
    assert report.is_clean
    assert [(r.id, r.cleared_by) for r in report.cleared] == [("f1", ClearedBy.SWEEP)]
    assert primary.is_clean()
    injector.start()
    with pytest.raises(InjectorRefusedError, match="stopped"):
        await injector.client.arm("f2", injection())
    assert (await injector.client.get("f1")).cleared_by is ClearedBy.SWEEP


async def test_while_the_watchdog_brings_it_back(injector: InjectorProcess, primary: Proxied):
    """Whoever comes first, the sweep or the new control process, everything is undone once."""
    await injector.client.arm("f1", injection())
    token = read_token(injector.state)
    os.kill(injector.pid("control"), signal.SIGKILL)
    report = await sweep(injector.state, url=injector.url, token=token)
    assert report.stop_is_set
    assert primary.is_clean()
    until(injector.answers, "it is back")
    assert (await injector.client.health()).stopped
    assert (await injector.client.get("f1")).cleared_by in {ClearedBy.SWEEP, ClearedBy.RECOVERY}


async def test_what_is_not_ours_is_named_and_left_alone(
    injector: InjectorProcess, primary: Proxied
):
    primary.server.add("primary", Toxic(name="theirs", type="latency", attributes={"latency": 1}))
    primary.server.set_enabled("primary", False)
    report = await sweep(injector.state, url=injector.url, token=read_token(injector.state))
    assert report.left == (
        "the proxy primary is disabled",
        "the proxy primary carries the toxic theirs",
    )
    assert not report.is_clean
    assert not primary.read().enabled


async def test_a_wrong_token_is_told(injector: InjectorProcess):
    report = await sweep(injector.state, url=injector.url, token="wrong")
    assert (report.injector_answered, report.stop_is_set) == (True, False)
    assert "token" in report.unknown[0]


async def test_with_nothing_there_stop_is_set_and_the_unknown_is_told(tmp_path: Path):
    report = await sweep(tmp_path / "new", url=f"http://127.0.0.1:{free_port()}")
    assert report.stop_is_set
    assert read_journal(tmp_path / "new" / "undo.jsonl").stopped
    assert "nobody says where Toxiproxy or a gate is" in report.unknown[0]
    assert not report.is_clean


async def test_a_fault_that_cannot_be_undone_is_named(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection())
    for role in ("watchdog", "control"):
        os.kill(injector.pid(role), signal.SIGKILL)
    until(injector.is_gone, "both are dead")
    nowhere = f"http://127.0.0.1:{free_port()}"
    report = await sweep(injector.state, url=injector.url, toxiproxy_url=nowhere)
    assert [record.id for record in report.not_cleared] == ["f1"]
    assert report.unknown
    assert not report.is_clean
    injector.start()
    until(primary.is_clean, "the next start undoes it")


async def test_a_control_process_that_hangs_is_named_with_its_id(
    injector: InjectorProcess, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sweep_module, "_ANSWER_WITHIN_S", 0.1)
    monkeypatch.setattr(sweep_module, "_TRY_FOR_S", 0.5)
    control = injector.pid("control")
    os.kill(control, signal.SIGSTOP)
    report = await sweep(injector.state, url=injector.url, token=read_token(injector.state))
    os.kill(control, signal.SIGCONT)
    assert not report.stop_is_set
    assert f"kill -9 {control}" in report.unknown[0]


async def test_rules_at_gates_that_are_not_ours_are_named_and_left_alone(tmp_path: Path):
    """With the injector dead: where the gates are is known from its journal."""
    gate = GateProcess(tmp_path, "http://127.0.0.1:9")
    gate.start()
    injector = InjectorProcess(tmp_path, gates=[gate.file])
    injector.start()
    token = read_token(injector.state)
    for role in ("watchdog", "control"):
        os.kill(injector.pid(role), signal.SIGKILL)
    until(injector.is_gone, "both are dead")
    injector.child.stop()
    try:
        fault = gate_injection().fault
        gate.put(Rule(id="theirs", run_id="X", listener="primary", fault=fault, lease_s=60.0))
        report = await sweep(injector.state, url=injector.url, token=token)
        assert report.stop_is_set
        (left,) = report.left
        assert left.startswith("the listener primary of gate lab carries the rule theirs")
        assert not report.is_clean
        assert gate.rules() == ["theirs"]
        gate.end()
        report = await sweep(injector.state, url=injector.url, token=token)
        assert "the gate lab at" in report.unknown[0]
        assert not report.is_clean
    finally:
        gate.end()
