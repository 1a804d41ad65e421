"""What a window's answers are compared with: the run's own baseline, or a recorded reference."""

import pytest
from temporalio.exceptions import ApplicationError

from activities.messages import Noticing
from activities.noticing import noticer_of
from gameday.domain.detection import Detect
from gameday.domain.reference import Reference
from gameday.store.run_folder import RunFolder
from tests.gameday.checks.staged import ARMED_AT, START
from tests.gameday.domain.test_reference import ABOUT, RECORDED, answered


def noticing(reference):
    detect = Detect(by=("changed",), reference=reference)
    return Noticing(detect=detect, since=START, until=ARMED_AT)


@pytest.mark.parametrize(
    ("reference", "text", "noticed"),
    [
        ("recorded", "It takes days, about", False),
        ("recorded", "Nobody knows", True),
        ("fresh", "It takes days, about", True),  # the baseline of this run said something else
        ("fresh", "Nobody knows", False),
    ],
)
async def test_answers_are_compared_with_what_the_drill_names(tmp_path, reference, text, noticed):
    folder = RunFolder(tmp_path)
    folder.write_reference(Reference.of(RECORDED, ABOUT))
    folder.append_samples(answered(START, "Nobody knows"))
    noticer = await noticer_of(folder, ARMED_AT, noticing(reference))
    found = await noticer.noticed(answered(ARMED_AT, text, n=100), None)
    assert (found is not None) is noticed


async def test_a_reference_that_is_missing_is_not_replaced_by_the_baseline(tmp_path):
    folder = RunFolder(tmp_path)
    folder.append_samples(answered(START, "Nobody knows"))
    with pytest.raises(ApplicationError, match="has no recorded reference"):
        await noticer_of(folder, ARMED_AT, noticing("recorded"))
