"""One load over two workers, each a process of its own as on a host of its own; one is killed."""

import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from gameday.domain.lease import ClearedBy
from gameday.domain.progress import Phase
from gameday.domain.sample import Outcome
from gameday.domain.verdict import Verdict
from gameday.supervisor.child import Child
from gameday.supervisor.queues import QUEUE_DRILL
from tests.kill.rig import Rig, Run, descendants, soon

FOUR = "load.generators=4"


@pytest.fixture
async def second(rig: Rig, tmp_path: Path) -> AsyncIterator[Child]:
    """Another worker beside that of the stack."""
    argv = [
        sys.executable, "-m", "worker", "--role", "drill", "--with-parent",
        "--temporal", rig.state.temporal_address, "--state", str(rig.state_folder),
    ]  # fmt: skip
    child = Child("second-worker", argv, log=tmp_path / "second-worker.log")
    child.start()
    try:
        await soon(lambda: rig._polls(child.pid, QUEUE_DRILL), "the second worker is there")
        yield child
    finally:
        child.stop(grace_s=10.0)


def generators_of(worker: int, run: Run) -> list[int]:
    """The numbers of the generators that a worker has started, by their command lines."""
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in descendants(worker)]
    return sorted(
        number
        for number in range(4)
        if any(str(run.folder.path / f"load-{number}.json") in command for command in commands)
    )


async def test_two_workers_send_one_load_whose_samples_are_as_one(rig: Rig, second: Child):
    run = await rig.run(FOUR, "windows.faulted=4s")
    await run.reaches(Phase.FAULTED)
    shares = [generators_of(rig.pid("worker"), run), generators_of(second.pid, run)]
    assert sorted(shares) == [[0, 2], [1, 3]]
    result = await run.is_closed()
    assert result.verdict is Verdict.PASSED, result.reason
    samples = sorted(run.folder.read_samples(), key=lambda sample: sample.seq)
    assert all(sample.generator == sample.seq % 4 for sample in samples)
    # All of them, but for the last round, in which one may have been stopped before another.
    whole = samples[:-4]
    assert [sample.seq for sample in whole] == list(range(len(whole)))
    assert Outcome.UNSENT not in {sample.outcome for sample in whole}
    for one, next_one in pairwise(whole):
        gap_s = (next_one.intended_at - one.intended_at).total_seconds()
        assert gap_s == pytest.approx(0.1, abs=0.03)
    assert (result.load.generators, result.load.unaccounted) == (4, 0)
    assert result.load.scheduled == len(samples)


@pytest.mark.parametrize(
    "leads",
    [
        pytest.param(True, marks=pytest.mark.soak, id="the one that watches"),
        pytest.param(False, id="the other"),
    ],
)
async def test_a_worker_that_is_killed_takes_its_part_of_the_load_and_the_verdict(
    rig: Rig, second: Child, leads: bool
):
    run = await rig.run_holding(FOUR, "windows.faulted=30s")
    first, other = sorted([rig.pid("worker"), second.pid], key=lambda pid: f"{pid}@")
    lost, left = (first, other) if leads else (other, first)
    began = rig.kill(lost)
    # The other is only missed by its beats, which may be late while nothing else is wrong.
    await rig.whole_after(began, "a worker of a shared load killed", within_s=13.0)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason.startswith(
        "the faulted phase was lost" if leads else "a part of the load was lost: generator 1 and 3"
    )
    assert {fault.cleared_by for fault in result.faults} == {ClearedBy.RESTORE}
    await run.ends()
    assert generators_of(left, run) == [], "its part of the load lives on"
