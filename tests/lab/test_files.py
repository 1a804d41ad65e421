"""The target and the policy that a lab writes read back as what they were."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gameday.domain.drill import FaultSpec
from gameday.domain.lease import Injection
from gameday.domain.policy import Policy
from gameday.domain.target import Target
from lab.files import make_policy, make_target, write_yaml
from lab.model_version import MARLIN


def target(model: str = MARLIN.name, factor: float = 1.0) -> Target:
    return make_target(
        injector="http://127.0.0.1:8470",
        front_door="http://127.0.0.1:9/v1",
        logs={"primary": "http://127.0.0.1:1/log", "secondary": "http://127.0.0.1:2/log"},
        secondary_model=model,
        secondary_price_factor=factor,
    )


def test_a_target_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "gameday.yaml"
    write_yaml(file, target(), "About.")
    assert Target.model_validate(YAML(typ="safe").load(file)) == target()
    assert file.read_text().startswith("# About.\n")


def test_a_policy_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    write_yaml(file, make_policy(), "About.")
    assert Policy.model_validate(YAML(typ="safe").load(file)) == make_policy()


def test_an_expensive_model_has_its_own_price_beside_the_healthy_one() -> None:
    prices = target("marlin-3-large", 3.0).prices
    assert prices["marlin-3-large"].input_usd_per_mtok == pytest.approx(
        3 * prices[MARLIN.name].input_usd_per_mtok
    )


@pytest.mark.parametrize(("lease_s", "allowed"), [(60.0, True), (61.0, False)])
def test_the_policy_allows_connection_faults_up_to_its_lease(lease_s: float, allowed: bool) -> None:
    wanted = Injection(
        run_id="r",
        drill="provider-outage",
        target="lab",
        environment="lab",
        fault=FaultSpec(kind="blackhole", on="provider/primary"),
        address={"toxiproxy": "primary"},
        lease_s=lease_s,
        deadline_s=900.0,
        plan_digest="d",
        requested_by="test",
    )
    assert (make_policy().refusal(wanted, approvals=0) == "") is allowed
