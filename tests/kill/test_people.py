"""What people do to runs: abort, Ctrl-C, a killed terminal, two drills at once."""

import asyncio
import json
import os
import signal
from pathlib import Path

from gameday.domain.lease import ClearedBy
from gameday.domain.progress import Phase
from gameday.domain.verdict import Verdict
from tests.kill.rig import GAMEDAY, LEASE_S, PATIENCE_S, SHORT, Rig, alive, descendants, soon

ABORT_S = 1.0  # promised, from the command's start to the fault's end


async def test_an_abort_puts_back_at_once(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    began = asyncio.get_running_loop().time()
    aborting = asyncio.create_task(rig.gameday("abort", run.id, "--as", "dana"))
    await rig.whole_after(began, "gameday abort, with its start", within_s=ABORT_S)
    code, out, err = await aborting
    assert code == 0, err
    assert f"run {run.id} is stopped" in out
    result = await run.is_closed()
    assert result.verdict is Verdict.ABORTED
    assert result.exit_code == 4
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.STOP]


async def start_run(rig: Rig, *options: str) -> asyncio.subprocess.Process:
    """`gameday run` in a process group of its own, as a terminal has it."""
    return await asyncio.create_subprocess_exec(
        *rig.command("run", SHORT, "--lab", "--json", "--runs", str(rig.runs), *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def is_broken(rig: Rig) -> None:
    async def broken() -> bool:
        return bool(rig.marks())

    await soon(broken, "the fault is in force")


async def test_ctrl_c_aborts_and_puts_back(rig: Rig):
    process = await start_run(rig, "--set", "windows.faulted=30s")
    await is_broken(rig)
    began = asyncio.get_running_loop().time()
    os.killpg(process.pid, signal.SIGINT)
    await rig.whole_after(began, "Ctrl-C", within_s=ABORT_S)
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 4, err.decode()
    document = json.loads(out)
    assert document["verdict"] == "aborted"
    assert [fault["cleared_by"] for fault in document["faults"]] == ["restore"]
    assert "stopping" in err.decode()


async def test_a_second_ctrl_c_leaves_at_once_and_says_what_may_be_left(rig: Rig):
    """With both workers frozen nobody can answer the first."""
    process = await start_run(rig, "--set", "windows.faulted=30s")
    await is_broken(rig)
    rig.freeze(rig.pid("worker"), rig.pid("hold-worker"))
    os.killpg(process.pid, signal.SIGINT)
    await asyncio.sleep(0.3)
    began = asyncio.get_running_loop().time()
    os.killpg(process.pid, signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    took_s = asyncio.get_running_loop().time() - began
    assert process.returncode == 5, err.decode()
    assert "left for now: connection_refused on provider/primary" in err.decode()
    assert "gameday sweep" in err.decode()
    assert took_s < 5
    await rig.whole_after(began, "after a second Ctrl-C", within_s=LEASE_S + 1)


async def test_a_killed_gameday_run_leaves_no_process(tmp_path: Path):
    """With a stack of its own, of which it is the only supervisor."""
    process = await asyncio.create_subprocess_exec(
        GAMEDAY, "run", SHORT, "--lab", "--set", "windows.faulted=30s",
        "--state", str(tmp_path / "state"), "--runs", str(tmp_path / "runs"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip

    async def is_faulted() -> bool:
        journals = list((tmp_path / "state" / "injector").glob("undo.jsonl"))
        return bool(journals) and '"armed"' in journals[0].read_text()

    await soon(is_faulted, "the fault is armed")
    children = descendants(process.pid)
    assert len(children) > 8
    process.kill()
    await process.wait()

    async def gone() -> bool:
        return not any(alive(pid) for pid in children)

    await soon(gone, "every child of the killed command has ended", within_s=25)


async def test_two_drills_on_one_provider_do_not_meet(rig: Rig):
    first = await rig.run_holding("windows.faulted=30s")
    code, out, err = await rig.gameday("run", SHORT, "--lab", "--json")
    assert code == 6, err
    second = json.loads(out)
    assert second["verdict"] == "refused"
    assert f"toxiproxy/primary is held by run {first.id}" in second["reason"]
    assert rig.marks(), "the second took the first one's fault away"
    assert await first.phase() is Phase.FAULTED
    await first.handle.signal("abort", "tests")
    result = await first.is_closed()
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.RESTORE]
    assert not rig.marks(), "the provider is not as it was before either"
