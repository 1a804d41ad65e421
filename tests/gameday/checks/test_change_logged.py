"""The check `change_logged`: what a store tells of the very edit that the drill made."""

from datetime import timedelta

import pytest

from gameday.checks.change_logged import ChangeLogged
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import ARMED_AT, EDIT, seen, without

CHECK = ChangeLogged()


def edited(**version):
    told = {**EDIT.evidence["version_while"], **version}
    return EDIT.model_copy(
        update={"evidence": {"version_while": {k: v for k, v in told.items() if v is not None}}}
    )


def judged(*faults):
    return CHECK.judge(seen(faults=faults))


def test_it_holds_where_the_store_tells_who_and_when():
    found = judged(edited())
    assert found.held is Held.YES
    assert found.reason == "corpus was changed by Ada at 02:00:20, as its store tells"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"by": None, "changed_at": None}, "does not tell who changed it, and when it was changed"),
        ({"changed_at": None}, "does not tell when it was changed"),
        ({"by": None}, "(tree 3f2a) does not tell who changed it"),
    ],
)
def test_it_is_a_no_where_the_store_does_not(version, said):
    found = judged(edited(**version))
    assert found.held is Held.NO
    assert found.reason.endswith(said)


@pytest.mark.parametrize(("seconds", "held"), [(-60, Held.YES), (60, Held.YES), (-61, Held.NO)])
def test_the_time_is_that_of_this_edit_and_of_no_other(seconds, held):
    at = (ARMED_AT + timedelta(seconds=seconds)).isoformat()
    found = judged(edited(changed_at=at))
    assert found.held is held
    assert ("61 s from the edit (at most 60 s)" in found.reason) is (held is Held.NO)


def test_one_edit_that_is_not_logged_is_enough():
    prompt = edited(by=None).model_copy(update={"on": "component/prompt"})
    found = judged(edited(), prompt)
    assert found.held is Held.NO
    assert "prompt" in found.reason
    assert "corpus" not in found.reason


def test_without_an_edit_that_was_read_it_is_unknown():
    other = EDIT.model_copy(update={"on": "provider/primary"})
    unread = EDIT.model_copy(update={"evidence": {}})
    for faults in ((), (other,), (unread,)):
        assert judged(*faults).held is Held.UNKNOWN
    assert CHECK.judge(without(seen(faults=(EDIT,)), "faulted")).held is Held.UNKNOWN
