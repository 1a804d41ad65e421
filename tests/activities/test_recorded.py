"""A drill that compares with a recorded reference gets it, or is refused with what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.recorded import keep_reference
from gameday.catalog.suite_files import suite_digest
from gameday.domain.drill import Drill
from gameday.domain.errors import RefusedError
from gameday.domain.reference import Reference
from gameday.store.references import References
from gameday.store.run_folder import RunFolder
from tests.gameday.domain.test_reference import ABOUT, RECORDED
from tests.gameday.reporting.runs import make_drill, make_request

REQUEST = make_request("7Q2K", make_drill())
NOW = datetime.now(UTC)
CHANGED = {"kind": "changed", "within_requests": 120}
IN_CHECK = {"checks": [{**CHANGED, "reference": "recorded"}]}
IN_DETECT = {"checks": [CHANGED], "detect": {"reference": "recorded"}}
NOWHERE = {"checks": [CHANGED], "detect": {}}


@pytest.fixture
def asked(tmp_path):
    (tmp_path / "suite.yaml").write_text("suite: support\n")

    def request(says):
        drill = Drill.model_validate(REQUEST.drill.model_dump(mode="json") | says)
        return REQUEST.model_copy(
            update={
                "drill": drill,
                "suite_file": str(tmp_path / "suite.yaml"),
                "folder": str(tmp_path / "runs" / "7Q2K"),
            }
        )

    return request


def recorded(tmp_path, **about):
    usual = {
        "target": REQUEST.target.target,
        "environment": REQUEST.environment,
        "suite": REQUEST.drill.load.suite,
        "suite_digest": suite_digest(tmp_path / "suite.yaml"),
        "recorded_at": NOW - timedelta(days=1),
        "expires_at": NOW + timedelta(days=1),
    }
    reference = Reference.of(RECORDED, ABOUT.model_copy(update=usual | about))
    References(tmp_path).keep(reference)
    return reference


@pytest.mark.parametrize("says", [IN_CHECK, IN_DETECT], ids=["check", "detect"])
def test_the_run_gets_the_reference_of_its_target_environment_and_suite(tmp_path, asked, says):
    reference, request = recorded(tmp_path), asked(says)
    keep_reference(request, tmp_path)
    assert RunFolder(request.folder).read_reference() == reference


def test_a_drill_that_compares_with_its_baseline_needs_none(tmp_path, asked):
    request = asked(NOWHERE)
    keep_reference(request, tmp_path)
    assert RunFolder(request.folder).read_reference() is None


@pytest.mark.parametrize(
    ("about", "why"),
    [
        (None, "compares with a recorded reference, and none was recorded of support at lab/lab"),
        ({"expires_at": NOW - timedelta(hours=1)}, "the recording is too old"),
        ({"suite_digest": "0" * 64}, "the suite support was changed since"),
    ],
)
def test_without_one_that_can_be_compared_with_it_is_refused(tmp_path, asked, about, why):
    if about is not None:
        recorded(tmp_path, **about)
    with pytest.raises(RefusedError, match=why) as refused:
        keep_reference(asked(IN_DETECT), tmp_path)
    assert refused.value.next_step == "gameday record"
