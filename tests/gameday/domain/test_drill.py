"""A drill survives JSON, and refuses what would overlap."""

import pytest
from pydantic import ValidationError

from gameday.catalog.files import drill_names, find_drill, load_drill
from gameday.domain.drill import CheckSpec, Drill, FaultSpec


@pytest.mark.parametrize("path", [path for _, _, path in drill_names()], ids=str)
def test_round_trip(path):
    drill = load_drill(path)
    assert Drill.model_validate_json(drill.model_dump_json()) == drill
    assert Drill.model_validate(drill.model_dump()) == drill


def test_further_keys_are_settings():
    spec = FaultSpec.model_validate({"kind": "latency", "on": "provider/a", "latency_ms": 3})
    assert spec.settings == {"latency_ms": 3}
    assert CheckSpec.model_validate({"kind": "slo", "name": "x"}).settings == {"name": "x"}


def test_two_faults_on_one_resource_are_refused():
    drill = load_drill(next(path for _, _, path in drill_names()))
    with pytest.raises(ValidationError, match="would overlap"):
        Drill.model_validate(drill.model_dump() | {"faults": 2 * [drill.faults[0].model_dump()]})


@pytest.mark.parametrize(
    ("scope", "settings", "words"),
    [
        ("all", {}, "all traffic"),
        ("marked", {}, "marked traffic"),
        ("share", {"share": 0.25}, "25 % of the traffic"),
        ("marked", {"share": 0.008}, "0.8 % of the marked traffic"),
        (
            "share",
            {"share": 0.008, "later": [{"after": "20s", "share": 0.16}]},
            "0.8 % then 16 % of the traffic",
        ),
    ],
)
def test_a_fault_says_whose_traffic_it_touches(scope, settings, words):
    spec = FaultSpec(kind="any", on="provider/primary", scope=scope, settings=settings)
    assert spec.traffic == words


def with_control(control: str, scope: str) -> Drill:
    made = load_drill(find_drill("quota-exhausted")).model_dump()
    return Drill.model_validate(
        made
        | {
            "load": made["load"] | {"control": control},
            "faults": [fault | {"scope": scope} for fault in made["faults"]],
        }
    )


def test_a_control_group_goes_beside_faults_that_leave_it_alone():
    assert with_control("10/s", "marked").load.control_share == 0.5
    with pytest.raises(ValidationError, match="one that a fault touches controls nothing"):
        with_control("10/s", "all")
    assert with_control("off", "all").load.control_share == 0.0
    with pytest.raises(ValidationError, match="40/s, more than the load's 20/s"):
        with_control("40/s", "marked")
