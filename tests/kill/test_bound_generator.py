"""A load generator that stands still in a whole run: its own figures decide nothing."""

import asyncio
import json
from pathlib import Path

from gameday.domain.progress import Phase
from gameday.domain.verdict import Verdict
from gameday.reporting.validity import tightest_ms
from tests.kill.rig import Rig, Run, descendants

STILL_S = 2.5  # of the faulted window's 13 s, with time left to send what it then owes
ON_FAULTED = [
    {"kind": "fallback", "to": "secondary", "within": "2s"},
    {"kind": "slo", "name": "availability"},
    {"kind": "slo", "name": "latency_p95"},
    {"kind": "deadline", "at_most": "2s", "share": 0.9},
    {"kind": "complete_answers", "sentinel": "[.!?]"},
]
ON_RECOVERED = {"kind": "recovered_within", "objective": "20s"}  # when it kept up again
RECOVERED = "windows.recovered={until: all_good, at_most: 25s}"


def generator_of(rig: Rig, run: Run) -> int:
    spec = str(run.folder.path / "load-0.json")
    [pid] = [
        pid
        for pid in descendants(rig.pid("worker"))
        if spec in Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    ]
    return pid


async def test_every_check_on_samples_of_a_generator_that_stood_still_is_unknown(rig: Rig):
    """One that looks into a window in which all was well is judged as ever."""
    checks = json.dumps([*ON_FAULTED, ON_RECOVERED])
    windows = ("windows.baseline=6s", "windows.faulted=13s", RECOVERED)
    run = await rig.run(f"checks={checks}", "load.rate=20/s", *windows)
    await run.reaches(Phase.FAULTED)
    await asyncio.sleep(1.0)
    rig.freeze(generator_of(rig, run))
    await asyncio.sleep(STILL_S)
    rig.thaw()
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    validity = result.windows["faulted"].validity
    assert validity.generator_bound
    assert validity.send_lag_ms_p99 > 1_000
    said = "the faulted window tells nothing: the load generator was late: p99 of its send lag is "
    assert result.reason.startswith(said)
    tightest = tightest_ms(run.request.target)
    *on_faulted, on_recovered = result.checks
    assert on_recovered.held == "yes", on_recovered
    for check in on_faulted:
        assert check.held == "unknown", check
        assert check.reason.startswith(said), check
        assert f"over 5% of the tightest latency objective ({tightest:,.0f} ms)" in check.reason
        assert "use a lower rate, more generators (load.generators)" in check.reason
    assert not result.windows["baseline"].validity.generator_bound
    # What was broken was put back, and the requests that it owed were sent, and are accounted for.
    assert {fault.cleared_by for fault in result.faults} == {"restore"}
    assert (result.load.unsent, result.load.unaccounted) == (0, 0)
    assert result.load.late >= 0.9 * STILL_S * 20
