"""A game day's own decisions: what follows what, who must say yes, what stops it."""

import asyncio
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from gameday.domain.calendar import Freeze
from gameday.domain.channel import Channel
from gameday.domain.game_day import DayApproval, Mark
from gameday.domain.verdict import Verdict
from gameday.store.game_days import read_game_day
from tests.workflows.game_day_rig import (
    Drills,
    at_work,
    connected,
    dev_server,
    request_of,
    start,
)
from workflows.game_day import GameDayWorkflow


@pytest.fixture
def drills(tmp_path):
    return Drills(tmp_path)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with dev_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


@pytest.fixture
async def client(server):
    return await connected(server)


@pytest.fixture
async def working(client, tmp_path, drills):
    async with at_work(client, tmp_path / "state", drills):
        yield client


async def until(look, *, within_s=30.0):
    for _ in range(int(within_s / 0.05)):
        if found := await look():
            return found
        await asyncio.sleep(0.05)
    pytest.fail("it did not come to that")


async def waits_for(handle):
    async def gate():
        return (await handle.query(GameDayWorkflow.progress)).waits_for

    return await until(gate)


async def say_yes(handle, by, digest):
    return await handle.execute_update(GameDayWorkflow.approve, DayApproval(by=by, digest=digest))


async def has_begun(handle, drills, count):
    async def begun():
        return len(drills.began) >= count

    return await until(begun)


async def test_drills_run_one_after_the_other_and_all_is_left_in_the_folder(
    working, drills, tmp_path
):
    request = request_of(tmp_path, 3)
    day = await (await start(working, request, drills.day)).result()
    assert drills.began == drills.ids(3)
    assert (day.verdict, day.reason) == (Verdict.PASSED, "3 of 3 drills passed")
    assert read_game_day(tmp_path / "runs" / drills.day) == day
    assert [one.run_id for one in day.drills] == drills.began
    assert all(one.checks and one.ended_at for one in day.drills)
    assert day.digest == request.digest


@pytest.mark.parametrize(
    ("verdict", "stop_on", "stops"),
    [
        (Verdict.FAILED, ["failed"], True),
        (Verdict.FAILED, [], False),
        (Verdict.INCONCLUSIVE, ["failed"], False),
        (Verdict.DIRTY, [], True),
        (Verdict.ABORTED, [], True),
    ],
)
async def test_the_stop_rule_ends_the_day(working, drills, tmp_path, verdict, stop_on, stops):
    drills.verdicts[2] = verdict
    day = await (
        await start(working, request_of(tmp_path, 3, stop_on=stop_on), drills.day)
    ).result()
    assert len(drills.began) == (2 if stops else 3)
    assert day.verdict is verdict
    assert day.drills[2].verdict is (None if stops else Verdict.PASSED)
    if stops:
        assert day.reason == (
            f"1 of 3 drills passed; 1 did not run: provider-outage {verdict}, and the day stops "
            "on that"
        )


async def test_preconditions_are_confirmed_by_who_leads_and_a_drill_by_who_approves(
    working, drills, tmp_path
):
    request = request_of(
        tmp_path,
        preconditions=["No release today."],
        drills=[{"drill": "provider-outage"}, {"drill": "provider-outage", "approval": True}],
    )
    handle = await start(working, request, drills.day)
    assert (await waits_for(handle)).by == ("ana",)
    assert drills.began == []
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await say_yes(handle, "cyd", request.digest)
    assert "cyd is none of ana" in str(refused.value.cause)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await say_yes(handle, "ana", "another")
    assert "for another game day" in str(refused.value.cause)
    assert "the preconditions hold" in await say_yes(handle, "ana", request.digest)
    await has_begun(handle, drills, 1)
    assert (await waits_for(handle)).by == ("cyd",)
    assert drills.began == drills.ids(1)
    await say_yes(handle, "cyd", request.digest)
    day = await handle.result()
    assert (day.confirmed_by, [one.approved_by for one in day.drills]) == ("ana", ["", "cyd"])
    assert day.verdict is Verdict.PASSED


async def test_whoever_is_waited_for_is_told(working, drills, tmp_path):
    told = tmp_path / "told.json"
    request = paging(request_of(tmp_path, preconditions=["No."]), tmp_path, ("tee", str(told)))
    handle = await start(working, request, drills.day)
    await waits_for(handle)
    await say_yes(handle, "ana", request.digest)
    await handle.result()
    notice = json.loads(told.read_text())
    assert (notice["kind"], notice["people"]) == ("waits", ["ana"])
    assert notice["sentence"].endswith("waits for your word that the preconditions hold")
    assert notice["next_step"] == f"gameday game-day approve {drills.day} --as ana"


async def test_without_a_yes_in_time_nothing_runs(working, drills, tmp_path):
    request = request_of(tmp_path, preconditions=["No release."], approval_within="1s")
    day = await (await start(working, request, drills.day)).result()
    assert drills.began == []
    assert day.verdict is Verdict.REFUSED
    assert day.reason == (
        "0 of 2 drills passed; 2 did not run: none of ana said within 1 s that the preconditions "
        "hold"
    )


