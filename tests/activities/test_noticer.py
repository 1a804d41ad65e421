"""What is noticed first stands, and a window waits until both questions are answered."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.elsewhere import ReadElsewhere
from activities.messages import Noticing
from activities.noticing import Noticer, noticer_of
from gameday.domain.detection import Detect
from gameday.domain.incident import Alerted
from gameday.store.run_folder import RunFolder
from tests.gameday.checks.staged import ARMED_AT, START, sample

NOTHING = ReadElsewhere()


def answer(seq, at, quality):
    return sample(seq, at + timedelta(seconds=seq / 20), case=f"case-{seq % 10}", quality=quality)


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path / "RUN1")
    made.append_samples([answer(seq, START, 0.0 if seq % 10 == 0 else 1.0) for seq in range(380)])
    return made


async def noticer(folder, *by, **more):
    wanted = Noticing(detect=Detect(by=by, **more), since=START, until=ARMED_AT)
    return await noticer_of(folder, ARMED_AT, wanted)


class Rang(ReadElsewhere):
    """The operator's pager, at one moment."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    def rang_since(self, moment):
        assert moment == ARMED_AT
        return ("AssistantWorse", self.at, "sink") if self.at else None


async def test_where_nothing_is_to_be_noticed_nothing_is_looked_at(folder):
    looks = await noticer_of(folder, ARMED_AT, None)
    assert await looks.noticed([answer(0, ARMED_AT, 0.0)], NOTHING) is None
    assert looks.is_settled


async def test_the_envelope_can_be_waited_for_without_being_a_way_of_noticing(folder):
    looks = await noticer(folder, "changed", waits_for_envelope=True)
    assert not looks.is_settled
    for seq in range(200):
        assert await looks.noticed([answer(seq, ARMED_AT, 0.0)], NOTHING) is None
    assert looks.is_settled
    assert (await noticer(folder, "changed")).is_settled


async def test_a_bad_stretch_is_noticed_by_the_envelope_and_settles_it(folder):
    looks = await noticer(folder, "envelope")
    assert not looks.is_settled
    found = None
    for seq in range(200):
        found = await looks.noticed([answer(seq, ARMED_AT, 0.0)], NOTHING)
        if found:
            break
    assert (found.by, looks.is_settled) == ("envelope", True)
    assert await looks.noticed([answer(500, ARMED_AT, 1.0)], NOTHING) == found


async def test_answers_that_are_as_before_are_never_noticed(folder):
    looks = await noticer(folder, "envelope")
    same = [answer(seq, ARMED_AT, 0.0 if seq % 10 == 0 else 1.0) for seq in range(400)]
    assert await looks.noticed(same, NOTHING) is None


async def test_samples_from_before_the_window_do_not_count(folder):
    looks = await noticer(folder, "envelope")
    earlier = [answer(seq, START, 0.0) for seq in range(300)]
    assert await looks.noticed(earlier, NOTHING) is None


async def test_an_alert_counts_where_it_is_asked_for(folder):
    at = ARMED_AT + timedelta(seconds=4)
    deaf = await noticer(folder, "envelope")
    assert await deaf.noticed([], Rang(at)) is None
    looks = await noticer(folder, "alert")
    found = await looks.noticed([], Rang(at))
    assert (found.by, found.at) == ("alert", at)
    assert "the operator's alert AssistantWorse fired, as sink saw it at" in found.sentence
    assert looks.is_settled


async def test_after_an_alert_the_envelope_is_still_waited_for(folder):
    looks = await noticer(folder, "alert", "envelope")
    assert await looks.noticed([], Rang(ARMED_AT))
    assert not looks.is_settled
    await looks.noticed([answer(seq, ARMED_AT, 0.0) for seq in range(200)], Rang(ARMED_AT))
    assert looks.is_settled


def test_without_a_detector_it_is_settled():
    assert Noticer(None, datetime.now(UTC)).is_settled


async def test_an_alert_that_came_by_itself_is_noticed_where_alerts_are(folder):
    told = Alerted(
        alert="Worse", sender="watch", key="1", firing=True, began_at=ARMED_AT,
        received_at=ARMED_AT + timedelta(seconds=3), runbook="model-regressed",
    )  # fmt: skip
    deaf, looks = await noticer(folder, "changed"), await noticer(folder, "alert")
    assert await looks.noticed([], NOTHING) is None
    folder.write_alerted(told)
    folder.write_alerted(told.model_copy(update={"alert": "Another"}))
    found = await looks.noticed([], NOTHING)
    assert (found.by, found.at) == ("alert", ARMED_AT + timedelta(seconds=3))
    assert found.sentence.startswith("the operator's alert Worse fired, as watch saw it at ")
    assert await deaf.noticed([], NOTHING) is None
