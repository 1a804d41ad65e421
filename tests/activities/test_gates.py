"""The counting at the gates beside a window: deltas, failures, and the shift of others' calls."""

import asyncio

import pytest

from activities.gates import Gates, watched_gates
from activities.messages import GateWatch
from gameday.domain.abort import AbortCondition
from gameday.domain.gate import Traffic
from tests.activities.gate_stand_in import GateStandIn, unmarked, unreachable

BY = {"primary": "l1", "secondary": "l2"}
BEFORE = {"primary": unmarked(100), "secondary": unmarked(0)}


def watch(**changes):
    return GateWatch(injector="http://x", gates=BY, **changes)


async def counted(gates, stand_in, *readings):
    for reading in readings:
        stand_in.traffic = reading
        await gates.count(stand_in, "RUN1", BY)


async def test_traffic_is_of_the_window_alone_and_by_provider():
    gates = Gates(watch())
    await counted(
        gates, GateStandIn(),
        {"l1": unmarked(50), "other": unmarked(9)}, {"l1": unmarked(80), "l2": unmarked(4)},
    )  # fmt: skip
    assert gates.traffic == {"primary": unmarked(30), "secondary": unmarked(4)}
    assert gates.tripped() is None
    assert gates.notes() == ()


async def test_others_that_are_moved_are_told_for_a_marked_fault_alone():
    for marked_at, before, said in (
        (("primary",), BEFORE, True),
        ((), BEFORE, False),
        (("primary",), None, False),
    ):
        gates = Gates(watch(marked_at=marked_at, before=before))
        await counted(gates, GateStandIn(), {}, {"l1": unmarked(5), "l2": unmarked(95)})
        assert bool(gates.tripped()) is said
    assert "primary's share fell from 100 % of 100 calls to 5 % of 100" in (
        await _shift(watch(marked_at=("primary",), before=BEFORE))
    )


async def _shift(wanted):
    gates = Gates(wanted)
    await counted(gates, GateStandIn(), {}, {"l1": unmarked(5), "l2": unmarked(95)})
    return gates.tripped().sentence


async def test_what_could_not_be_read_or_compared_is_noted_and_nothing_is_raised():
    gates = Gates(watch(marked_at=("primary",), before=BEFORE))
    stand_in = GateStandIn(failures=[unreachable(), None, unreachable()])
    await counted(gates, stand_in, {}, {"l1": unmarked(1)}, {"l1": unmarked(9)})
    not_read, not_compared = gates.notes()
    assert not_read == "the gates were not read 2 times: the injector did not answer"
    assert "100 calls in the baseline and 0 in the faulted window" in not_compared


async def test_it_counts_beside_and_ends_with_the_window():
    stand_in = GateStandIn({"l1": unmarked(1)})
    async with watched_gates(lambda _: stand_in, "RUN1", watch()) as gates:
        for _ in range(200):
            if gates.traffic:
                break
            await asyncio.sleep(0.01)
        assert gates.traffic == {"primary": Traffic(), "secondary": Traffic()}
    asked = len(stand_in.asked)
    await asyncio.sleep(1.2)
    assert len(stand_in.asked) == asked


async def test_without_gates_nobody_is_asked():
    async with watched_gates(lambda _: 1 / 0, "RUN1", None) as gates:
        assert gates.traffic == {}
        assert gates.tripped() is None
        assert gates.notes() == ()


@pytest.mark.parametrize(("above", "said"), [(0.94, True), (0.96, False)])
async def test_a_drill_may_state_its_own_bound_for_others(above, said):
    stated = AbortCondition(metric="unmarked_shift", above=above)
    gates = Gates(watch(marked_at=("primary",), before=BEFORE, shift=stated))
    await counted(gates, GateStandIn(), {}, {"l1": unmarked(5), "l2": unmarked(95)})
    tripped = gates.tripped()
    assert bool(tripped) is said
    assert not said or tripped.guard == "unmarked_shift above 0.94"
