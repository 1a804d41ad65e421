"""Components out of target files, through a real injector and a real admin interface."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gameday.domain.drill import StepSpec
from gameday.domain.errors import FileError, InjectorRefusedError
from gameday.domain.lease import ClearedBy, FaultState, Injection
from gameday.injector.components import Components
from gameday.injector.port import PathGoneError
from gameday.injector.state import read_token
from gameday.injector.sweep import sweep
from tests.contract.rigs.http import HttpRig
from tests.contract.rigs.rig import SECRET
from tests.gameday.injector.rig import InjectorProcess, cleared, injection, soon, until

POLICY = """\
policy: tests
allow:
  - {target: lab, environment: local, on: component/model, kinds: [pin_model], scopes: [all]}
"""
TARGET = """\
target: lab
environments: {local: {injector: "http://127.0.0.1:1", front_door: "http://127.0.0.1:2/v1"}}
providers: {primary: {dialect: openai}}
suite: suite.yaml
components:
  model:
    backend: http
    previous: heron-4-2026-08
    url: %URL%
    secret: file:key
    read: {path: /aliases/answers, headers: %KEY%, value: model, etag: {header: etag}}
    change:
      method: PUT
      path: /aliases/answers
      headers: {authorization: "Bearer {{secret}}", if-match: "{{etag}}"}
      json: {model: "{{to}}"}
    ready: {path: "/models/{{to}}", headers: %KEY%, value: id}
    timeout: 2s
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


def pin(**changes) -> Injection:
    spec = StepSpec(kind="pin_model", settings={"to": "previous"})
    return injection(fault=spec, address={}, **changes)


async def test_a_component_is_found_by_target_and_name(admin: HttpRig, tmp_path: Path):
    components = Components([tmp_path / "gameday.yaml"])
    assert (await components.look("lab/model")).obstacle == ""
    with pytest.raises(PathGoneError, match="no component lab/corpus"):
        await components.look("lab/corpus")


def test_a_target_file_that_is_wrong_says_where(tmp_path: Path):
    (tmp_path / "gameday.yaml").write_text("target: lab\n")
    with pytest.raises(FileError, match=r"gameday\.yaml:1"):
        Components([tmp_path / "gameday.yaml"]).load()


async def test_pinned_and_put_back_through_the_door(process: InjectorProcess, admin: HttpRig):
    record = await process.client.arm("r1-step-0", pin())
    assert (admin.value, record.step, record.evidence["unverified"]) == (admin.new, True, "")
    assert SECRET not in record.model_dump_json()
    gone = await process.client.clear("r1-step-0", ClearedBy.RESTORE)
    assert (gone.state, admin.value) == (FaultState.CLEARED, admin.old)
    journal = await process.client.journal("RUN1")
    assert [event.what for event in journal] == ["armed", "cleared"]


async def test_a_rollback_to_what_is_gone_is_refused_before(
    process: InjectorProcess, admin: HttpRig
):
    assert await process.client.check(pin()) == ""
    admin.retire()
    assert "heron-4-2026-08 is not to be had" in await process.client.check(pin())
    assert admin.puts == []


async def test_the_policy_must_allow_it(process: InjectorProcess, admin: HttpRig):
    elsewhere = pin(environment="production")
    with pytest.raises(InjectorRefusedError, match="no rule that allows pin_model on component"):
        await process.client.arm("r1-step-0", elsewhere)
    assert admin.value == admin.old


async def test_killed_with_9_it_puts_the_pin_back_before_it_serves(
    process: InjectorProcess, admin: HttpRig
):
    await process.client.arm("r1-step-0", pin())
    os.kill(process.pid("control"), signal.SIGKILL)
    record = await cleared(process.client, "r1-step-0")
    assert (record.cleared_by, admin.value) == (ClearedBy.RECOVERY, admin.old)


async def test_the_sweep_puts_the_pin_back_without_the_injector(
    process: InjectorProcess, admin: HttpRig
):
    await process.client.arm("r1-step-0", pin())
    token = read_token(process.state)
    for role in ("watchdog", "control"):
        os.kill(process.pid(role), signal.SIGKILL)
    until(process.is_gone, "both are dead")
    report = await sweep(process.state, url=process.url, token=token)
    assert [(r.id, r.cleared_by) for r in report.cleared] == [("r1-step-0", ClearedBy.SWEEP)]
    assert admin.value == admin.old
    process.start()


async def test_somebody_elses_edit_is_left_alone_until_they_take_it_back(
    process: InjectorProcess, admin: HttpRig
):
    await process.client.arm("r1-step-0", pin())
    admin.set_by_others()
    record = await process.client.clear("r1-step-0", ClearedBy.RESTORE)
    assert record.state is FaultState.STUCK
    assert f"{admin.foreign}: neither {admin.new}" in record.cleared_because
    assert admin.value == admin.foreign
    admin.value, admin.revision = admin.old, admin.revision + 1

    async def gone() -> bool:
        return (await process.client.get("r1-step-0")).state is FaultState.CLEARED

    await soon(gone, "it is cleared once theirs is gone")
