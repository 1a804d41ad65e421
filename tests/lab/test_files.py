"""The target and the policy that a lab writes read back as what they were."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.front_door import Marker
from gameday.domain.gate_config import GateConfig
from gameday.domain.lease import Injection
from gameday.domain.policy import Policy
from gameday.domain.target import Target
from gameday.supervisor.secrets import read_secret
from lab.files import (
    GatePlaces,
    make_gate,
    make_policy,
    make_target,
    write_token,
    write_yaml,
)
from lab.model_version import MARLIN


def target(model: str = MARLIN.name, factor: float = 1.0) -> Target:
    return make_target(
        injector="http://127.0.0.1:8470",
        front_door="http://127.0.0.1:9/v1",
        order_tool="http://127.0.0.1:8",
        orders="http://127.0.0.1:7",
        logs={"primary": "http://127.0.0.1:1/log", "secondary": "http://127.0.0.1:2/log"},
        secondary_model=model,
        secondary_price_factor=factor,
    )


def gate() -> GateConfig:
    places = GatePlaces(
        admin="127.0.0.1:3",
        primary="127.0.0.1:4",
        secondary="127.0.0.1:5",
        orders="127.0.0.1:7",
        policy="127.0.0.1:8",
    )
    names = ("primary", "secondary", "orders", "policy")
    return make_gate(places, {name: f"http://127.0.0.1:{n}" for n, name in enumerate(names, 1)})


def test_a_target_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "gameday.yaml"
    write_yaml(file, target(), "About.")
    assert Target.model_validate(YAML(typ="safe").load(file)) == target()
    assert file.read_text().startswith("# About.\n")


def test_a_policy_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    write_yaml(file, make_policy(), "About.")
    assert Policy.model_validate(YAML(typ="safe").load(file)) == make_policy()


def test_a_gate_file_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "gate.yaml"
    write_yaml(file, gate(), "About.")
    assert GateConfig.model_validate(YAML(typ="safe").load(file)) == gate()
    assert gate().listeners["secondary"].upstream == "http://127.0.0.1:2"
    assert {name: one.dialect for name, one in gate().listeners.items()} == {
        "primary": "openai",
        "secondary": "anthropic",
        "orders": "none",
        "policy": "none",
    }


def test_the_gates_token_lies_beside_its_file_for_this_user_alone(tmp_path: Path) -> None:
    loose = tmp_path / "gate.token"
    loose.write_text("old")
    loose.chmod(0o644)
    write_token(tmp_path)
    token = read_secret(gate().token, beside=tmp_path)
    assert len(token) >= 32
    assert token != "old"
    assert loose.stat().st_mode & 0o777 == 0o600


def test_every_listener_of_the_gate_stands_before_a_part_of_the_target() -> None:
    places = target().places.values()
    assert set(gate().listeners) == {one.gate for some in places for one in some.values()}
    assert target().front_door.marker == Marker(header="x-gameday")


def test_an_expensive_model_has_its_own_price_beside_the_healthy_one() -> None:
    prices = target("marlin-3-large", 3.0).prices
    assert prices["marlin-3-large"].input_usd_per_mtok == pytest.approx(
        3 * prices[MARLIN.name].input_usd_per_mtok
    )


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("kind", ["blackhole", "http_error", "stream_cut"])
@pytest.mark.parametrize(("lease_s", "allowed"), [(60.0, True), (61.0, False)])
def test_the_policy_allows_every_fault_up_to_its_lease(
    kind: str, scope: Scope, lease_s: float, allowed: bool
) -> None:
    wanted = Injection(
        run_id="r",
        drill="provider-outage",
        target="lab",
        environment="lab",
        fault=FaultSpec(kind=kind, on="provider/primary", scope=scope),
        address={"toxiproxy": "primary"},
        lease_s=lease_s,
        deadline_s=900.0,
        plan_digest="d",
        requested_by="test",
    )
    assert (make_policy().refusal(wanted, approvals=0) == "") is allowed
