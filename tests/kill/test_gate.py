"""The injector and the gate killed while a gate's fault is in force, and traffic goes on.

One client asks without a pause. Every answer is the fault's or the provider's own, clean; where
the gate itself lives on, none is missing.
"""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gameday.domain.errors import InjectorUnreachableError
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.injector.state import read_token
from gameday.injector.sweep import sweep
from tests.gameday.injector.gate_rig import (
    FAULT_STATUS,
    GateProcess,
    Provider,
    Traffic,
    gate_injection,
)
from tests.gameday.injector.rig import InjectorProcess, cleared, until
from tests.kill.rig import LOADED_S, STANDBY_S, measured

LEASE_S = 2.0
BEYOND_LEASE_S = 0.05  # promised
BUSY_S = 0.25  # and this, for a machine that may be busy with something else
GATE_BACK_S = 1.0  # promised


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def gates(tmp_path: Path, provider: Provider) -> Iterator[tuple[GateProcess, GateProcess]]:
    made = (
        GateProcess(tmp_path, provider.url, name="gate-a"),
        GateProcess(tmp_path, provider.url, name="gate-b"),
    )
    yield made
    for gate in made:
        gate.end()


class Scene:
    """An injector, its gates, and a client at each of them."""

    def __init__(self, injector: InjectorProcess, *gates: GateProcess) -> None:
        self.injector = injector
        self.gates = gates
        self.traffic = [Traffic(gate) for gate in gates]

    async def break_it(self, **changes: float) -> FaultRecord:
        """Arm the fault, and wait until every client gets it."""
        for traffic in self.traffic:
            traffic.start()
        record = await self.injector.client.arm("f1", gate_injection(**changes))
        assert record.state is FaultState.ARMED
        until(lambda: all(one.last(FAULT_STATUS) > 0 for one in self.traffic), "it is felt")
        return record

    def is_clean_again(self) -> None:
        """Wait until every client gets clean answers again."""
        began = time.monotonic()
        until(lambda: all(one.last(200) > began for one in self.traffic), "clean answers")

    def end_traffic(self) -> None:
        """Stop asking: every answer was the fault's or clean, and none was missing."""
        for traffic in self.traffic:
            traffic.stop()
            assert {status for _, status in traffic.statuses} <= {200, FAULT_STATUS}
            assert traffic.failures == []


@pytest.fixture
def scene(tmp_path: Path, gates: tuple[GateProcess, GateProcess]) -> Iterator[Scene]:
    """One gate that somebody else keeps alive."""
    gates[0].start()
    yield from _scene(InjectorProcess(tmp_path, gates=[gates[0].file]), gates[0])


@pytest.fixture
def replicated(tmp_path: Path, gates: tuple[GateProcess, GateProcess]) -> Iterator[Scene]:
    for gate in gates:
        gate.start()
    yield from _scene(InjectorProcess(tmp_path, gates=[gate.file for gate in gates]), *gates)


@pytest.fixture
def kept(tmp_path: Path, gates: tuple[GateProcess, GateProcess]) -> Iterator[Scene]:
    """One gate that the watchdog keeps alive."""
    yield from _scene(InjectorProcess(tmp_path, kept=[gates[0].file]), gates[0])


def _scene(injector: InjectorProcess, *gates: GateProcess) -> Iterator[Scene]:
    injector.start()
    scene = Scene(injector, *gates)
    yield scene
    for traffic in scene.traffic:
        traffic.stop()
    injector.end()


async def _dies_with_its_lease(scene: Scene, watchdog: str, what: str) -> None:
    """Leave nobody who could put it back but the gate; the gate does, in time."""
    await scene.break_it(lease_s=LEASE_S)
    record = await scene.injector.client.renew("f1")
    over_at = time.monotonic() + (record.expires_in_s or 0)
    roles = {role: scene.injector.pid(role) for role in ("watchdog", "control")}
    os.kill(roles["watchdog"], signal.SIGKILL if watchdog == "killed" else signal.SIGSTOP)
    os.kill(roles["control"], signal.SIGKILL)
    until(lambda: time.monotonic() > over_at - 0.5, "the lease is nearly over")
    asked_at = time.monotonic()
    until(lambda: all(one.last(FAULT_STATUS) > asked_at for one in scene.traffic), "it is there")
    scene.is_clean_again()
    for gate in scene.gates:
        assert gate.rules() == []
    late_s = max(one.last(FAULT_STATUS) for one in scene.traffic) - over_at
    measured(f"{what}: last fault after the lease's end (promised {BEYOND_LEASE_S} s)", late_s)
    assert late_s <= BEYOND_LEASE_S + BUSY_S
    scene.end_traffic()
    if watchdog == "frozen":
        os.kill(roles["watchdog"], signal.SIGCONT)
    else:
        until(scene.injector.is_gone, "both are dead")
        scene.injector.start()
    gone = await cleared(scene.injector.client, "f1")
    assert gone.cleared_by is ClearedBy.LEASE
    assert "with its own lease" in gone.cleared_because
    assert gone.evidence["gate_at_clear"]["hits"] > 0


@pytest.mark.parametrize("watchdog", ["frozen", "killed"])
async def test_with_nobody_left_the_gate_lets_go_with_the_lease(scene: Scene, watchdog: str):
    await _dies_with_its_lease(scene, watchdog, f"control killed, watchdog {watchdog}")


