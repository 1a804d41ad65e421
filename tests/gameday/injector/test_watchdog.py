"""Kill tests on real processes: whichever dies, the fault goes and the other comes back."""

import asyncio
import os
import signal
import time

import pytest

from gameday.domain.errors import InjectorRefusedError
from gameday.domain.lease import ClearedBy, FaultState
from tests.gameday.injector.rig import InjectorProcess, Proxied, cleared, injection, until

RECOVERY_WITHIN_S = 3.0
SLACK = float(os.environ.get("GAMEDAY_TEST_SLACK", "3"))  # several suites may share the machine


@pytest.mark.parametrize("kind", ["connection_refused", "blackhole"])
async def test_control_killed_in_mid_fault_recovers(
    injector: InjectorProcess, primary: Proxied, kind: str
):
    armed = await injector.client.arm("f1", injection(kind))
    assert armed.state is FaultState.ARMED
    assert not primary.is_clean()
    killed = injector.pid("control")
    began = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    until(primary.is_clean, "the proxy is as it was")
    assert time.monotonic() - began < RECOVERY_WITHIN_S * SLACK
    record = await cleared(injector.client, "f1")
    assert record.cleared_by is ClearedBy.RECOVERY
    assert record.armed_at == armed.armed_at
    until(lambda: injector.pid("control") not in (None, killed), "a new control process")


async def test_watchdog_killed_is_revived_and_revives(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection())
    first_watchdog, first_control = injector.pid("watchdog"), injector.pid("control")
    os.kill(first_watchdog, signal.SIGKILL)
    until(lambda: injector.pid("watchdog") not in (None, first_watchdog), "a new watchdog")
    assert injector.pid("control") == first_control
    assert (await injector.client.get("f1")).state is FaultState.ARMED  # nothing was disturbed
    os.kill(first_control, signal.SIGKILL)
    record = await cleared(injector.client, "f1")
    assert record.cleared_by is ClearedBy.RECOVERY
    assert primary.is_clean()


async def test_both_killed_then_started_again_recovers(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection())
    for role in ("watchdog", "control"):
        os.kill(injector.pid(role), signal.SIGKILL)
    until(injector.is_gone, "both are dead")
    assert not primary.is_clean()  # nobody is there to do it: this is what the next start is for
    injector.start()
    assert primary.is_clean()  # before it serves
    record = await injector.client.get("f1")
    assert record.cleared_by is ClearedBy.RECOVERY
    assert (await injector.client.arm("f2", injection())).state is FaultState.ARMED


@pytest.mark.parametrize("after_ms", [0, 3, 10])
async def test_control_killed_in_mid_inject_leaves_nothing(
    injector: InjectorProcess, primary: Proxied, after_ms: int
):
    arming = asyncio.create_task(injector.client.arm("f1", injection("blackhole")))
    await asyncio.sleep(after_ms / 1000)
    killed = injector.pid("control")
    os.kill(killed, signal.SIGKILL)
    await asyncio.gather(arming, return_exceptions=True)
    until(lambda: injector.pid("control") not in (None, killed), "a new control process")
    assert primary.is_clean()
    gone = await injector.client.clear("f1", ClearedBy.RESTORE)  # as its workflow would
    assert gone.cleared_by in {None, ClearedBy.RECOVERY}
    with pytest.raises(InjectorRefusedError, match="late inject"):
        await injector.client.arm("f1", injection("blackhole"))
    assert (await injector.client.arm("f2", injection("blackhole"))).state is FaultState.ARMED


async def test_many_kills_in_a_row_leave_nothing(injector: InjectorProcess, primary: Proxied):
    for number in range(3):
        await injector.client.arm(f"f{number}", injection("connection_reset"))
        for role in ("control", "watchdog"):
            killed = injector.pid(role)
            os.kill(killed, signal.SIGKILL)
            until(lambda r=role, k=killed: injector.pid(r) not in (None, k), f"a new {role}")
        record = await cleared(injector.client, f"f{number}")
        assert record.cleared_by is ClearedBy.RECOVERY
        assert primary.is_clean()


async def test_a_control_process_that_hangs_is_killed_and_recovers(
    injector: InjectorProcess, primary: Proxied
):
    await injector.client.arm("f1", injection())
    hung = injector.pid("control")
    os.kill(hung, signal.SIGSTOP)
    until(primary.is_clean, "the watchdog saw that it does not turn", within_s=60)
    assert (await cleared(injector.client, "f1")).cleared_by is ClearedBy.RECOVERY
    assert injector.pid("control") != hung
