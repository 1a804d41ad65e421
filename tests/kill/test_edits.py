"""The injector killed at each moment of an edit that it holds, on real stores.

Repositories, tables of LanceDB and a real PostgreSQL, each the component `corpus` of a target file
that a real injector was started with. Wherever it is cut, the injector that comes back leaves
everything exactly as it was; and what somebody else has written meanwhile stays.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gameday.domain.drill import FaultSpec, StepSpec
from gameday.domain.errors import InjectorError
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState, Injection
from tests.contract.rigs.files import FilesRig, GitFilesRig
from tests.contract.rigs.lancedb import LanceRig
from tests.contract.rigs.postgres import PostgresRig
from tests.gameday.injector.rig import InjectorProcess, cleared, injection, soon
from tests.kill.rig import measured

STORES: dict[str, Any] = {
    "folder": FilesRig,
    "git": GitFilesRig,
    "lancedb": LanceRig,
    "postgres": PostgresRig,
}
MOMENTS_S = (0.0, 0.02, 0.08)
LEASE_S = 5.0
POLICY = """\
policy: tests
allow:
  - {target: lab, environment: local, on: "component/*", kinds: ["*"], scopes: [all]}
"""
TARGET: dict[str, Any] = {
    "target": "lab",
    "environments": {
        "local": {"injector": "http://127.0.0.1:1", "front_door": "http://127.0.0.1:2"}
    },
    "providers": {"primary": {"dialect": "openai"}},
    "suite": "suite.yaml",
}


def written(folder: Path, components: dict[str, Any]) -> Path:
    """A target file with these components."""
    file = folder / "gameday.yaml"
    with file.open("w") as out:
        YAML().dump(TARGET | {"components": components}, out)
    return file


class Store:
    """One store, and the injector that may edit it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        (folder / "store").mkdir()
        self.rig = STORES[name](folder / "store")
        kind = type(self.rig.backend).__module__.rpartition(".")[2]
        settings = self.rig.backend.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        file = written(folder / "store", {"corpus": {"backend": kind, **settings}})
        self.injector = InjectorProcess(folder, policy=POLICY, targets=[file])
        self.before = self.rig.kept()

    def edit(self) -> Injection:
        settings = {"variant": "poisoned", **self.rig.new}
        spec = FaultSpec(kind="corpus_edit", on="component/corpus", settings=settings)
        return injection(fault=spec, address={}, lease_s=LEASE_S)

    def revert(self) -> Injection:
        spec = StepSpec(kind="revert_corpus", on="component/corpus", settings={"to": "before"})
        return injection(fault=spec, address={}, lease_s=LEASE_S)

    async def cut(self, asked: Awaitable[FaultRecord], after_s: float) -> bool:
        """Ask, and kill the injector so much later; returns whether the answer was lost."""
        under_way = asyncio.ensure_future(asked)
        await asyncio.sleep(after_s)
        os.kill(self.injector.pid("control") or 0, signal.SIGKILL)
        with contextlib.suppress(InjectorError):
            await under_way
        return under_way.exception() is not None

    async def is_back(self, what: str) -> None:
        """Wait for an injector that serves again: by then all must be as it was."""
        killed = self.injector.pid("control")

        async def another() -> bool:
            pid = self.injector.pid("control")
            return pid is not None and pid != killed and self.injector.answers()

        began = time.monotonic()
        await soon(another, "the injector is up again")
        assert self.rig.kept() == self.before, f"{self.name}, {what}"
        measured(f"{self.name}, injector killed {what}", time.monotonic() - began)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = Store(request.param, tmp_path)
    made.injector.start()
    yield made
    made.injector.end()
    made.rig.close()


async def test_killed_while_it_edits(store: Store):
    cut = []
    for number, moment_s in enumerate(MOMENTS_S):
        arming = store.injector.client.arm(f"f{number}", store.edit())
        cut.append(await store.cut(arming, moment_s))
        await store.is_back(f"{moment_s:g} s into an edit")
    assert any(cut), "every edit was over before it could be cut"


async def test_killed_while_the_edit_is_there(store: Store):
    await store.injector.client.arm("f1", store.edit())
    assert store.rig.kept() != store.before
    await store.cut(store.injector.client.get("f1"), 0.0)
    await store.is_back("with an edit in force")
    record = await store.injector.client.get("f1")
    assert (record.state, record.cleared_by) == (FaultState.CLEARED, ClearedBy.RECOVERY)
    digests = [record.evidence[f"version_{when}"]["digest"] for when in ("at_arm", "after")]
    assert digests[0] == digests[1]


