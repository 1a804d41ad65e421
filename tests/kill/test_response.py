"""Killed between a pin and its restore: the swap and the pin are both gone within their leases.

What somebody else has set meanwhile stays as they set it, and the run says so.
"""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path

from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.progress import Phase
from gameday.domain.verdict import Verdict
from gameday.injector.gate import Gates
from tests.kill.rig import LEASE_S, LOADED_S, STANDBY_S, Rig, Run, measured, soon

UPDATE = str(Path(__file__).parent / "short-update.yaml")
BEFORE, PINNED, THEIRS = "heron-4", "heron-4-2026-08", "heron-4-2026-09"


def alias_url(rig: Rig) -> str:
    front_door = (Path(rig.state.target_file)).read_text().split("front_door: ")[1].split()[0]
    return f"{front_door.removesuffix('/v1')}/admin/aliases/answers"


def model(rig: Rig) -> str:
    """What the assistant itself says stands behind its alias."""
    return str(rig.http.get(alias_url(rig)).raise_for_status().json()["model"])


def set_model(rig: Rig, name: str) -> None:
    rig.http.put(alias_url(rig), json={"model": name}).raise_for_status()


async def rules(rig: Rig) -> tuple[str, ...]:
    """What the gate itself says is in force there."""
    return await Gates((Path(rig.state.gate_file),)).survey()


async def pinned(rig: Rig) -> Run:
    """A run whose pin is in force beside its swap, both of them held."""
    run = await rig.run(drill=UPDATE)
    await run.reaches(Phase.RESPONDED)

    async def both_are_renewed() -> bool:
        held = await rig.injector.faults(run.id)
        left = [one.deadline_in_s or 0.0 for one in held]
        return len(held) == 2 and max(left) < run.request.plan.fault_seconds_max - 1.2

    await soon(both_are_renewed, f"run {run.id} holds swap and pin")
    assert model(rig) == PINNED
    assert await rules(rig)
    return run


async def both_gone_after(rig: Rig, began: float, what: str, *, within_s: float) -> None:
    async def gone() -> bool:
        return model(rig) == BEFORE and not await rules(rig)

    left_s = began + within_s + LOADED_S - time.monotonic()
    await soon(gone, f"{what}: swap and pin are gone", within_s=left_s)
    measured(f"{what}: swap and pin (promised {within_s:g} s)", time.monotonic() - began)


async def records(rig: Rig, run: Run) -> dict[bool, FaultRecord]:
    """Of the fault (False) and the step (True), once somebody is on record for each."""

    async def recorded() -> bool:
        return all(one.cleared_by for one in await rig.injector.faults(run.id))

    await soon(recorded, "the injector has recorded who cleared them", within_s=5)
    return {one.step: one for one in await rig.injector.faults(run.id)}


def by(found: Iterable[FaultRecord]) -> set[ClearedBy | None]:
    return {one.cleared_by for one in found}


async def test_without_a_worker_the_leases_end_swap_and_pin(rig: Rig):
    run = await pinned(rig)
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"))
    await both_gone_after(rig, began, "both workers killed after a pin", within_s=LEASE_S + 1)
    assert by((await records(rig, run)).values()) == {ClearedBy.LEASE}


async def test_without_workers_and_temporal_the_leases_end_swap_and_pin(rig: Rig):
    run = await pinned(rig)
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"), rig.pid("temporal"))
    what = "both workers and Temporal killed after a pin"
    await both_gone_after(rig, began, what, within_s=LEASE_S + 1)
    found = await records(rig, run)
    assert by(found.values()) == {ClearedBy.LEASE}
    assert found[False].cleared_at <= found[True].cleared_at, "the pin went before the swap"
    document = await rig.report(run)
    assert document["verdict"] == "inconclusive"
    assert [one["cleared_by"] for one in document["faults"]] == ["lease"]
    assert [one["cleared_by"] for one in document["response"]["steps"]] == ["lease"]


async def test_somebody_elses_edit_stays_when_workers_and_temporal_are_killed(rig: Rig):
    run = await pinned(rig)
    set_model(rig, THEIRS)
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"), rig.pid("temporal"))

    async def tried() -> bool:
        held = await rig.injector.faults(run.id)
        return any(one.step and one.state is FaultState.STUCK for one in held)

    left_s = began + LEASE_S + 1 + LOADED_S - time.monotonic()
    await soon(tried, "the injector has tried to undo the pin", within_s=left_s)
    await asyncio.sleep(1.5)  # and tries again
    assert model(rig) == THEIRS
    assert not await rules(rig), "the swap must not wait for people to agree"
    document = await rig.report(run)
    assert document["verdict"] == "dirty"
    set_model(rig, BEFORE)  # they put it back, and the injector has nothing left to do
    found = await records(rig, run)
    assert found[True].state is FaultState.CLEARED


async def test_a_worker_killed_after_a_pin_is_stood_in_for(rig: Rig):
    run = await pinned(rig)
    began = rig.kill(rig.pid("worker"))
    await both_gone_after(rig, began, "worker killed after a pin", within_s=STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert {one.cleared_by for one in result.response.steps} == {ClearedBy.RESTORE}


async def test_an_injector_killed_after_a_pin_puts_both_back_before_it_serves(rig: Rig):
    run = await pinned(rig)
    began = rig.kill(rig.injector_pid("control"))
    await both_gone_after(rig, began, "injector killed after a pin", within_s=STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert {one.cleared_by for one in result.response.steps} == {ClearedBy.RECOVERY}


async def test_an_abort_after_a_pin_puts_both_back(rig: Rig):
    run = await pinned(rig)
    began = time.monotonic()
    code, _, err = await rig.gameday("abort", run.id, "--as", "dana")
    assert code == 0, err
    await both_gone_after(rig, began, "gameday abort after a pin", within_s=STANDBY_S)
    assert (await run.is_closed()).verdict is Verdict.ABORTED
