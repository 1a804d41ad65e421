"""The published schemas: current, and of one mind with the loader."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from gameday.catalog.files import (
    drill_names,
    game_day_names,
    load_drill,
    load_game_day,
    load_policy,
    load_serving,
    load_target,
)
from gameday.catalog.kinds import checks, faults, scorers
from gameday.catalog.runbook_files import load_runbook
from gameday.catalog.schemas import SCHEMAS, schema_of, write_schemas
from gameday.catalog.suite_files import load_suite
from gameday.catalog.yaml_reader import read_file
from gameday.domain.errors import FileError
from tests.gameday.catalog.authored import (
    DRILL,
    GAME_DAY,
    POLICY,
    RUNBOOK,
    SUITE,
    TARGET,
    spoil,
    written,
)
from tests.gameday.serve.served import SERVE

ROOT = Path(__file__).resolve().parents[3]
LOADERS = {
    "drill": (load_drill, DRILL),
    "target": (load_target, TARGET),
    "policy": (load_policy, POLICY),
    "suite": (load_suite, SUITE),
    "serve": (load_serving, SERVE),
    "runbook": (load_runbook, RUNBOOK),
    "game_day": (load_game_day, GAME_DAY),
}


def valid(noun: str, path: Path) -> bool:
    validator = jsonschema.Draft202012Validator(schema_of(noun))
    return validator.is_valid(read_file(path, next_step="").raw)


@pytest.mark.parametrize("noun", SCHEMAS)
def test_the_published_schema_is_current(noun):
    published = json.loads((ROOT / "docs" / "schema" / f"{noun}.json").read_text())
    assert published == schema_of(noun), "python -m gameday.catalog.schemas docs/schema"


@pytest.mark.parametrize("noun", SCHEMAS)
def test_a_schema_is_a_schema(noun):
    jsonschema.Draft202012Validator.check_schema(schema_of(noun))


def test_all_are_written(tmp_path):
    write_schemas(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"{n}.json" for n in SCHEMAS}


@pytest.mark.parametrize("noun", LOADERS)
def test_what_the_loader_takes_the_schema_takes(noun, tmp_path):
    load, text = LOADERS[noun]
    path = written(tmp_path, text)
    load(path)
    assert valid(noun, path)


@pytest.mark.parametrize("path", [path for _, _, path in drill_names()], ids=lambda p: p.stem)
def test_the_shipped_drills_are_valid(path):
    assert valid("drill", path)


@pytest.mark.parametrize("path", [path for _, _, path in game_day_names()], ids=lambda p: p.stem)
def test_the_shipped_game_days_are_valid(path):
    assert valid("game_day", path)


def test_the_labs_suite_is_valid():
    path = ROOT / "lab" / "suite.yaml"
    assert len(load_suite(path).cases) >= 120
    assert valid("suite", path)


def test_the_files_that_the_lab_describes_itself_with_are_valid(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "lab", "describe", "--state", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert valid("target", tmp_path / "gameday.yaml")
    assert valid("policy", tmp_path / "policy.yaml")
    load_target(tmp_path / "gameday.yaml")
    load_policy(tmp_path / "policy.yaml")


@pytest.mark.parametrize(
    ("noun", "old", "new"),
    [
        ("drill", "faults:", "fault:"),
        ("drill", "20/s", "20"),
        ("drill", "within: 2s", "within: 2"),
        ("drill", "within: 2s", "witin: 2s"),
        ("drill", "within: 2s", "within: 2s, max_hops: 0"),
        ("drill", "kind: fallback", "kind: nope"),
        ("drill", "name: availability", "settings: {name: availability}"),
        ("drill", "connection_refused", "latency"),
        ("drill", "until: all_good", "until: some_good"),
        ("target", "openai", "opena"),
        ("target", "latency_p95", "latency_p96"),
        ("target", "env:LAB_KEY", "secret"),
        ("policy", "[all]", "[al]"),
        ("suite", "contains", "contain"),
        ("suite", "any: [sorry]", "any: []"),
        ("runbook", "ask: ledger_diff", "ask: ledger_dif"),
        ("runbook", "do: pin_model", "do: pin_modl"),
        ("runbook", "attempts: 2", "atempts: 2"),
        ("runbook", "attempts: 2", "attempts: 0"),
        ("runbook", "say: All", "says: All"),
        ("game_day", "stop_on: [failed]", "stop_on: [fail]"),
        ("game_day", "leads: ana", "leads: ''"),
        ("game_day", "grace_days: 7", "grace_days: 1w"),
        ("game_day", "every: quarter", "every: day"),
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(noun, old, new, tmp_path):
    load, text = LOADERS[noun]
    path = written(tmp_path, spoil(text, old, new))
    with pytest.raises(FileError):
        load(path)
    assert not valid(noun, path)


def test_the_drill_schema_spells_out_every_kind():
    definitions = schema_of("drill")["$defs"]
    for spec, registry in (("FaultSpec", faults), ("CheckSpec", checks)):
        titles = [choice["title"] for choice in definitions[spec]["oneOf"]]
        assert titles == [kind for kind, _ in registry.kinds()]
        for choice in definitions[spec]["oneOf"]:
            assert choice["description"] == registry.summary(choice["title"])
            assert "settings" not in choice["properties"]
            assert choice["properties"]["kind"]["const"] == choice["title"]
    suite = schema_of("suite")["$defs"]["ScorerSpec"]["oneOf"]
    assert [choice["title"] for choice in suite] == [kind for kind, _ in scorers.kinds()]
