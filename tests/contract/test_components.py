"""What every backend of a component must do; a new one is tested here unasked."""

import inspect
import json
from collections.abc import Iterator

import pytest

from gameday.catalog.kinds import components
from gameday.domain.component import Backend
from gameday.domain.errors import ChangedByOthersError, ComponentUnreachableError
from tests.contract.rigs.command import CommandRig
from tests.contract.rigs.files import FilesRig, GitFilesRig, RevisionRig
from tests.contract.rigs.git_file import GitRemoteRig, GitRig
from tests.contract.rigs.http import HttpRig
from tests.contract.rigs.lancedb import LanceRig, LanceTagRig, LanceVersionRig
from tests.contract.rigs.langfuse_prompts import LangfuseRig
from tests.contract.rigs.postgres import PostgresRig, VersionRig
from tests.contract.rigs.rig import SECRET, Rig
from tests.contract.rigs.router_alias import LiteLlmRig, RouterRig

RIGS = {
    "command": CommandRig,
    "files": FilesRig,
    "files, in git": GitFilesRig,
    "files, a revision": RevisionRig,
    "git_file": GitRig,
    "git_file, pushed": GitRemoteRig,
    "http": HttpRig,
    "lancedb": LanceRig,
    "lancedb, a version": LanceVersionRig,
    "lancedb, a tag": LanceTagRig,
    "langfuse_prompts": LangfuseRig,
    "postgres": PostgresRig,
    "postgres, a version": VersionRig,
    "router_alias": RouterRig,
    "router_alias, litellm": LiteLlmRig,
}
NO_WAY_BACK = {"FilesRig", "LanceRig", "LanceVersionRig", "LanceTagRig"}  # a label names none
KINDS = [kind for kind, _ in components.kinds()]


def test_each_has_a_keeper_to_be_tried_against():
    assert {name.partition(",")[0] for name in RIGS} == set(KINDS)


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, tmp_path) -> Iterator[Rig]:
    made = RIGS[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def backend(rig: Rig) -> Backend:
    return rig.backend


@pytest.mark.parametrize("kind", KINDS)
def test_its_docstring_begins_with_a_sentence_for_the_list(kind: str):
    first = (inspect.getdoc(dict(components.kinds())[kind]) or "").splitlines()[0]
    assert first.endswith(".")
    assert 10 < len(first) <= 80


def test_its_settings_survive_a_file(backend: Backend):
    again = type(backend).model_validate_json(backend.model_dump_json(by_alias=True))
    assert again.model_dump() == backend.model_dump()


async def test_looking_touches_nothing_and_an_undo_is_plain_json(rig: Rig, backend: Backend):
    before = rig.kept()
    undo = await backend.snapshot(rig.new)
    assert json.loads(json.dumps(undo)) == undo
    assert await backend.read() == await backend.read()
    assert await backend.verify(rig.old) == ""
    assert await backend.verify_reverted(undo) == ""
    assert await backend.ready(rig.new) == ""
    assert rig.kept() == before


async def test_twice_changed_and_twice_reverted_is_exactly_as_it_was(rig: Rig, backend: Backend):
    before, version = rig.kept(), await backend.read()
    undo = await backend.snapshot(rig.new)
    for _ in range(2):
        await backend.change(rig.new, undo)
        assert rig.kept() != before
        assert await backend.verify(rig.new) == ""
        assert await backend.verify(rig.old) != ""
        assert await backend.verify_reverted(undo) != ""
        assert (await backend.read()).digest != version.digest
    for _ in range(2):
        await backend.revert(undo, rig.new)
        assert rig.kept() == before
        assert await backend.verify_reverted(undo) == ""
        back = await backend.read()  # who was last at it, and when, is another matter
        assert (back.label, back.digest) == (version.label, version.digest)


async def test_the_way_back_that_a_version_tells_leads_back(rig: Rig, backend: Backend):
    """As a runbook takes it in an incident, when nobody has kept an undo."""
    before = await backend.read()
    assert (before.back is None) == (type(rig).__name__ in NO_WAY_BACK)
    if before.back is not None:
        await backend.change(rig.new, await backend.snapshot(rig.new))
        assert (await backend.read()).digest != before.digest
        await backend.change(before.back, await backend.snapshot(before.back))
        assert await backend.verify(before.back) == ""
        assert (await backend.read()).digest == before.digest


async def test_a_revert_without_a_change_touches_nothing(rig: Rig, backend: Backend):
    before = rig.kept()
    await backend.revert(await backend.snapshot(rig.new), rig.new)
    assert rig.kept() == before


async def test_a_change_that_nobody_heard_of_is_known_and_undone(rig: Rig, backend: Backend):
    before = rig.kept()
    undo = json.loads(json.dumps(await backend.snapshot(rig.new)))
    rig.lose_next_answer()
    with pytest.raises(ComponentUnreachableError):
        await backend.change(rig.new, undo)
    assert rig.kept() != before
    await backend.change(rig.new, undo)
    assert await backend.verify(rig.new) == ""
    rig.lose_next_answer()
    with pytest.raises(ComponentUnreachableError):
        await backend.revert(undo, rig.new)
    await backend.revert(undo, rig.new)
    assert rig.kept() == before


async def test_what_somebody_else_set_is_left_alone_and_named(rig: Rig, backend: Backend):
    undo = await backend.snapshot(rig.new)
    await backend.change(rig.new, undo)
    rig.set_by_others()
    theirs = rig.kept()
    with pytest.raises(ChangedByOthersError) as told:
        await backend.revert(undo, rig.new)
    assert rig.kept() == theirs
    for value in rig.told:
        assert value in told.value.sentence
    assert await backend.verify_reverted(undo) != ""


async def test_a_change_does_not_run_over_one_that_came_between(rig: Rig, backend: Backend):
    undo = await backend.snapshot(rig.new)
    rig.set_by_others()
    theirs = rig.kept()
    with pytest.raises(ChangedByOthersError):
        await backend.change(rig.new, undo)
    assert rig.kept() == theirs


async def test_a_standby_that_is_gone_is_told_before_anything_is_touched(
    rig: Rig, backend: Backend
):
    assert backend.asks_ready
    rig.retire()
    before = rig.kept()
    assert rig.gone in await backend.ready(rig.new)
    assert rig.kept() == before


async def test_nobody_there_is_said_as_such_without_a_secret(rig: Rig, backend: Backend):
    undo = await backend.snapshot(rig.new)
    rig.go_dark()
    asked = [
        backend.read(),
        backend.snapshot(rig.new),
        backend.change(rig.new, undo),
        backend.revert(undo, rig.new),
        backend.verify(rig.new),
        backend.verify_reverted(undo),
        backend.ready(rig.new),
    ]
    for asking in asked:
        with pytest.raises(ComponentUnreachableError) as told:
            await asking
        assert SECRET not in told.value.sentence
        assert "\n" not in told.value.sentence
