"""Kill tests on real processes: whichever dies, the fault goes and the other comes back."""

import os
import signal
import time

import pytest

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