async def test_with_nobody_left_both_replicas_let_go_with_the_lease(replicated: Scene):
    await _dies_with_its_lease(replicated, "killed", "two replicas, both processes killed")


async def test_a_killed_control_process_comes_back_and_clears_the_gate(scene: Scene):
    await scene.break_it(lease_s=60.0)
    began = time.monotonic()
    os.kill(scene.injector.pid("control"), signal.SIGKILL)
    scene.is_clean_again()
    took_s = time.monotonic() - began
    measured(f"control killed, gate clean (promised {STANDBY_S:g} s)", took_s)
    assert took_s <= STANDBY_S + 2 * LOADED_S  # half of it is imports, which share the processor
    record = await cleared(scene.injector.client, "f1")
    assert record.cleared_by is ClearedBy.RECOVERY
    assert record.evidence["gate_at_clear"]["hits"] > 0
    scene.end_traffic()


async def test_a_killed_gate_comes_back_clean_and_the_record_says_so(kept: Scene):
    await kept.break_it(lease_s=60.0)
    (gate,), (traffic,) = kept.gates, kept.traffic
    killed = gate.pid
    began = gate.kill()
    kept.is_clean_again()
    back_s = min(at for at, status in traffic.statuses if at > began and status == 200) - began
    measured(f"gate killed, first clean answer (promised {GATE_BACK_S:g} s)", back_s)
    assert back_s <= GATE_BACK_S + LOADED_S
    assert traffic.last(FAULT_STATUS) < began + 0.1, "it came back with the fault"
    assert gate.pid not in (None, killed)
    record = await kept.injector.client.renew("f1")
    assert (record.state, record.cleared_by) == (FaultState.CLEARED, ClearedBy.VANISHED)
    assert "the gate gate-a was started again at" in record.cleared_because
    assert "and took the rule with it" in record.cleared_because
    again = await kept.injector.client.arm("f2", gate_injection())
    assert again.state is FaultState.ARMED


async def test_a_gate_that_is_killed_again_and_again_comes_back(kept: Scene):
    (gate,) = kept.gates
    for _ in range(3):
        killed = gate.pid
        gate.kill()
        until(lambda k=killed: gate.pid not in (None, k) and gate.answers(), "it is back")
        assert gate.ask() == 200


async def test_a_gate_killed_with_the_watchdog_comes_back_by_the_next_one(kept: Scene):
    (gate,) = kept.gates
    killed, watchdog = gate.pid, kept.injector.pid("watchdog")
    os.kill(watchdog, signal.SIGKILL)
    gate.kill()
    until(lambda: gate.pid not in (None, killed) and gate.answers(), "it is back")
    assert kept.injector.pid("watchdog") != watchdog


async def test_one_replica_killed_takes_the_fault_from_both(replicated: Scene):
    """Half a fault proves nothing: the rest is taken away, and why is said."""
    await replicated.break_it(lease_s=60.0)
    replicated.gates[1].kill()
    replicated.gates[1].start()
    record = await replicated.injector.client.renew("f1")
    assert record.cleared_by is ClearedBy.VANISHED
    assert "the gate gate-b was started again at" in record.cleared_because
    assert replicated.gates[0].rules() == []


async def test_renewal_while_the_gate_is_frozen_clears_nothing(scene: Scene):
    """Nobody can know: the lease runs on, and ends the fault where the gate is."""
    await scene.injector.client.arm("f1", gate_injection(lease_s=4.0))
    (gate,) = scene.gates
    os.kill(gate.pid, signal.SIGSTOP)
    try:
        with pytest.raises(InjectorUnreachableError, match=r"the gate gate-a at .* did not answer"):
            await scene.injector.client.renew("f1")
        assert (await scene.injector.client.get("f1")).state is FaultState.ARMED
    finally:
        os.kill(gate.pid, signal.SIGCONT)
    assert (await cleared(scene.injector.client, "f1")).cleared_by is ClearedBy.LEASE
    assert gate.ask() == 200


async def test_a_sweep_without_the_injector_clears_the_gates(replicated: Scene):
    await replicated.break_it(lease_s=60.0)
    token = read_token(replicated.injector.state)
    for role in ("watchdog", "control"):
        os.kill(replicated.injector.pid(role), signal.SIGKILL)
    until(replicated.injector.is_gone, "both are dead")
    report = await sweep(replicated.injector.state, url=replicated.injector.url, token=token)
    assert not report.injector_answered
    assert report.is_clean, report
    assert [(one.id, one.cleared_by) for one in report.cleared] == [("f1", ClearedBy.SWEEP)]
    assert [gate.rules() for gate in replicated.gates] == [[], []]
    replicated.is_clean_again()
    replicated.end_traffic()


async def test_a_frozen_watchdog_does_not_disturb(kept: Scene):
    """Traffic and leases go on; only what dies meanwhile stays dead until it thaws."""
    watchdog = kept.injector.pid("watchdog")
    os.kill(watchdog, signal.SIGSTOP)
    try:
        await kept.break_it(lease_s=60.0)
        await asyncio.sleep(0.5)
        assert (await kept.injector.client.renew("f1")).state is FaultState.ARMED
        await kept.injector.client.clear("f1", ClearedBy.RESTORE)
        kept.is_clean_again()
        kept.end_traffic()
    finally:
        os.kill(watchdog, signal.SIGCONT)
