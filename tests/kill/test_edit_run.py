"""Workers and Temporal killed in the middle of a drill that edits the corpus and puts it back.

Looked at in the lab's own repository: what its branch has, what is checked out, and which index the
assistant says it serves.
"""

import subprocess
import time
from pathlib import Path
from typing import Any

from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.progress import Phase
from gameday.domain.verdict import Verdict
from tests.kill.rig import LEASE_S, LOADED_S, STANDBY_S, Rig, Run, measured, soon

EDIT = str(Path(__file__).parent / "short-edit.yaml")
FAULTED = ("windows.faulted=30s",)


def git(rig: Rig, *words: str) -> str:
    content = Path(rig.state.target_file).parent / "content"
    argv = ["git", "-C", str(content), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def kept(rig: Rig) -> Any:
    """The corpus on the branch and in the work tree, and what the assistant answers from."""
    front_door = Path(rig.state.target_file).read_text().split("front_door: ")[1].split()[0]
    served = rig.http.get(f"{front_door.removesuffix('/v1')}/admin/index").raise_for_status().json()
    return git(rig, "rev-parse", "main:corpus"), git(rig, "status", "--porcelain"), served["index"]


async def as_before_after(rig: Rig, before: Any, began: float, what: str, within_s: float) -> None:
    async def as_before() -> bool:
        return bool(kept(rig) == before)

    left_s = began + within_s + LOADED_S - time.monotonic()
    await soon(as_before, f"{what}: the corpus is as before", within_s=left_s)
    measured(f"{what}: the corpus (promised {within_s:g} s)", time.monotonic() - began)


async def held(rig: Rig, *overrides: str, phase: Phase) -> Run:
    """A run in that phase, whose fault has been renewed there."""
    run = await rig.run(*overrides, drill=EDIT)
    await run.reaches(phase)
    await run.holds()
    return run


async def edit_of(rig: Rig, run: Run) -> FaultRecord:
    """The fault's record, whichever of fault and step was recorded first."""
    return next(one for one in await rig.injector.faults(run.id) if not one.step)


async def let_go(rig: Rig, run: Run, within_s: float) -> FaultRecord:
    """The fault's record once somebody is on record for its end."""

    async def recorded() -> bool:
        return (await edit_of(rig, run)).cleared_by is not None

    await soon(recorded, "the injector has recorded who cleared the edit", within_s=within_s)
    return await edit_of(rig, run)


async def test_without_workers_and_temporal_the_lease_ends_the_edit(rig: Rig):
    before = kept(rig)
    run = await held(rig, *FAULTED, phase=Phase.FAULTED)
    assert kept(rig) != before
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"), rig.pid("temporal"))
    what = "both workers and Temporal killed during an edit"
    await as_before_after(rig, before, began, what, LEASE_S + 1)
    assert (await let_go(rig, run, 5)).cleared_by is ClearedBy.LEASE
    document = await rig.report(run)
    assert document["verdict"] == "inconclusive"
    assert document["components"][0]["sentence"].startswith("exactly as before")


async def test_without_workers_and_temporal_after_the_rollback_all_stays_as_before(rig: Rig):
    before = kept(rig)
    run = await held(rig, phase=Phase.RESPONDED)
    assert kept(rig) == before
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"), rig.pid("temporal"))
    what = "both workers and Temporal killed after a rollback"
    fault = await let_go(rig, run, LEASE_S + 1 + LOADED_S)
    await as_before_after(rig, before, began, what, LEASE_S + 1)
    assert fault.cleared_by is ClearedBy.RESPONSE
    document = await rig.report(run)
    assert document["components"][0]["sentence"].startswith("exactly as before")


async def test_a_worker_killed_during_an_edit_is_stood_in_for(rig: Rig):
    before = kept(rig)
    run = await held(rig, *FAULTED, phase=Phase.FAULTED)
    began = rig.kill(rig.pid("worker"))
    await as_before_after(rig, before, began, "worker killed during an edit", STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert {one.cleared_by for one in result.faults} == {ClearedBy.RESTORE}


async def test_an_injector_killed_after_the_rollback_finds_all_as_before(rig: Rig):
    before = kept(rig)
    run = await held(rig, phase=Phase.RESPONDED)
    rig.kill(rig.injector_pid("control"))
    result = await run.is_closed()
    assert kept(rig) == before
    assert {one.cleared_by for one in result.faults} == {ClearedBy.RESPONSE}
    assert {one.cleared_by for one in result.response.steps} == {ClearedBy.RECOVERY}


async def test_somebody_elses_edit_stays_and_the_run_is_dirty(rig: Rig):
    page = "refunds.md"
    run = await held(rig, *FAULTED, phase=Phase.FAULTED)
    content = Path(rig.state.target_file).parent / "content"
    edited = git(rig, "rev-parse", "main")
    (content / "corpus" / page).write_text("# Refunds\n\nTheirs.\n")
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example")
    git(rig, *identity, "commit", "--quiet", "-am", "Theirs")
    theirs = git(rig, "rev-parse", "main:corpus")
    rig.kill(rig.pid("worker"), rig.pid("hold-worker"), rig.pid("temporal"))

    async def tried() -> bool:
        return "To have both" in (await edit_of(rig, run)).cleared_because

    await soon(tried, "the injector has tried to take the edit back")
    assert git(rig, "rev-parse", "main:corpus") == theirs
    document = await rig.report(run)
    assert document["verdict"] == "dirty"
    # What the sentence says: theirs aside, the old one back, and then the injector lets go.
    git(rig, "checkout", "--quiet", f"{edited.strip()}~1", "--", f"corpus/{page}")
    git(rig, *identity, "commit", "--quiet", "-m", "As before")
    assert (await let_go(rig, run, 10)).state is FaultState.CLEARED
