"""What a bundle holds of a run's plan is what was run."""

from pathlib import Path

import pytest

from gameday.catalog.files import drill_names, load_drill
from gameday.evidence.bundle import drill_file
from tests.gameday.evidence.sealed import files_in, seal

DRILLS = [path for _, _, path in drill_names()]


@pytest.mark.parametrize("file", DRILLS, ids=[file.stem for file in DRILLS])
def test_the_drill_in_a_bundle_is_a_drill_file_again(file, tmp_path):
    drill = load_drill(file)
    again = tmp_path / "drill.json"
    again.write_bytes(drill_file(drill))
    assert load_drill(again) == drill


def test_nothing_of_a_run_is_forgotten_but_what_comes_after_it(tmp_path):
    folder, _ = seal(tmp_path)
    (folder.path / ".record.json.lock").touch()
    there = {str(path.relative_to(folder.path)) for path in folder.path.rglob("*.*")}
    later = {"bundle.zip", "reporter.pub", ".record.json.lock"}
    hidden = {name for name in there if Path(name).name.startswith(".")}
    made = {"drill.json", "plan.json", "manifest.json", "statement.intoto.json"}
    assert set(files_in(folder.bundle_file)) == there - later - hidden | made
