"""A real gate and injector, and a preflight of a gate fault with them."""

from contextlib import contextmanager
from itertools import count

from temporalio.testing import ActivityEnvironment

from activities.preflight import PreflightActivities
from gameday.domain.plan import make_plan
from gameday.domain.record import RunRequest
from gameday.domain.target import Target
from gameday.store.incidents import Incidents
from gameday.store.isolation import IsolationProofs
from gameday.store.ledger import Ledger
from tests.gameday.injector.gate_rig import GateProcess
from tests.gameday.injector.rig import InjectorProcess
from tests.gameday.reporting.runs import make_drill

SUITE = """
suite: support
cases:
  - {case: one, question: "How long?", scorers: [{kind: contains, any: ["30 days"]}]}
"""
POLICY = """
policy: tests
allow:
  - {target: lab, environment: lab, on: "provider/*", kinds: ["*"], scopes: [all, share, marked]}
"""

_RUNS = count(1)  # a run's watch at the gate remembers what came before


async def nobody_else():
    """No other drill goes on anywhere."""
    return []


@contextmanager
def gate_and_injector(folder, provider_url):
    gate = GateProcess(folder, provider_url)
    injector = InjectorProcess(folder, policy=POLICY, gates=[gate.file])
    gate.start()
    try:
        injector.start()
        try:
            yield gate, injector
        finally:
            injector.end()
    finally:
        gate.end()


def listener_url(gate):
    return f"http://127.0.0.1:{gate.port}"


async def gate_line(folder, injector, front_door, *, scope, marker):
    """The preflight's line about gate and marker, through the front door at `front_door`."""
    report = await preflight(folder, injector.url, front_door, scope=scope, marker=marker,
                             make=lambda _: injector.client)  # fmt: skip
    return next(line for line in report.lines if line.name == "gate and marker")


async def preflight(
    folder, injector_url, front_door, *, scope, marker, make, evidence=None, freezes=()
):
    (folder / "suite.yaml").write_text(SUITE)
    fault = {"kind": "http_error", "status": 503, "on": "provider/primary", "scope": scope}
    if scope == "share":
        fault["share"] = 0.25
    drill = make_drill(faults=[fault], load={"rate": "20/s", "suite": "support", "stream": False})
    target = Target.model_validate(
        {
            "target": "lab",
            "environments": {"lab": {"injector": injector_url, "front_door": front_door}},
            "front_door": {"marker": marker} if marker else {},
            "providers": {"primary": {"dialect": "openai", "gate": "primary"}},
            "suite": "suite.yaml",
            "evidence": evidence or {},
            "freezes": freezes,
        }
    )
    request = RunRequest(
        run_id=f"RUN{next(_RUNS)}",
        drill=drill,
        target=target,
        environment="lab",
        suite_file=str(folder / "suite.yaml"),
        folder=str(folder / "run"),
        plan=make_plan(drill, target, "lab"),
        requested_by="tester",
    )
    return await ActivityEnvironment().run(
        PreflightActivities(
            make, IsolationProofs(folder), Ledger(folder), Incidents(folder), nobody_else
        ).preflight,
        request,
    )
