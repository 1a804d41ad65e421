"""Which findings a run's report tells, and what its folder keeps of them."""

import json

import pytest

from gameday.store.findings import Findings
from gameday.store.run_folder import RunFolder
from tests.gameday.exports.judged import judge
from tests.gameday.reporting.days import make_finding
from tests.gameday.reporting.runs import START, passing_run


@pytest.fixture
def result(tmp_path):
    return judge(passing_run(), tmp_path).result


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"run": "7Q2K"}, True),
        ({"run": "7Q2K", "closed_at": START}, True),
        ({"run": "OLD"}, True),  # of the same drill and target, and open
        ({"run": "OLD", "closed_at": START}, False),
        ({"run": "OLD", "closed_at": START, "retests": ("7Q2K",)}, True),
        ({"run": "OLD", "drill": "quota-exhausted"}, False),
        ({"run": "OLD", "environment": "production"}, False),
        ({"run": "OLD", "target": "shop"}, False),
    ],
)
def test_a_run_tells_its_own_and_those_that_are_open_for_its_drill(changes, told, result, tmp_path):
    findings = Findings(tmp_path)
    findings.open(make_finding(**changes))
    assert bool(findings.about(result)) is told


def test_a_copy_is_kept_beside_the_run_as_long_as_there_is_one(result, tmp_path):
    folder, findings = RunFolder(tmp_path / "7Q2K"), Findings(tmp_path)
    assert findings.keep_beside(folder, result) == []
    assert not folder.findings_file.exists()
    opened = findings.open(make_finding(run="OLD"))
    findings.keep_beside(folder, result)
    assert json.loads(folder.findings_file.read_text())["id"] == opened.id
    findings.put(opened.model_copy(update={"closed_at": START}))
    findings.keep_beside(folder, result)
    assert folder.findings_file.read_text() == ""
