"""The drills that rehearse the shipped runbooks fit the practice system, and can decide there."""

from pathlib import Path

import pytest

from gameday.catalog.files import drill_names, load_drill
from gameday.cli.planning import prepare
from gameday.cli.respond_planning import prepare_respond
from lab.files import make_policy, write_yaml
from tests.lab.test_files import target

ROOT = Path(__file__).resolve().parents[2]
DRILLS = [
    name for name, _, path in drill_names() if load_drill(path).respond_with is not None
]  # fmt: skip


@pytest.fixture
def target_file(tmp_path: Path) -> Path:
    file = tmp_path / "gameday.yaml"
    write_yaml(file, target(), "About.")
    return file


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_with_a_runbook_can_be_planned_and_decides(name: str, target_file: Path) -> None:
    prepared = prepare(name, [], target_file, None)
    assert prepared.runbook is not None
    assert prepared.plan.response
    longest_s = min(rule.deadline_max for rule in make_policy().allow)
    assert prepared.plan.fault_seconds_max <= longest_s


@pytest.mark.parametrize("path", sorted((ROOT / "runbooks").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_runbook_fits_the_practice_system(path: Path, target_file: Path) -> None:
    prepared = prepare_respond(path.stem, {}, target_file, None)
    assert prepared.runbook.runbook == path.stem
