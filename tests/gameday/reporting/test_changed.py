"""What each component stood at before, while it was changed, and after."""

from datetime import timedelta

import pytest

from gameday.domain.component import digest_of
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.reporting.changed import changed_components
from tests.gameday.reporting.runs import MadeRun, at, passing_run


def version(label: str) -> dict[str, str]:
    return {"label": label, "digest": digest_of(label)}


def held(*, step: bool = False, on: str = "component/corpus", **evidence: str) -> FaultRecord:
    return FaultRecord(
        id=f"R-{step}", run_id="R", kind="any", on=on, claim=on, step=step,
        state=FaultState.CLEARED, cleared_by=ClearedBy.RESTORE,
        cleared_at=at(60) + timedelta(seconds=step),
        evidence={name: version(label) for name, label in evidence.items()},
    )  # fmt: skip


@pytest.fixture
def run() -> MadeRun:
    return passing_run()


def changed(run: MadeRun, *records: FaultRecord):
    faults = tuple(one for one in records if not one.step)
    steps = tuple(one for one in records if one.step)
    return list(
        changed_components(run.record.model_copy(update={"faults": faults, "steps": steps}))
    )


def test_an_edit_that_is_put_back_is_exactly_as_before(run: MadeRun):
    edit = held(version_at_arm="a", version_while="b", version_after="a")
    (one,) = changed(run, edit)
    assert (one.on, one.before.label, one.during.label, one.after.label) == (
        "component/corpus", "a", "b", "a",
    )  # fmt: skip
    assert one.sentence == f"exactly as before, digest {digest_of('a')}"


def test_the_last_look_counts_where_a_step_was_set_upon_it(run: MadeRun):
    edit = held(version_at_arm="a", version_while="b", version_after="b")
    step = held(step=True, version_at_arm="b", version_at_clear="a", version_after="a")
    (one,) = changed(run, edit, step)
    assert (one.before.label, one.during.label, one.after.label) == ("a", "b", "a")


def test_a_step_alone_is_shown_with_what_it_had_set(run: MadeRun):
    step = held(step=True, version_at_arm="a", version_at_clear="b", version_after="a")
    (one,) = changed(run, step)
    assert (one.before.label, one.during.label, one.after.label) == ("a", "b", "a")


def test_what_others_changed_beside_it_is_said(run: MadeRun):
    (one,) = changed(run, held(version_at_arm="a", version_while="b", version_after="c"))
    assert "somebody has changed it meanwhile" in one.sentence
    assert digest_of("c") in one.sentence


def test_what_was_not_read_is_not_claimed(run: MadeRun):
    (one,) = changed(run, held(version_at_arm="a", version_while="b"))
    assert one.after is None
    assert one.sentence == "whether it is as before is not known: it was not read"


def test_a_fault_at_a_provider_changes_no_component(run: MadeRun):
    assert changed(run, held(on="provider/primary", version_at_arm="a")) == []
