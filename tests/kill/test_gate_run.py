"""The gate killed with -9 in the middle of a run: it comes back empty, and the report says so."""

from itertools import pairwise
from pathlib import Path

from gameday.domain.lease import ClearedBy
from gameday.domain.progress import Phase
from gameday.domain.sample import Sample
from gameday.domain.verdict import Held, Verdict
from gameday.supervisor.locks import holder
from tests.kill.rig import LOADED_S, Rig, measured, soon

QUOTA = str(Path(__file__).parent / "short-quota.yaml")
BACK_S = 1.0  # promised


async def test_a_gate_killed_in_the_fault_comes_back_and_the_report_says_so(rig: Rig):
    run = await rig.run(drill=QUOTA)
    await run.reaches(Phase.FAULTED)
    await run.holds()
    gate_file = Path(rig.state.gate_file)
    lock = gate_file.with_name(f"{gate_file.name}.lock")
    killed = holder(lock)
    assert killed is not None

    rig.kill(killed)
    result = await run.is_closed()
    await run.ends()

    assert holder(lock) not in (None, killed)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "started again" in result.reason
    assert "took the rule with it" in result.reason
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.VANISHED]
    samples = run.folder.read_samples()
    assert samples[-1].good, "users are served as if nothing had been"
    unserved_s = _longest_gap_s(samples)
    measured(f"gate killed in faulted: users not served (promised {BACK_S:g} s)", unserved_s)
    assert unserved_s < BACK_S + LOADED_S


async def test_a_run_after_a_killed_gate_is_like_any_other(rig: Rig):
    lock = Path(f"{rig.state.gate_file}.lock")
    killed = holder(lock)
    assert killed is not None
    rig.kill(killed)

    async def another() -> bool:
        return holder(lock) not in (None, killed)

    await soon(another, "the watchdog has started the gate again")
    run = await rig.run("windows.faulted=5s", drill=QUOTA)
    result = await run.is_closed()
    await run.ends()
    # Not the verdict: while other suites share the machine the generator itself may be late.
    assert [check.held for check in result.checks] == [Held.YES], result.reason
    assert [fault.evidence.felt for fault in result.faults] == [True]


def _longest_gap_s(samples: list[Sample]) -> float:
    """The longest time in which no answer was good. The lab has a second provider behind it too."""
    ended = sorted(sample.finished_at for sample in samples if sample.good)
    return max((b - a).total_seconds() for a, b in pairwise(ended))
