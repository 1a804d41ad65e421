"""The steps `command` and `http`: an action of the target file, by real programs and requests."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gameday.catalog.kinds import actions
from gameday.domain.action import ActionSpec
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.step import Kept
from gameday.steps._action import ActionStep
from gameday.steps.command import Command
from gameday.steps.http import Http
from tests.gameday.loopback import Loopback, QuietHandler

SECRET = "action-s3cret"
SCRIPT = """\
import os, pathlib, sys
flag, log, word = pathlib.Path("flag"), pathlib.Path("log"), sys.argv[1]
with log.open("a") as file:
    file.write(word + (" with the key" if os.environ.get("KEY") == "{secret}" else "") + chr(10))
if pathlib.Path("broken").exists():
    print("nobody knows, not even", os.environ.get("KEY"), file=sys.stderr)
    sys.exit(int(pathlib.Path("broken").read_text()))
if word == "act":
    flag.touch()
if word == "undo":
    flag.unlink(missing_ok=True)
if word == "verify":
    sys.exit(0 if flag.exists() else 1)
"""


class CommandRig:
    """Keys that a script rotates. The flag says that they are new."""

    kind = Command

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "script.py").write_text(SCRIPT.replace("{secret}", SECRET))
        (folder / "key").write_text(SECRET)
        words = ("act", "verify", "undo", "ready")
        self.settings: dict[str, Any] = {
            word: [sys.executable, "script.py", word] for word in words
        }
        self.settings["secrets"] = {"KEY": "file:key"}

    @property
    def done(self) -> bool:
        return (self.folder / "flag").exists()

    @done.setter
    def done(self, done: bool) -> None:
        (self.folder / "flag").touch() if done else (self.folder / "flag").unlink()

    @property
    def calls(self) -> list[str]:
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        assert all(line.endswith(" with the key") for line in lines)
        words = [line.partition(" ")[0] for line in lines]
        return [word for word in words if word in ("act", "undo")]

    def break_it(self, code: int) -> None:
        (self.folder / "broken").write_text(str(code))

    def close(self) -> None:
        """Nothing runs."""


class _Handler(QuietHandler):
    rig: "HttpRig"

    def do_GET(self) -> None:  # noqa: N802 - the server's name for it
        self._told("look")

    def do_POST(self) -> None:  # noqa: N802
        self._told(self.path.strip("/"))

    def _told(self, word: str) -> None:
        if self.headers["authorization"] != f"Bearer {SECRET}":
            self.answer(401, b"who are you?", {})
            return
        if self.rig.broken:
            self.answer(self.rig.broken, f"not with {SECRET}".encode(), {})
            return
        if word in ("act", "undo"):
            self.rig.calls.append(word)
            self.rig.done = word == "act"
        self.answer(200, b'{"rotated": true}' if self.rig.done else b'{"rotated": false}', {})


class HttpRig:
    """The same behind an HTTP interface."""

    kind = Http
    STATUS: ClassVar[dict[int, int]] = {75: 503, 2: 400}

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "key").write_text(SECRET)
        self.done, self.broken, self.calls = False, 0, list[str]()
        self._server = Loopback(type("Handler", (_Handler,), {"rig": self}))
        key = {"authorization": "Bearer {{secret}}"}
        self.settings: dict[str, Any] = {
            "url": self._server.url,
            "secret": "file:key",
            "act": {"path": "/act", "headers": key},
            "undo": {"path": "/undo", "headers": key},
            "verify": {"path": "/look", "headers": key, "value": "rotated"},
            "ready": {"method": "GET", "path": "/look", "headers": key},
            "timeout": "2s",
        }

    def break_it(self, code: int) -> None:
        self.broken = self.STATUS[code]

    def close(self) -> None:
        self._server.__exit__()


Rig = CommandRig | HttpRig


@pytest.fixture(params=[CommandRig, HttpRig], ids=["command", "http"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    made = request.param(tmp_path)
    yield made
    made.close()


def kept(rig: Rig, *, without: str = "") -> Kept:
    settings = {name: value for name, value in rig.settings.items() if name != without}
    way = "command" if rig.kind is Command else "http"
    spec = ActionSpec(kind=way, settings=settings)
    return Kept("action lab/rotate-keys", actions.make(spec).beside(rig.folder), spec.as_component)


def step_of(rig: Rig) -> ActionStep:
    return rig.kind()


def test_it_is_on_an_action_and_on_nothing_else(rig: Rig):
    assert step_of(rig).misplaced("action/rotate-keys") == ""
    assert step_of(rig).misplaced("component/model") == "action/NAME"


async def test_done_once_and_taken_back_once(rig: Rig):
    step, found = step_of(rig), kept(rig)
    assert await step.ready(found) == ""
    undo = await step.snapshot(found)
    assert not rig.done
    assert await step.verify(found, undo)
    for _ in range(2):
        await step.act(found, undo)
        assert (rig.done, await step.verify(found, undo)) == (True, "")
        assert await step.verify_undone(found, undo)
    assert (await found.backend.read()).label == "done"
    for _ in range(2):
        await step.undo(found, undo)
        assert (rig.done, await step.verify_undone(found, undo)) == (False, "")
    assert rig.calls == ["act", "undo"]


async def test_what_was_done_before_is_not_taken_back(rig: Rig):
    rig.done = True
    step, found = step_of(rig), kept(rig)
    assert "is done already" in await step.ready(found)
    undo = await step.snapshot(found)
    await step.act(found, undo)
    await step.undo(found, undo)
    assert (rig.done, rig.calls, await step.verify_undone(found, undo)) == (True, [], "")


async def test_without_an_undo_it_says_so_and_stays(rig: Rig):
    step, found = step_of(rig), kept(rig, without="undo")
    undo = await step.snapshot(found)
    await step.act(found, undo)
    with pytest.raises(ComponentError, match="cannot be taken back: the target file gives it no"):
        await step.undo(found, undo)
    assert rig.done
    assert "is done, not not done" in await step.verify_undone(found, undo)


async def test_a_look_that_cannot_tell_is_neither_done_nor_not(rig: Rig):
    step, found = step_of(rig), kept(rig)
    undo = await step.snapshot(found)
    rig.break_it(2)
    with pytest.raises(ComponentError) as caught:
        await step.verify(found, undo)
    assert not isinstance(caught.value, ComponentUnreachableError)
    assert SECRET not in caught.value.sentence
    assert await found.backend.ready("done")
    rig.break_it(75)
    with pytest.raises(ComponentUnreachableError):
        await step.verify(found, undo)


async def test_the_step_and_the_action_are_done_the_same_way(rig: Rig):
    other = Http() if rig.kind is Command else Command()
    said = await other.ready(kept(rig))
    assert said.startswith("action lab/rotate-keys is done by ")
    assert rig.calls == []
