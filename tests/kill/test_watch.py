"""A watch on the whole stack: healthy ticks, a killed worker, a model swapped, one alarm told."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import lab
from gameday.catalog.files import load_target
from gameday.domain.drill import FaultSpec
from gameday.domain.hook import Hook
from gameday.domain.lease import ClearedBy, Injection
from gameday.domain.standing import Standing
from gameday.domain.watch import Watch
from gameday.store.watches import Watches
from gameday.supervisor.schedules import apply_schedule, end_schedule
from lab.files import write_yaml
from lab.model_version import FLOATING, HERON_UPDATE
from tests.kill.rig import GAMEDAY, Rig, soon

CASES = 20
PER_CASE = 16
# Ticks so close together would else need evidence of millions to one.
WATCH = {
    "every": "3s", "rate": "20/s", "probes": 6, "part": 6, "margin": 0.2, "false_alarm_days": 1,
}  # fmt: skip
_SWAPS = count()
MANY_TICKS_S = 180.0  # of 3 s each, on a busy machine


def small_suite(folder: Path) -> None:
    """Every sixth case of the lab's: a recording of all would take minutes."""
    yaml = YAML()
    suite = yaml.load((Path(lab.__file__).parent / "suite.yaml").read_text())
    suite["cases"] = list(suite["cases"])[::6][:CASES]
    yaml.dump(suite, folder / "small.yaml")


async def gameday(*arguments: str, cwd: Path) -> tuple[int, str]:
    """A command away from the stack, whose lab would stand for any target file."""
    process = await asyncio.create_subprocess_exec(
        GAMEDAY,
        *arguments,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 200)
    assert process.returncode is not None
    return process.returncode, (out + err).decode()


class Watching:
    """The lab, watched on the schedule of its own stack."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self.rig, self.folder = rig, folder
        self.store = Watches(rig.state_folder)
        self.watch: Watch
        self.swapped = f"WTCH{next(_SWAPS)}"  # a run of its own: what was cleared stays cleared

    async def begin(self) -> None:
        small_suite(self.folder)
        target = load_target(self.rig.state.target_file)
        target = target.model_copy(update={"suite": "small.yaml"})
        write_yaml(self.folder / "gameday.yaml", target, "the lab, with a small suite")
        wanted = ("record", "--per-case", str(PER_CASE), "--rate", "15/s", "--state", "own")
        code, said = await gameday(*wanted, cwd=self.folder)
        assert code == 0, said
        recorded = self.folder / "own" / "references"
        shutil.copytree(recorded, self.rig.state_folder / "references", dirs_exist_ok=True)
        self.watch = Watch.model_validate(
            WATCH
            | {
                "target": target.target,
                "environment": "lab",
                "target_file": str(self.folder / "gameday.yaml"),
                "hook": self.hook(),
            }
        )
        self._forget()
        self.store.put(self.watch)
        await apply_schedule(self.rig.client, self.watch, self.store.ledger.place)

    def _forget(self) -> None:
        """What the same watch has seen in earlier tests: the stack, and its folder, are shared."""
        with self.store.ledger.transaction() as kept:
            for table, named in (("watches", "name"), ("ticks", "watch"), ("notices", "watch")):
                kept.execute(f"DELETE FROM {table} WHERE {named} = ?", (self.watch.name,))

    @property
    def fault(self) -> str:
        return f"{self.swapped}-0"

    def hook(self) -> Hook:
        """Who is told: a program that keeps it."""
        told = self.folder / "told.jsonl"
        page = self.folder / "page"
        page.write_text(f'#!/bin/sh\ncat >> "{told}"\necho >> "{told}"\n')
        page.chmod(0o755)
        return Hook(command=("./page",))

    def standing(self) -> Standing:
        return self.store.standing(self.watch.name)

    def told(self) -> list[dict[str, Any]]:
        file = self.folder / "told.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def kept(self) -> list[str]:
        """The ids of the ticks that were compared, as they are stored."""
        with sqlite3.connect(self.store.ledger.file) as connection:
            rows = connection.execute("SELECT tick FROM ticks WHERE reference != ''").fetchall()
        connection.close()
        return [row[0] for row in rows]

    async def ticks(self, more: int) -> None:
        wanted = self.standing().ticks + more

        async def ticked() -> bool:
            return self.standing().ticks >= wanted

        await soon(ticked, f"{wanted} ticks: {self.standing()}", within_s=MANY_TICKS_S)

    async def swap(self) -> None:
        """Let the provider serve another model under the same name."""
        target = load_target(self.watch.target_file)
        fault = FaultSpec.model_validate(
            {
                "kind": "model_swap",
                "on": "provider/primary",
                "scope": "all",
                "to_model": HERON_UPDATE.name,
                "reported": "same",
                "models": [FLOATING],
            }
        )
        injection = Injection(
            run_id=self.swapped,
            drill="watched",
            target=target.target,
            environment="lab",
            fault=fault,
            address=dict(target.providers["primary"].ports),
            lease_s=60,
            deadline_s=600,
            plan_digest="0" * 64,
            requested_by="tests",
        )
        await self.rig.injector.arm(self.fault, injection)

    async def swap_back(self) -> None:
        await self.rig.injector.clear(self.fault, ClearedBy.RESTORE)


@pytest.fixture
async def watching(rig: Rig, tmp_path: Path) -> AsyncIterator[Watching]:
    made = Watching(rig, tmp_path)
    await made.begin()
    yield made
    await end_schedule(rig.client, made.watch.name)


@pytest.mark.timeout(600)
async def test_a_killed_worker_loses_nothing_and_a_swapped_model_is_told_once(
    watching: Watching, rig: Rig
):
    await watching.ticks(3)
    rig.kill(rig.pid("worker"))

    async def replaced() -> bool:
        return bool(rig.stack.revive())

    await soon(replaced, "another worker is there")
    await rig.revive()
    await watching.ticks(3)
    assert watching.told() == []
    assert watching.standing().word.startswith("NO CHANGE SEEN")

    before = watching.standing().ticks
    await watching.swap()

    async def alarmed() -> bool:
        await rig.injector.renew(watching.fault)
        return watching.standing().changed is not None

    await soon(alarmed, f"an alarm: {watching.standing()}", within_s=MANY_TICKS_S)
    alarm = watching.standing().changed
    assert alarm is not None
    assert alarm.tick - before <= 12, "an alarm within few ticks"
    await watching.ticks(2)
    await watching.swap_back()

    (told,) = [one for one in watching.told() if one["kind"] == "changed"]
    assert told["summary"].startswith("CHANGED, ")
    assert "the answers are no longer those of before: evidence" in told["summary"]
    assert "Nothing that can be read differs from the ledger" in told["summary"]
    kept = watching.kept()
    assert len(kept) == len(set(kept)) == watching.standing().ticks
    code, out, _ = await rig.gameday("watch", "status", "--json")
    assert code == 0
    (status,) = json.loads(out)["watches"]
    assert status["word"].startswith("CHANGED, ")
    assert status["a_day"]["usd_measured"] > 0
    assert "next tick" in status["schedule"]
    assert (rig.state_folder / "watch" / "lab.lab.prom").stat().st_size
