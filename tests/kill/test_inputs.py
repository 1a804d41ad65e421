"""A shift of what is asked ends whoever dies: a real injector, and a real load that it shifts."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from activities.shifts import keep_shifted
from gameday.domain.drill import FaultSpec
from gameday.domain.lease import ClearedBy
from gameday.domain.shift import INPUTS, Shift
from gameday.probes.load import Load
from gameday.probes.load_spec import LoadSpec
from gameday.probes.secrets import Secrets
from gameday.store.run_folder import RunFolder
from tests.gameday.injector.rig import InjectorProcess, cleared, injection, toxiproxy, until
from tests.gameday.probes import test_generator

__all__ = ["toxiproxy"]

spec = test_generator.spec  # of a front door, and a suite of one question of each of two groups
POLICY = """\
policy: tests
allow:
  - {target: lab, environment: local, on: inputs/*, kinds: [input_shift], scopes: [all]}
"""
SHIFT = Shift(groups={"money": 1})
IN_A_ROW = 12  # of one question, which rounds over the two never ask more than twice in a row


@pytest.fixture
def injector(tmp_path: Path, toxiproxy) -> Iterator[InjectorProcess]:
    made = InjectorProcess(tmp_path, toxiproxy.url, POLICY)
    made.start()
    yield made
    if not made.answers():
        made.start()  # one that died whole restores only then, and can be ended
    made.end()


@pytest.fixture
async def load(spec: LoadSpec, injector: InjectorProcess) -> AsyncIterator[RunFolder]:
    """A load that is shifted while the injector says so."""
    running = await Load.start(spec, Secrets(key="s3cret"))
    keeping = asyncio.create_task(keep_shifted(running, SHIFT, injector.client, "RUN1"))

    async def beat() -> None:
        while True:
            running.beat()
            await asyncio.sleep(0.2)

    beating = asyncio.create_task(beat())
    yield RunFolder(spec.run_folder)
    for task in (keeping, beating):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await running.stop()


async def asked(load: RunFolder, *, shifted: bool) -> None:
    """Wait until the last questions are all of the shift's group, or of both again."""
    wanted = {"wrong"} if shifted else {"right", "wrong"}
    for _ in range(400):
        samples = sorted(load.read_samples(), key=lambda one: one.seq)
        last = {one.case for one in samples[-IN_A_ROW:]}
        if len(samples) >= IN_A_ROW and last == wanted:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"the load is never {'shifted' if shifted else 'as usual'}")


def shift(lease_s: float):
    fault = FaultSpec(
        kind="input_shift", on=INPUTS, settings=SHIFT.model_dump(exclude_defaults=True)
    )
    return injection(fault=fault, address={}, lease_s=lease_s)


async def test_it_ends_with_a_lease_that_nobody_renews(load, injector):
    await asked(load, shifted=False)
    await injector.client.arm("f1", shift(lease_s=6.0))
    await asked(load, shifted=True)
    await asked(load, shifted=False)
    assert (await cleared(injector.client, "f1")).cleared_by is ClearedBy.LEASE


async def test_it_ends_when_the_whole_injector_is_gone(load, injector):
    """Nobody tells the load anything any more: it goes by the lease that it was told of."""
    await injector.client.arm("f1", shift(lease_s=6.0))
    await asked(load, shifted=True)
    for role in ("watchdog", "control"):
        os.kill(injector.pid(role), signal.SIGKILL)
    assert not injector.answers()
    await asked(load, shifted=False)
    assert not injector.answers(), "somebody has revived it, and this shows nothing"


async def test_it_ends_when_the_control_process_dies_long_before_its_lease(load, injector):
    await injector.client.arm("f1", shift(lease_s=55.0))
    await asked(load, shifted=True)
    first = injector.pid("control")
    os.kill(first, signal.SIGKILL)
    until(lambda: injector.pid("control") not in (None, first), "it is back")
    assert (await cleared(injector.client, "f1")).cleared_by is ClearedBy.RECOVERY
    await asked(load, shifted=False)
