"""An act through a real injector's door: neither kill -9, a stop nor a sweep takes it back."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gameday.domain.act import ActState
from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.injector.state import read_token
from gameday.injector.sweep import sweep
from tests.contract.rigs.http import HttpRig
from tests.contract.rigs.rig import SECRET
from tests.gameday.injector.rig import InjectorProcess, soon, until
from tests.gameday.injector.test_acts import order
from tests.gameday.injector.test_components import TARGET

POLICY = """\
policy: tests
respond:
  - {target: lab, environment: local, on: component/model, kinds: [pin_model], approvals: 0}
"""


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[HttpRig]:
    rig = HttpRig(tmp_path)
    key = '{authorization: "Bearer {{secret}}"}'
    text = TARGET.replace("%URL%", rig.url).replace("%KEY%", key)
    (tmp_path / "gameday.yaml").write_text(text)
    yield rig
    rig.close()


@pytest.fixture
def process(admin: HttpRig, tmp_path: Path) -> Iterator[InjectorProcess]:
    made = InjectorProcess(tmp_path, policy=POLICY, targets=[tmp_path / "gameday.yaml"])
    made.start()
    yield made
    made.end()


async def test_a_whole_life(process: InjectorProcess, admin: HttpRig):
    assert (await process.client.outlook(order())).refusal == ""
    record = await process.client.act("7Q2K-act-1", order())
    assert (record.state, admin.value) == (ActState.DONE, admin.new)
    assert SECRET not in record.model_dump_json()
    assert await process.client.verify_act("7Q2K-act-1") == record.model_copy(
        update={"verified_at": (await process.client.acts("7Q2K"))[0].verified_at}
    )
    gone = await process.client.undo_act("7Q2K-act-1")
    assert (gone.state, admin.value) == (ActState.UNDONE, admin.old)
    assert await process.client.acts("7Q2K") == [gone]
    assert [event.what for event in await process.client.journal("7Q2K")] == ["acted", "undone"]
    with pytest.raises(InjectorRefusedError, match="no act 7Q2K-act-2"):
        await process.client.undo_act("7Q2K-act-2")


@pytest.mark.parametrize("comes_late", [True, False])
async def test_killed_with_9_in_the_midst_of_the_call_it_is_done_once_and_not_lost(
    process: InjectorProcess, admin: HttpRig, comes_late: bool
):
    wanted = order()
    admin.held.clear()
    asking = asyncio.create_task(process.client.act("7Q2K-act-1", wanted))

    async def is_asked() -> bool:
        return admin.asked.is_set()

    await soon(is_asked, "the mechanism is called")
    before = process.pid("control")
    os.kill(before, signal.SIGKILL)
    with pytest.raises(InjectorUnreachableError):
        await asking

    async def looked_back() -> bool:
        with suppress(InjectorUnreachableError):
            return bool((await process.client.acts("7Q2K"))[0].recovered)
        return False

    if not comes_late:  # the call is lost with its caller
        admin.puts_are_lost = True
    await soon(looked_back, "the next injector has looked what became of it")
    (record,) = await process.client.acts("7Q2K")
    assert (record.state, admin.value) == (ActState.NOT_DONE, admin.old)
    admin.held.set()

    async def ended() -> bool:
        return admin.value == admin.new or admin.lost == 1

    await soon(ended, "what was under way has come to its end")
    admin.puts_are_lost = False
    again = await process.client.act("7Q2K-act-1", wanted)
    assert (again.state, bool(again.recovered), admin.value) == (ActState.DONE, True, admin.new)
    assert admin.puts == [admin.new]
    assert (await process.client.undo_act("7Q2K-act-1")).state is ActState.UNDONE
    assert admin.value == admin.old


async def test_it_outlives_kill_9_stop_and_sweep(process: InjectorProcess, admin: HttpRig):
    record = await process.client.act("7Q2K-act-1", order())
    before = process.pid("control")
    os.kill(before, signal.SIGKILL)

    async def back() -> bool:
        return process.pid("control") != before and process.answers()

    await soon(back, "the watchdog has started another one")
    assert await process.client.acts("7Q2K") == [record]
    await process.client.stop()
    with pytest.raises(InjectorRefusedError, match="the injector is stopped"):
        await process.client.act("7Q2K-act-2", order())
    token = read_token(process.state)
    for role in ("watchdog", "control"):
        os.kill(process.pid(role), signal.SIGKILL)
    until(process.is_gone, "both are dead")
    report = await sweep(process.state, url=process.url, token=token)
    assert (report.cleared, report.not_cleared) == ((), ())
    assert (admin.value, admin.puts.count(admin.new)) == (admin.new, 1)
    process.start()
    assert (await process.client.undo_act("7Q2K-act-1")).state is ActState.UNDONE
    assert admin.value == admin.old