def paging(request, folder, command):
    target = request.target.model_copy(update={"notify": Channel(command=command)})
    (folder / "gameday.yaml").write_text("")
    return request.model_copy(update={"target": target})


async def test_people_are_paged_and_their_moments_stand_beside_the_drill(working, drills, tmp_path):
    drills.hangs = {1}
    request = request_of(
        tmp_path, drills=[{"drill": "provider-outage", "pages": True}, {"drill": "provider-outage"}]
    )
    told = tmp_path / "told.json"
    handle = await start(working, paging(request, tmp_path, ("tee", str(told))), drills.day)
    await has_begun(handle, drills, 1)
    await handle.execute_update(GameDayWorkflow.mark, Mark(what="acknowledged", by="bo"))
    await handle.execute_update(
        GameDayWorkflow.mark, Mark(what="decided", by="bo", words="pin the model")
    )
    kept = read_game_day(tmp_path / "runs" / drills.day).drills[0]
    assert (kept.people.acknowledged_by, kept.verdict) == ("bo", None)
    drills.hangs = set()
    day = await handle.result()
    times = day.drills[0].people
    assert (times.paged, times.decision) == (("bo",), "pin the model")
    assert 0 <= times.acknowledged_after_s <= times.decided_after_s
    assert day.drills[1].people.paged_at is None
    notice = json.loads(told.read_text())
    assert (notice["kind"], notice["people"], notice["game_day"]) == ("page", ["bo"], drills.day)


@pytest.mark.parametrize("hook", [None, ("./no-such-program",)])
async def test_a_page_that_reached_nobody_is_said_and_stops_nothing(
    working, drills, tmp_path, hook
):
    request = request_of(tmp_path, drills=[{"drill": "provider-outage", "pages": True}])
    request = paging(request, tmp_path, hook) if hook else request
    day = await (await start(working, request, drills.day)).result()
    assert day.verdict is Verdict.PASSED
    assert day.drills[0].people.paged_at is None
    (note,) = day.notes
    assert note.startswith("nobody was paged for provider-outage: ")


async def test_an_abort_ends_the_drill_that_goes_on_and_the_day(working, drills, tmp_path):
    drills.hangs = {1}
    handle = await start(working, request_of(tmp_path), drills.day)
    await has_begun(handle, drills, 1)
    await handle.signal(GameDayWorkflow.abort, "dana")
    day = await handle.result()
    assert drills.began == drills.ids(1)
    assert day.verdict is Verdict.ABORTED
    assert day.drills[0].sentence == "dana aborted the drill"
    assert day.reason == "0 of 2 drills passed; 1 did not run: dana aborted the game day"


async def test_a_cancel_cancels_the_drill_and_the_day_is_written_as_aborted(
    working, drills, tmp_path
):
    drills.hangs = {1}
    request = request_of(tmp_path)
    handle = await start(working, request, drills.day)
    await has_begun(handle, drills, 1)
    # What a real drill's guardian leaves of a run that was cancelled.
    left = Path(request.run_request(drills.day, 0).folder)
    left.mkdir(parents=True)
    (left / "result.json").write_text(drills.result(Verdict.ABORTED).model_dump_json(by_alias=True))
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    day = read_game_day(tmp_path / "runs" / drills.day)
    assert (day.verdict, day.drills[0].verdict) == (Verdict.ABORTED, Verdict.ABORTED)
    assert day.drills[1].verdict is None
    assert day.ended_at is not None


async def test_a_freeze_of_the_target_lets_no_day_begin(working, drills, tmp_path):
    freeze = Freeze.model_validate({"from": "2000-01-01", "to": "2099-01-01", "reason": "sale"})
    request = request_of(tmp_path)
    target = request.target.model_copy(update={"freezes": (freeze,)})
    day = await (
        await start(working, request.model_copy(update={"target": target}), drills.day)
    ).result()
    assert drills.began == []
    assert day.verdict is Verdict.REFUSED
    assert day.reason.endswith("a freeze is on: 2000-01-01 to 2099-01-01: sale")
    assert not (tmp_path / "runs" / drills.day).exists()


async def test_a_day_goes_on_with_another_worker_when_its_own_is_gone(client, drills, tmp_path):
    drills.hangs = {1}
    async with at_work(client, tmp_path / "state", drills):
        handle = await start(client, request_of(tmp_path), drills.day)
        await has_begun(handle, drills, 1)
    drills.hangs = set()
    async with at_work(client, tmp_path / "state", drills):
        day = await handle.result()
    assert day.verdict is Verdict.PASSED
    assert [one.run_id for one in day.drills] == drills.ids(2)


async def test_a_run_that_was_there_before_is_not_run_again(working, drills, tmp_path):
    request = request_of(tmp_path, stop_on=["refused"])
    await (await start(working, request, drills.day)).result()
    again = await (await start(working, request, drills.day)).result()
    assert again.verdict is Verdict.REFUSED
    assert again.drills[0].sentence == f"there is, or was, a run {drills.day}-1"
    assert drills.began == drills.ids(2)
