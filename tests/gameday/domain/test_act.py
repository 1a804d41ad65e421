"""What an act says of itself."""

import pytest
from pydantic import ValidationError

from gameday.domain.act import ActOrder, ActOutlook, ActRecord, ActState
from tests.gameday.domain.test_proposal import AT, OFF, PIN, proposal


def test_only_a_step_of_the_proposal_can_be_ordered() -> None:
    assert ActOrder(proposal=proposal(), step=PIN).step == PIN
    with pytest.raises(ValidationError, match=r"feature_off .* is no step of the proposal"):
        ActOrder(proposal=proposal(), step=OFF)


def test_the_same_kind_with_another_setting_is_no_step_of_it() -> None:
    edited = PIN.model_copy(update={"settings": {"to": "heron-3"}})
    with pytest.raises(ValidationError, match="is no step of the proposal"):
        ActOrder(proposal=proposal(), step=edited)


def record(**fields: object) -> ActRecord:
    known = {
        "id": "7Q2K-act-1",
        "run_id": "7Q2K",
        "target": "lab",
        "environment": "lab",
        "incident": "INC-12",
        "step": PIN,
        "proposal_digest": "ab" * 32,
        "asked_by": "ada",
        "called_at": AT,
    }
    return ActRecord.model_validate({**known, **fields})


def test_a_problem_is_told_unless_it_was_read_back_as_done_or_undone() -> None:
    assert record(state=ActState.DONE).problem == ""
    assert record(state=ActState.UNDONE, failed="it had said no").problem == ""
    assert record(state=ActState.UNKNOWN).problem == "it was not read back"
    told = record(state=ActState.NOT_DONE, failed="it says no", unverified="it is x, not y")
    assert told.problem == "it says no; it is x, not y"


@pytest.mark.parametrize(("approved", "left"), [((), 2), (("bob",), 1), (("bob", "eve", "ivy"), 0)])
def test_it_waits_for_as_many_as_are_missing(approved: tuple[str, ...], left: int) -> None:
    assert ActOutlook(approvals=2, approved_by=approved).waits_for == left
