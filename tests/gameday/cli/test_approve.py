"""From a person to the run: with a real injector whose policy names people, and a real Temporal.

The run's other activities are stand-ins; what they would do is not what is looked at here.
"""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from temporalio.client import Client
from temporalio.worker import Worker

from activities.people import PeopleActivities
from gameday.cli import approve as command
from gameday.cli import presses
from gameday.cli.identity import Signer, started_by
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import InjectorRefusedError, RefusedError
from gameday.domain.plan import make_plan
from gameday.domain.progress import Approval
from gameday.domain.verdict import Verdict
from gameday.injector.client import InjectorClient
from gameday.store.isolation import IsolationProofs
from gameday.supervisor.queues import QUEUE_CLOSE, QUEUE_DRILL, QUEUE_HOLD
from tests.gameday.identity.known import KEYS, SECRET, TEAM, key_of, press
from tests.gameday.injector.rig import InjectorProcess, ToxiproxyServer, soon, toxiproxy  # noqa: F401
from tests.gameday.reporting.runs import passing_run
from tests.workflows.conftest import temporal  # noqa: F401 - a fixture
from tests.workflows.stand_ins import StandIns
from workflows.drill import DrillWorkflow
from workflows.guardian import GuardianWorkflow

POLICY = f"""\
policy: tests
proofs:
  slack: {{kind: slack, secret: "file:slack", team: {TEAM}}}
people:
  ann: {{roles: [start, approve], known_by: {{key: {key_of("ann")}}}}}
  bob: {{roles: [approve], known_by: {{key: {key_of("bob")}}}}}
  cy: {{roles: [view], known_by: {{key: {key_of("cy")}}}}}
  dana: {{roles: [approve], known_by: {{slack: U012AB3CD}}}}
allow:
  - {{target: "*", environment: "*", on: "*", kinds: ["*"], scopes: [all], approvals: 2,
     lease_max: 60s, deadline_max: 900s}}
"""


