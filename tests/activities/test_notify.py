"""A hook is told how a drill ended, once, and a run's folder says why it was not."""

import json

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.messages import StoredRun
from activities.notify import NotifyActivities
from gameday.domain.channel import Channel
from gameday.reporting.write import write_reports
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.runs import passing_run


@pytest.fixture
def closed(tmp_path):
    """The folder of a run that has been judged, whose target names a hook of this script."""

    def make(script, *more):
        hook = tmp_path / "page"
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
        channels = (Channel(command=("./page",)), *more)
        run = passing_run()
        folder = RunFolder(tmp_path / "run")
        target = run.record.request.target.model_copy(update={"notify": channels})
        request = run.record.request.model_copy(
            update={
                "target": target,
                "folder": str(folder.path),
                "target_file": str(tmp_path / "gameday.yaml"),
            }
        )
        record = run.record.model_copy(update={"request": request})
        folder.write_record(record)
        write_reports(folder, record, run.samples)
        return folder

    return make


async def notify(folder):
    await ActivityEnvironment().run(NotifyActivities().notify, StoredRun(folder=str(folder.path)))


async def test_it_is_told_once_with_verdict_and_report(closed, tmp_path):
    folder = closed("cat >> told.json")
    await notify(folder)
    await notify(folder)
    told = json.loads((tmp_path / "told.json").read_text())
    result = folder.read_result()
    assert (told["verdict"], told["run"], told["drill"]) == ("passed", result.run_id, result.drill)
    assert told["summary"].startswith("PASSED. ")
    assert told["report"] == result.artifacts.html
    assert folder.read_told().at is not None


async def test_one_that_does_not_take_it_is_named_and_told_again(closed, tmp_path):
    folder = closed("test -e repaired || { echo no pager >&2; exit 3; }")
    with pytest.raises(ApplicationError, match=r"page ended with 3: no pager"):
        await notify(folder)
    assert (folder.read_told().at, folder.read_told().failure) == (
        None,
        "./page ended with 3: no pager",
    )
    (tmp_path / "repaired").touch()
    await notify(folder)
    assert folder.read_told().failure == ""


async def test_each_channel_is_told_once_although_another_takes_nothing(closed, tmp_path):
    sulks = tmp_path / "sulks"
    sulks.write_text("#!/bin/sh\ntest -e repaired\n")
    sulks.chmod(0o755)
    folder = closed("cat >> told.json; echo >> told.json", Channel(command=("./sulks",)))
    with pytest.raises(ApplicationError, match="sulks ended with 1"):
        await notify(folder)
    assert folder.read_told().taken == (0,)
    (tmp_path / "repaired").touch()
    await notify(folder)
    assert len((tmp_path / "told.json").read_text().splitlines()) == 1
    assert (folder.read_told().taken, folder.read_told().failure) == ((0, 1), "")
