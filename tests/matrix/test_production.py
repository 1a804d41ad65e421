"""An environment called production, end to end: proof of isolation, a twin, and a second person.

Both people are known by keys of their own, which `gameday key new` makes.
"""

import json
import subprocess
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_ports
from tests.lab.practice_lab import end, start
from tests.matrix.command import CHECKOUT, GAMEDAY

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(400)]
POLICY = """
policy: shop
people:
  ann: {{roles: [start, approve], known_by: {{key: {ann}}}}}
  bob: {{roles: [approve], known_by: {{key: {bob}}}}}
allow:
  - {{target: lab, environment: production, on: "provider/*", kinds: [connection_refused],
     scopes: [all], approvals: 1, twin: true}}
"""
SHORT = ["--set", "windows.baseline=11s", "--set", "windows.faulted=12s"]


@pytest.fixture
def production(tmp_path: Path):
    """A lab under another name, with an injector and workers of the operator's own."""
    lab = start(tmp_path / "lab")
    injector, temporal = free_ports(2)
    write_target(Path(lab.state.target_file), tmp_path / "gameday.yaml", injector)
    (tmp_path / "policy.yaml").write_text(
        POLICY.format(ann=key(tmp_path, "ann"), bob=key(tmp_path, "bob"))
    )
    argv = [GAMEDAY, "up", "--target", tmp_path / "gameday.yaml", "--policy"]
    argv += [tmp_path / "policy.yaml", "--toxiproxy", lab.state.toxiproxy, "--temporal-port"]
    argv += [temporal, "--injector-port", injector, "--state", tmp_path / "state"]
    up = Child("up", list(map(str, argv)), log=tmp_path / "up.log")
    up.start()
    up.wait_ready((tmp_path / "state" / "stack.json").exists, within_s=90)
    yield tmp_path
    up.stop(grace_s=60)
    end(lab)


def write_target(of_lab: Path, file: Path, injector: int) -> None:
    """The lab as a twin in production, behind Toxiproxy alone: its gate is no part of this."""
    yaml = YAML(typ="safe")
    target = yaml.load(of_lab)
    front_door = target["environments"]["lab"]["front_door"]
    target["environments"] = {
        "production": {
            "injector": f"http://127.0.0.1:{injector}",
            "front_door": front_door,
            "through": "twin",
        }
    }
    for provider in target["providers"].values():
        provider.pop("gate", None)
    for behind_the_gate in ("tools", "verifiers"):
        target.pop(behind_the_gate, None)
    with file.open("w") as written:
        yaml.dump(target, written)


def key(folder: Path, name: str) -> str:
    """Makes a person's key; the text that a policy knows it by."""
    argv = [GAMEDAY, "key", "new", name, "--out", str(folder / f"{name}.pem"), "--json"]
    made = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return str(json.loads(made.stdout)["text"])


def command(folder: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    whole = [GAMEDAY, *argv, "--state", str(folder / "state")]
    return subprocess.run(
        whole, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False
    )


def start_run(folder: Path) -> "subprocess.Popen[str]":
    argv = [GAMEDAY, "run", "provider-outage", "--json", "--key", str(folder / "ann.pem"), *SHORT]
    argv += ["--target", str(folder / "gameday.yaml"), "--state", str(folder / "state")]
    argv += ["--runs", str(folder / "runs")]
    return subprocess.Popen(
        argv, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def waiting_run(folder: Path) -> str:
    """The id of the run that waits for an approval."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        runs = json.loads(command(folder, "status", "--json").stdout)["runs"]
        if waiting := [run["run_id"] for run in runs if run.get("phase") == "approve"]:
            return str(waiting[0])
        time.sleep(0.5)
    raise AssertionError("no run waits for an approval")


def ended(run: "subprocess.Popen[str]") -> tuple[int, dict]:
    said, _ = run.communicate(timeout=180)
    return run.returncode, json.loads(said)


def test_production_wants_a_proof_and_a_second_person(production: Path):
    run = start_run(production)
    run_id = waiting_run(production)
    alone = command(production, "approve", run_id, "--key", str(production / "ann.pem"))
    assert alone.returncode == 6
    assert "ann asked for run" in alone.stderr
    by_name = command(production, "approve", run_id, "--as", "bob")
    assert by_name.returncode == 6
    assert "nobody is believed by name" in by_name.stderr
    bobs = ["--key", str(production / "bob.pem")]
    approved = command(production, "approve", run_id, *bobs)
    assert approved.returncode == 0, approved.stderr
    assert "approve by bob, known by key" in approved.stdout
    code, document = ended(run)
    assert code == 6, document["reason"]
    assert "synthetic requests may act for real in production" in document["reason"].lower()
    assert not document["faults"]

    target = str(production / "gameday.yaml")
    looked = command(production, "doctor", "--isolation", "--target", target)
    assert looked.returncode == 0, looked.stdout
    run = start_run(production)
    command(production, "approve", waiting_run(production), *bobs)
    code, document = ended(run)
    assert code == 0, document["reason"]
    assert document["faults"][0]["evidence"]["felt"]
    assert document["approved_by"] == "bob"
