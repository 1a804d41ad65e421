"""A command as hook: what it is given, and every way in which it can fail to take it."""

import json
from datetime import UTC, datetime

import pytest

from activities.tell import tell
from gameday.domain.hook import Hook
from gameday.domain.standing import Notice
from gameday.domain.tick import Tick
from gameday.domain.watch import Watch
from gameday.store.watches import Watches

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture
def watched(tmp_path):
    """A watch with something to tell, and the hook that it is to tell it to."""

    def make(script):
        hook = tmp_path / "page"
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
        watch = Watch(
            target="shop",
            environment="staging",
            target_file=str(tmp_path / "gameday.yaml"),
            hook=Hook(command=("./page",)),
        )
        watches = Watches(tmp_path / "state")
        watches.put(watch)
        notice = Notice(notice="t1 blind", kind="blind", at=AT, sentence="it could not be asked")
        tick = Tick(tick="t1", at=AT, problem="it could not be asked")
        watches.keep(watch, tick, lambda standing, _: (standing, (notice,)))
        return watch, watches

    return make


async def test_it_is_given_the_notice_once_beside_the_target_file(watched, tmp_path):
    watch, watches = watched("cat >> told.json")
    assert await tell(tmp_path / "state", watch) == []
    assert await tell(tmp_path / "state", watch) == []
    told = json.loads((tmp_path / "told.json").read_text())
    assert (told["notice"], told["kind"], told["watch"]) == ("t1 blind", "blind", "shop.staging")
    assert told["summary"].startswith("BLIND. shop/staging is watched, and nothing can be said")
    assert watches.untold(watch.name) == []


async def test_one_that_reads_nothing_has_taken_it(watched, tmp_path):
    watch, watches = watched("exit 0")
    assert await tell(tmp_path / "state", watch) == []
    assert watches.untold(watch.name) == []


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo no pager here >&2; exit 3", "./page ended with 3: no pager here"),
        ("sleep 60", "./page did not end within 1 s and was killed"),
        ("kill -9 $$", "./page ended with -9: "),
    ],
)
async def test_one_that_fails_is_told_again_and_the_reason_is_kept(
    watched, tmp_path, script, why, monkeypatch
):
    monkeypatch.setattr("activities.hooks._WITHIN_S", 1.0)
    watch, watches = watched(script)
    assert await tell(tmp_path / "state", watch) == [why]
    (kept,) = watches.notices(watch.name)
    assert (kept.told_at, kept.failure) == (None, why)


async def test_one_that_is_gone_is_a_sentence(watched, tmp_path):
    watch, _ = watched("exit 0")
    (tmp_path / "page").unlink()
    (why,) = await tell(tmp_path / "state", watch)
    assert why == "./page cannot be run: No such file or directory"


async def test_without_a_hook_nobody_waits_to_be_told(watched, tmp_path):
    watch, watches = watched("exit 3")
    assert await tell(tmp_path / "state", watch.model_copy(update={"hook": None})) == []
    assert watches.untold(watch.name) == []
