"""The preflight's line about isolation, when it refuses, and what the injector is told."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.inject import InjectActivities
from activities.messages import Arm
from activities.preflight import PreflightActivities
from gameday.domain.isolation import Finding, IsolationProof, PlaceFinding, PlaceKind
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.plan import make_plan
from gameday.domain.record import RunRequest, injections
from gameday.injector.health import Health
from gameday.probes.canaries import proof_digest
from gameday.store.incidents import Incidents
from gameday.store.isolation import IsolationProofs
from gameday.store.ledger import Ledger
from tests.activities.preflight_rig import SUITE, nobody_else
from tests.gameday.reporting.runs import make_drill, make_target


class Injector:
    """Allows everything, and remembers what it was asked."""

    url = "http://injector"

    def __init__(self):
        self.asked = []

    async def health(self):
        return Health(
            version="1", uptime_s=1, stopped=False, policy="p", toxiproxy=True, armed=0, stuck=0
        )

    async def check(self, injection):
        self.asked.append(injection)
        return ""

    async def arm(self, fault_id, injection):
        self.asked.append(injection)
        return FaultRecord(
            id=fault_id, run_id="R", kind="k", on="o", claim="c", state=FaultState.ARMED
        )


def request(folder, environment):
    (folder / "suite.yaml").write_text(SUITE)
    made = make_target()
    there = next(iter(made.environments.values())).model_copy(
        update={"front_door": "http://127.0.0.1:1/v1"}
    )
    target = made.model_copy(update={"environments": {environment: there}})
    drill = make_drill()
    return RunRequest(
        run_id="R", drill=drill, target=target, environment=environment,
        suite_file=str(folder / "suite.yaml"), folder=str(folder / "run"),
        plan=make_plan(drill, target, environment), requested_by="t",
    )  # fmt: skip


def proof(wanted, *, finding=Finding.ISOLATED, digest="", age=timedelta(hours=2)):
    place = PlaceFinding(
        name="refunds", place=PlaceKind.TOOLS, finding=finding, sentence="it said so", acts=True
    )
    return IsolationProof(
        target=wanted.target.target, environment=wanted.environment,
        digest=digest or proof_digest(wanted.target, wanted.environment),
        canary="c", at=datetime.now(UTC) - age, places=(place,),
    )  # fmt: skip


async def line(folder, wanted, injector):
    activities = PreflightActivities(
        lambda _: injector, IsolationProofs(folder), Ledger(folder), Incidents(folder), nobody_else
    )
    report = await ActivityEnvironment().run(activities.preflight, wanted)
    return next(line for line in report.lines if line.name == "isolation")


@pytest.mark.parametrize("environment", ["staging", "production"])
async def test_a_proof_of_this_target_is_told_with_its_age(tmp_path, environment):
    wanted, injector = request(tmp_path, environment), Injector()
    IsolationProofs(tmp_path).keep(proof(wanted))
    said = await line(tmp_path, wanted, injector)
    assert said.ok
    assert said.sentence == "isolated: refunds; looked at 2.0 h ago"
    assert 7200 <= injector.asked[0].isolation_age_s < 7300


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (None, "nobody has looked with this target file"),
        ({"digest": "of another target file"}, "nobody has looked with this target file"),
        ({"finding": Finding.LEAKED}, "refunds: it said so"),
        ({"finding": Finding.UNPROVEN}, "refunds: it said so"),
    ],
)
@pytest.mark.parametrize(("environment", "ok"), [("staging", True), ("production", False)])
async def test_without_a_proof_production_alone_is_refused(tmp_path, kept, why, environment, ok):
    wanted, injector = request(tmp_path, environment), Injector()
    if kept is not None:
        IsolationProofs(tmp_path).keep(proof(wanted, **kept))
    said = await line(tmp_path, wanted, injector)
    assert said.ok is ok
    assert why in said.sentence
    assert ok or f"gameday doctor --isolation --environment {environment}" in said.sentence
    assert injector.asked[0].isolation_age_s is None


@pytest.mark.parametrize(
    ("finding", "is_told"), [(Finding.ISOLATED, True), (Finding.LEAKED, False)]
)
async def test_the_injector_is_told_the_age_when_it_arms_too(tmp_path, finding, is_told):
    wanted, injector = request(tmp_path, "staging"), Injector()
    IsolationProofs(tmp_path).keep(proof(wanted, finding=finding))
    activities = InjectActivities(lambda _: injector, IsolationProofs(tmp_path))
    arm = Arm(fault_id="f", injector="http://i", injection=injections(wanted)[0])
    armed = await ActivityEnvironment().run(activities.inject, arm)
    assert armed.record.id == "f"
    assert (injector.asked[0].isolation_age_s is not None) is is_told
