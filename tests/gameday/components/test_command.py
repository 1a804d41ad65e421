"""The backend `command` beyond the contract: no shell, an end in time, an end to its output."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from gameday.components.command import Command
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from tests.contract.rigs.command import CommandRig
from tests.contract.rigs.rig import SECRET


def python(program, *words):
    return [sys.executable, "-c", program, *words]


def made(folder, read, change=("true", "{{to}}"), **settings):
    whole = {"read": list(read), "change": list(change), **settings}
    return Command.model_validate(whole).beside(folder)


async def said(awaited, error=ComponentError):
    with pytest.raises(error) as told:
        await awaited
    assert type(told.value) is error
    return told.value.sentence


async def test_no_shell_reads_a_value(tmp_path):
    seen = tmp_path / "seen"
    record = "import sys; open(sys.argv[1], 'w').write(repr(sys.argv[2:]))"
    change = python(record, str(seen), "to={{to}}", "{{before}}")
    backend = made(tmp_path, python("print('$(touch x) *')"), change)
    await backend.change("a b; c `d` $E *", await backend.snapshot())
    assert seen.read_text() == repr(["to=a b; c `d` $E *", "$(touch x) *"])
    assert not (tmp_path / "x").exists()


async def test_a_value_is_not_taken_for_an_option(tmp_path):
    backend = made(tmp_path, ["echo", "old"], ["touch", "{{to}}"])
    undo = await backend.snapshot()
    assert await said(backend.change("--help", undo)) == (
        "--help would be taken for an option of touch"
    )
    assert "NUL" in await said(backend.change("a\0b", undo))
    assert list(tmp_path.iterdir()) == []


async def test_an_option_of_ones_own_stays_one(tmp_path):
    backend = made(tmp_path, ["echo", "old"], ["touch", "--date={{to}}", "file"])
    await backend.change("2026-01-01", await backend.snapshot())
    assert (tmp_path / "file").exists()


async def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    start = (
        "import os, subprocess, sys, time; p = subprocess.Popen(['sleep', '60']);"
        "open('child', 'w').write(str(p.pid)); time.sleep(60)"
    )
    backend = made(tmp_path, python(start), timeout="3s")
    sentence = await said(backend.read(), ComponentUnreachableError)
    assert sentence == f"{sys.executable} did not end within 3 s and was killed"
    child = int((tmp_path / "child").read_text())
    async with asyncio.timeout(20):
        while _runs(child):  # noqa: ASYNC110 - another process's end
            await asyncio.sleep(0.05)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_what_is_printed_without_end_is_not_kept(tmp_path):
    endless = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    backend = made(tmp_path, python(endless), timeout="60s")
    assert "printed more than 1,000,000 bytes; killed" in await said(backend.read())


@pytest.mark.parametrize(
    ("program", "error", "tail"),
    [
        ("import sys; sys.exit('no\\nsuch alias')", ComponentError, "ended with 1: such alias"),
        ("import sys; sys.exit(3)", ComponentError, "ended with 3: it said nothing"),
        ("import sys; sys.exit(75)", ComponentUnreachableError, "ended with 75: it said nothing"),
        ("import os; os.write(1, b'\\xff')", ComponentError, "prints is not UTF-8"),
    ],
    ids=["its last line", "silent", "try again", "not text"],
)
async def test_how_it_ended_is_said(tmp_path, program, error, tail):
    assert (await said(made(tmp_path, python(program)).read(), error)).endswith(tail)


async def test_a_command_that_is_not_there_is_said(tmp_path):
    sentence = await said(made(tmp_path, ["no-such-command"]).read())
    assert sentence == f"no-such-command cannot be run in {tmp_path}: No such file or directory"


async def test_its_secret_is_hidden_where_it_prints_it_itself(tmp_path):
    rig = CommandRig(tmp_path)
    loud = python("import os, sys; sys.exit('denied: ' + os.environ['ADMIN_KEY'])")
    backend = rig.backend.model_copy(update={"read_argv": tuple(loud)})
    sentence = await said(backend.read())
    assert sentence.endswith("denied: [secret]")
    assert SECRET not in repr(backend)
    assert "ADMIN_KEY" not in os.environ


async def test_its_own_revert_and_verify_are_used_where_they_are_stated(tmp_path):
    backend = made(
        tmp_path,
        ["echo", "new"],
        revert=["touch", "from={{before}} to={{to}}"],
        verify=["echo", "old"],
    )
    await backend.revert({"value": "old"}, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["from=new to=old"]
    assert await backend.verify("old") == ""


async def test_a_number_is_compared_as_it_is_printed(tmp_path):
    backend = made(tmp_path, ["echo", "3"], ["touch", "changed-to-{{to}}"])
    await backend.change(3, await backend.snapshot())
    assert await backend.verify(3) == ""
    await backend.change(4, await backend.snapshot())
    assert [path.name for path in tmp_path.iterdir()] == ["changed-to-4"]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"read": ["cat", "{{to}}"]}, "read: unknown {{to}}"),
        ({"change": ["set", "x"]}, "change: {{to}} is nowhere in it"),
        ({"revert": ["undo"]}, "revert: {{to}} is nowhere in it"),
        ({"ready": ["probe", "{{before}}"]}, "ready: unknown {{before}}; expected to"),
        ({"read": []}, "at least 1 item"),
        ({"secrets": {"A B": "env:X"}}, "should match pattern"),
    ],
    ids=["read", "change", "revert", "ready", "nothing", "variable"],
)
def test_a_command_that_cannot_work_is_refused(settings, wrong):
    with pytest.raises(ValidationError) as told:
        Command.model_validate({"read": ["a"], "change": ["b", "{{to}}"], **settings})
    assert wrong in str(told.value)