async def test_killed_while_a_step_rolls_it_back(store: Store):
    cut = []
    for number, moment_s in enumerate(MOMENTS_S):
        await store.injector.client.arm(f"f{number}", store.edit())
        reverting = store.injector.client.arm(f"s{number}", store.revert())
        cut.append(await store.cut(reverting, moment_s))
        await store.is_back(f"{moment_s:g} s into a rollback")
        held = await store.injector.client.faults()
        assert {one.state for one in held} == {FaultState.CLEARED}
    assert any(cut), "every rollback was over before it could be cut"


async def test_killed_while_it_puts_back(store: Store):
    cut = []
    for number, moment_s in enumerate(MOMENTS_S):
        await store.injector.client.arm(f"f{number}", store.edit())
        clearing = store.injector.client.clear(f"f{number}", ClearedBy.RESTORE)
        cut.append(await store.cut(clearing, moment_s))
        await store.is_back(f"{moment_s:g} s into a restore")
        record = await store.injector.client.get(f"f{number}")
        assert record.state is FaultState.CLEARED
    assert any(cut), "every restore was over before it could be cut"


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_killed_at_any_moment(store: Store):
    draw = random.Random(store.name)
    for number in range(15):
        edit, step = f"f{number}", f"s{number}"
        await store.cut(store.injector.client.arm(edit, store.edit()), draw.uniform(0, 0.3))
        await store.is_back("at any moment of an edit")
        await store.injector.client.arm(f"{edit}b", store.edit())
        await store.cut(store.injector.client.arm(step, store.revert()), draw.uniform(0, 0.3))
        await store.is_back("at any moment of a rollback")


async def test_without_anybody_who_renews_the_lease_ends_the_edit(store: Store):
    began = time.monotonic()
    await store.injector.client.arm("f1", store.edit())

    async def as_before() -> bool:
        return bool(store.rig.kept() == store.before)

    await soon(as_before, "the edit is gone with its lease")
    assert time.monotonic() - began >= LEASE_S - 1
    assert (await cleared(store.injector.client, "f1")).cleared_by is ClearedBy.LEASE


async def test_what_somebody_else_wrote_stays_and_how_to_merge_is_told(store: Store):
    await store.injector.client.arm("f1", store.edit())
    store.rig.set_by_others()
    theirs = store.rig.kept()
    step = await store.injector.client.arm("s1", store.revert())
    assert "neither" in step.evidence["failed"]
    record = await store.injector.client.clear("f1", ClearedBy.RESTORE)
    assert record.state is FaultState.STUCK
    for word in (*store.rig.told, "Somebody else changed it", "To have both"):
        assert word in record.cleared_because, record.cleared_because
    assert store.rig.kept() == theirs
    await store.cut(store.injector.client.get("f1"), 0.0)

    async def tried_again() -> bool:
        with contextlib.suppress(InjectorError):
            return "tried" in (await store.injector.client.get("f1")).cleared_because
        return False

    await soon(tried_again, "the next injector tries it, too")
    assert store.rig.kept() == theirs
    for role in ("watchdog", "control"):  # it would try until they agree
        os.kill(store.injector.pid(role) or 0, signal.SIGKILL)


SLOW = """
import pathlib, sys, time
value, words = pathlib.Path("value"), sys.argv[1:]
if not words:
    print(value.read_text())
else:
    pathlib.Path("began").touch()
    time.sleep(2.0)
    value.write_text(words[0])
"""


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[InjectorProcess]:
    """A prompt that a command of two seconds sets."""
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "value").write_text("support-v3")
    run = [sys.executable, "slow.py"]
    prompt = {"backend": "command", "read": run, "change": [*run, "{{to}}"]}
    made = InjectorProcess(tmp_path, policy=POLICY, targets=[written(tmp_path, {"prompt": prompt})])
    made.start()
    yield made
    made.end()


async def test_a_command_that_outlives_its_injector_changes_nothing_afterwards(
    slow: InjectorProcess, tmp_path: Path
):
    spec = FaultSpec(kind="prompt_edit", on="component/prompt", settings={"to": "support-v4"})
    asked = injection(fault=spec, address={}, lease_s=30.0)
    arming = asyncio.ensure_future(slow.client.arm("f1", asked))

    async def began() -> bool:
        return (tmp_path / "began").exists()

    await soon(began, "the command is under way")
    os.kill(slow.pid("control") or 0, signal.SIGKILL)
    with contextlib.suppress(InjectorError):
        await arming
    assert (await cleared(slow.client, "f1")).cleared_by is ClearedBy.RECOVERY
    await asyncio.sleep(2.5)  # by now it would have written
    assert (tmp_path / "value").read_text() == "support-v3"
