"""The fault `input_shift`: held through an injector, and felt by what was asked."""

import os
import random
import signal
from pathlib import Path

import pytest

from gameday.domain.drill import FaultSpec
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.shift import INPUTS
from gameday.faults.input_shift import InputShift
from gameday.probes.mix import mixed
from gameday.probes.schedule import shuffled_rounds
from tests.gameday.faults.judged import record, sample, window
from tests.gameday.injector.rig import InjectorProcess, cleared, injection, toxiproxy, until
from tests.gameday.probes.test_mix import SUITE

__all__ = ["toxiproxy"]

POLICY = """\
policy: tests
allow:
  - {target: lab, environment: local, on: inputs/*, kinds: [input_shift], scopes: [all]}
"""
SETTINGS = {"groups": {"long": 0.8, "tool": 0.2}}
SHIFT = InputShift.model_validate(SETTINGS)


def of(run_id="RUN1", lease_s=15.0):
    spec = FaultSpec(kind="input_shift", on=INPUTS, settings=SETTINGS)
    return injection(run_id=run_id, fault=spec, address={}, lease_s=lease_s)


@pytest.fixture
def process(tmp_path: Path, toxiproxy):
    made = InjectorProcess(tmp_path, toxiproxy.url, POLICY)
    made.start()
    yield made
    made.end()


async def test_it_is_held_renewed_and_put_back_like_any_other(process):
    armed = await process.client.arm("f1", of())
    assert (armed.state, armed.claim) == (FaultState.ARMED, "inputs/RUN1")
    assert (await process.client.renew("f1")).state is FaultState.ARMED
    gone = await process.client.clear("f1", ClearedBy.RESTORE)
    assert (gone.state, gone.cleared_by) == (FaultState.CLEARED, ClearedBy.RESTORE)
    with pytest.raises(InjectorRefusedError, match="cleared already"):
        await process.client.arm("f1", of())


async def test_each_run_has_a_load_of_its_own_and_no_more_than_one_shift_of_it(process):
    await process.client.arm("f1", of("RUN1"))
    await process.client.arm("f2", of("RUN2"))
    with pytest.raises(InjectorRefusedError, match="inputs/RUN1 is held by run RUN1"):
        await process.client.arm("f3", of("RUN1"))
    assert [one.id for one in await process.client.faults("RUN2")] == ["f2"]


async def test_it_ends_with_its_lease(process):
    await process.client.arm("f1", of(lease_s=0.5))
    assert (await cleared(process.client, "f1")).cleared_by is ClearedBy.LEASE


async def test_a_killed_injector_holds_nothing_and_says_so(process):
    await process.client.arm("f1", of())
    first = process.pid("control")
    os.kill(first, signal.SIGKILL)
    until(lambda: process.pid("control") not in (None, first) and process.answers(), "it is back")
    gone = await cleared(process.client, "f1")
    assert gone.cleared_by is ClearedBy.RECOVERY


def asked(questions, count):
    return window([sample().changed(case=next(questions).case) for _ in range(count)])


BASELINE = asked(shuffled_rounds(SUITE, 1), 300)


def felt(faulted):
    return SHIFT.felt(record(), "load", BASELINE, faulted)


def test_it_is_felt_by_what_is_asked_more_often():
    found = felt(asked(mixed(SUITE, SHIFT, 1), 300))
    assert 110 < found.count < 150  # 240 for ten questions that would have had 100
    assert found.sentence == (
        f"of 300 requests of the load {found.count} were for questions that came more often than "
        "before; 10 of 30 questions were asked no more"
    )


@pytest.mark.parametrize("count", [7, 45, 300, 301])
def test_the_usual_rounds_are_no_shift(count):
    for seed in range(20):
        assert not felt(asked(shuffled_rounds(SUITE, seed), count)).felt


def test_a_load_that_hardly_heard_of_it_did_not_feel_it():
    """One in twenty of another mix is what a late word to the load leaves."""
    usual, other, draw = shuffled_rounds(SUITE, 2), mixed(SUITE, SHIFT, 2), random.Random(1)
    cases = [next(other if draw.random() < 0.05 else usual).case for _ in range(300)]
    assert not felt(window([sample().changed(case=case) for case in cases])).felt
