"""A process is killed in the middle of changing a component: what is left is known, and undone.

Real repositories, folders, tables of LanceDB and a real PostgreSQL. The moments are spread over
the whole change; wherever it was cut, the revert leaves everything exactly as it was.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gameday.components._orphans import end_orphans
from tests.contract.rigs.files import FilesRig, GitFilesRig
from tests.contract.rigs.git_file import GitRemoteRig, GitRig
from tests.contract.rigs.lancedb import LanceRig, LanceVersionRig
from tests.contract.rigs.postgres import PostgresRig

ROOT = Path(__file__).resolve().parents[2]
RIGS = {
    "files": FilesRig,
    "files, in git": GitFilesRig,
    "git_file": GitRig,
    "git_file, pushed": GitRemoteRig,
    "lancedb": LanceRig,
    "lancedb, a version": LanceVersionRig,
    "postgres": PostgresRig,
}
# Says when it begins, so that the time it takes to start is not in the way.
CHANGE = """
import asyncio, json, sys
from pathlib import Path
from gameday.catalog.kinds import components
from gameday.domain.component import Component

kind, folder, settings, to, undo = (json.loads(word) for word in sys.argv[1:])
backend = components.make(Component(kind=kind, settings=settings)).beside(Path(folder))
asyncio.run(backend.verify(to))
print("now", flush=True)
asyncio.run(backend.change(to, undo))
"""
MOMENTS_S = (0.0, 0.003, 0.01, 0.03, 0.08)


def begin(rig, undo):
    backend = rig.backend
    settings = backend.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    kind = type(backend).__module__.rpartition(".")[2]
    words = [json.dumps(one) for one in (kind, str(rig.folder), settings, rig.new, undo)]
    return subprocess.Popen(
        [sys.executable, "-c", CHANGE, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("name", RIGS)
async def test_wherever_a_change_is_cut_the_revert_leaves_things_as_they_were(tmp_path, name):
    cut = []
    for number, moment_s in enumerate(MOMENTS_S):
        folder = tmp_path / str(number)
        folder.mkdir()
        rig = RIGS[name](folder)
        before, undo = rig.kept(), await rig.backend.snapshot(rig.new)
        with begin(rig, undo) as process:
            assert process.stdout.readline() == "now\n"
            time.sleep(moment_s)  # noqa: ASYNC251 - the other process's time
            process.kill()
        cut.append(process.returncode == -signal.SIGKILL)
        # As the injector does before it undoes: a push that lives on would come after the revert.
        await asyncio.to_thread(end_orphans)
        await rig.backend.revert(undo, rig.new)
        assert await rig.backend.verify_reverted(undo) == ""
        assert rig.kept() == before
        rig.close()
    assert any(cut), "every change was over before it could be cut"