class Rig:
    """An injector that names people, a drill that waits, and whoever speaks to both."""

    def __init__(self, folder: Path, client: Client, injector: InjectorClient) -> None:
        self.folder, self.client, self.here = folder, client, StandIns()
        self.asked = injector

    async def temporal(self) -> Client:
        return self.client

    def injector(self, at) -> InjectorClient:
        return self.asked

    def signer(self, name: str) -> Signer:
        file = self.folder / f"{name}.pem"
        pem = KEYS[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(pem)
        file.chmod(0o600)
        return Signer(name, file)

    async def says(self, name: str, run_id: str, word: str = "approve") -> None:
        await command._approve(self, run_id, self.signer(name), word, asks=False)

    async def start(self, run_id: str):
        """A drill that ann starts, and that waits for two people."""
        request = passing_run().record.request
        fault = FaultSpec(kind="connection_refused", on="provider/primary")
        drill = request.drill.model_copy(update={"require_approval": True, "faults": (fault,)})
        plan = make_plan(drill, request.target, request.environment)
        by = await started_by(self.asked, self.signer("ann"), run_id=run_id, digest=plan.digest)
        request = request.model_copy(
            update={"run_id": run_id, "drill": drill, "plan": plan, "requested_by": by}
        )
        handle = await self.client.start_workflow(
            DrillWorkflow.run, request, id=f"drill-{run_id}", task_queue=QUEUE_DRILL
        )

        async def waits():
            return await handle.query(DrillWorkflow.waiting)

        await soon(waits, "the run waits for people")
        return handle, plan.digest

    @asynccontextmanager
    async def at_work(self):
        people = PeopleActivities(lambda _: self.asked, IsolationProofs(self.folder))
        stand_ins = [one for one in self.here.all() if one != self.here.ask_approved]
        stand_ins += [people.approved, people.heard, people.tell_people]
        async with (
            Worker(
                self.client, task_queue=QUEUE_DRILL, activities=stand_ins,
                workflows=[DrillWorkflow, GuardianWorkflow],
            ),
            Worker(self.client, task_queue=QUEUE_CLOSE, activities=stand_ins),
            Worker(self.client, task_queue=QUEUE_HOLD, activities=stand_ins),
        ):  # fmt: skip
            yield


@pytest.fixture
async def rig(tmp_path: Path, temporal, toxiproxy: ToxiproxyServer, monkeypatch):  # noqa: F811 - as above
    (tmp_path / "slack").write_text(SECRET)
    process = InjectorProcess(tmp_path, toxiproxy.url, POLICY)
    process.start()
    rig = Rig(tmp_path, temporal.client, process.client)
    monkeypatch.setattr(presses, "attached_session", lambda _: rig)
    async with rig.at_work():
        yield rig
    process.end()


async def test_two_people_two_ways_and_only_then_it_goes_on(rig: Rig, capsys, monkeypatch):
    handle, digest = await rig.start("PEOPLE1")
    with monkeypatch.context() as patched:  # a run that shows one thing and asks to sign another
        patched.setattr(command, "plan_digest", lambda *_: "f" * 64)
        with pytest.raises(RefusedError, match="what it is to do has the digest ffffffffffff"):
            await rig.says("bob", "PEOPLE1")
    with pytest.raises(RefusedError, match="ann asked for run PEOPLE1; somebody else approves"):
        await rig.says("ann", "PEOPLE1")
    with pytest.raises(InjectorRefusedError, match="cy may not approve"):
        await rig.says("cy", "PEOPLE1")
    # Whoever may speak to Temporal may say what he likes there.
    word = Approval(by="bob", plan_digest=digest)
    forged = await handle.execute_update(DrillWorkflow.approve, word)
    assert forged == "approved by nobody; nobody but ann has approved this plan"
    await rig.says("bob", "PEOPLE1")
    shown = capsys.readouterr().out
    assert f"digest      {digest}" in shown
    assert "connection_refused on provider/primary" in shown
    assert "the run ends refused, and nothing is touched" in shown
    assert "approve by bob, known by key" in shown
    assert "needs 2 approval(s) of this exact plan, has 1" in shown
    waiting = await handle.query(DrillWorkflow.waiting)
    assert "preflight" not in rig.here.calls
    yes = waiting.statements()["approve"]
    line, message = await presses.take_press(rig.folder, yes, press(yes, datetime.now(UTC)))
    assert line == "approve by dana: approved by bob, dana"
    assert message["replace_original"]
    await handle.result()
    assert rig.here.record.approved_by == "bob, dana"


async def test_what_is_forged_edited_or_copied_counts_for_nothing(rig: Rig):
    with pytest.raises(InjectorRefusedError, match="bob may not start"):
        await started_by(rig.asked, rig.signer("bob"), run_id="PEOPLE2", digest="d")
    with pytest.raises(InjectorRefusedError, match="nobody is believed by name"):
        await started_by(rig.asked, Signer("ann"), run_id="PEOPLE2", digest="d")
    handle, _ = await rig.start("PEOPLE2")
    waiting = await handle.query(DrillWorkflow.waiting)
    yes = waiting.statements()["approve"]
    edited = yes.model_copy(update={"digest": "0" * 64})
    line, message = await presses.take_press(rig.folder, edited, press(edited, datetime.now(UTC)))
    assert "waits for something else by now" in line
    assert message["response_type"] == "ephemeral"
    # Signed for one plan and sent for another.
    line, _ = await presses.take_press(rig.folder, yes, press(edited, datetime.now(UTC)))
    assert "not believed: the button that was pressed says something else" in line
    copied = press(yes, datetime(2026, 1, 1, tzinfo=UTC))
    line, _ = await presses.take_press(rig.folder, yes, copied)
    assert "not counted: not believed: it was made" in line
    line, _ = await presses.take_press(
        rig.folder, yes, press(yes, datetime.now(UTC), user="U999XX9XX")
    )
    assert "knows nobody by slack" in line
    assert "preflight" not in rig.here.calls
    await rig.says("bob", "PEOPLE2", "deny")
    result = await handle.result()
    assert (result.verdict, result.reason) == (Verdict.REFUSED, "bob said no to this plan")
