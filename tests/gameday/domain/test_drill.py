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


PIN = {"step": "pin_model", "to": "previous"}
WINDOWS = {"baseline": "20s", "faulted": "20s", "responded": "20s", "recovered": "20s"}
REHEARSAL = {"baseline": "20s", "responded": "20s", "recovered": "20s"}


def made(**changes) -> Drill:
    drill = load_drill(find_drill("provider-outage")).model_dump()
    return Drill.model_validate(drill | changes)


def test_a_response_follows_the_fault_and_has_its_window():
    drill = made(respond=[PIN], windows=WINDOWS)
    step = drill.respond[0]
    assert (step.kind, step.on, step.settings) == (
        "pin_model", "component/model", {"to": "previous"},
    )  # fmt: skip
    assert step.words == "pin_model on component/model, to previous"
    assert [name for name, _ in drill.windows.in_order()] == [
        "baseline", "faulted", "responded", "recovered",
    ]  # fmt: skip
    assert Drill.model_validate_json(drill.model_dump_json()) == drill
    assert Drill.model_validate(drill.model_dump()) == drill


def test_a_rehearsal_has_the_response_alone():
    drill = made(respond=[PIN], rehearse="rollback", windows=REHEARSAL, faults=[])
    assert [name for name, _ in drill.windows.in_order()] == ["baseline", "responded", "recovered"]


FAULT = [{"kind": "connection_refused", "on": "provider/primary"}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"respond": [PIN]}, "has the window responded"),
        ({"windows": WINDOWS}, "one without any has not"),
        ({"respond": [PIN, PIN], "windows": WINDOWS}, "would undo each other"),
        (
            {"respond": [PIN], "windows": REHEARSAL, "faults": []},
            "a response to nothing: add the fault",
        ),
        (
            {"respond": [PIN], "windows": REHEARSAL, "faults": FAULT},
            "a drill with faults has the window faulted",
        ),
        (
            {"rehearse": "rollback", "respond": [PIN], "windows": WINDOWS, "faults": FAULT},
            "rehearse: rollback breaks nothing",
        ),
        (
            {"rehearse": "rollback", "windows": WINDOWS | {"responded": None}},
            "needs the steps of the response",
        ),
        (
            {"windows": REHEARSAL | {"peak": "20s"}, "respond": [PIN], "faults": []},
            "nobody responds to a load that goes up",
        ),
        ({"windows": {"baseline": "20s", "recovered": "20s"}}, "expected exactly one of faulted"),
        ({"rehearse": "failover"}, "Input should be 'rollback'"),
        (
            {"respond_by": "plan", "respond": [PIN], "windows": WINDOWS, "faults": FAULT},
            "expected detect with its margin",
        ),
        (
            {
                "respond_by": "plan",
                "respond": [PIN],
                "windows": WINDOWS,
                "faults": FAULT,
                "detect": {"by": ["envelope"]},
            },
            "and `changed` among what it is noticed by",
        ),
        ({"respond_by": "plan", "faults": FAULT}, "expected faults, and steps for them"),
    ],
)
def test_a_response_that_makes_no_sense_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        made(**changes)
