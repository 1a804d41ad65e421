"""Who is let in, and that a no comes before anything is touched."""

from pathlib import Path

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.gate import MarkerMatch
from gameday.domain.lease import FaultState
from gameday.domain.ports import Toxic
from gameday.faults.connection_refused import ConnectionRefused
from gameday.injector.keeper import FaultKeeper
from gameday.injector.refusal import Why
from tests.gameday.injector.bench import Bench, refused
from tests.gameday.injector.rig import a_yes, injection


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_claim_names_its_holder(bench: Bench):
    await bench.keeper.arm("f1", injection())
    second = injection("latency", run_id="RUN2")
    await refused(bench.keeper.arm("f2", second), Why.CONFLICT, "held by run RUN1")
    assert "held by run RUN1" in await bench.keeper.check(second)
    await bench.keeper.arm("f3", injection(proxy="secondary"))


@pytest.mark.parametrize(
    ("wanted", "why", "says"),
    [
        (injection(target="other"), Why.POLICY, "no rule that allows"),
        (injection(lease_s=61.0), Why.POLICY, "over the policy's 60 s"),
        (injection("token_flood"), Why.MALFORMED, "unknown fault 'token_flood'"),
        (injection("latency", settings={}), Why.MALFORMED, "latency_ms"),
        (injection("latency", settings={"latency_ms": 0}), Why.MALFORMED, "latency_ms"),
        (injection(address={}), Why.MALFORMED, "needs an address for toxiproxy"),
        (injection(address={"gate": "x"}), Why.MALFORMED, "needs an address for toxiproxy"),
    ],
)
async def test_refused_before_anything_is_touched(bench: Bench, wanted, why: Why, says: str):
    await refused(bench.keeper.arm("f1", wanted), why, says)
    assert says in await bench.keeper.check(wanted)
    assert bench.port.is_clean("primary")
    assert not bench.keeper.faults()


async def test_unsupported_scope_is_refused(bench: Bench):
    spec = FaultSpec(kind="latency", on="provider/primary", scope=Scope.MARKED)
    wanted = injection().model_copy(
        update={"fault": spec.model_copy(update={"settings": {"latency_ms": 5}})}
    )
    await refused(bench.keeper.arm("f1", wanted), Why.MALFORMED, "cannot touch marked traffic")


async def test_settings_that_do_not_fit_the_scope_are_refused(tmp_path: Path):
    class Picky(ConnectionRefused):
        def objection(self, scope: Scope) -> str:
            return f"not for {scope}"

    bench = Bench(tmp_path, lambda spec: Picky())
    await refused(bench.keeper.arm("f1", injection()), Why.MALFORMED, "not for all")
    assert "connection_refused on provider/primary" in await bench.keeper.check(injection())
    assert bench.port.is_clean("primary")


async def test_marked_traffic_needs_a_marker(tmp_path: Path):
    class Selective(ConnectionRefused):
        scopes = frozenset({Scope.MARKED})

    bench = Bench(tmp_path, lambda spec: Selective())
    spec = FaultSpec(kind="connection_refused", on="provider/primary", scope=Scope.MARKED)
    wanted = injection(fault=spec)
    refusal = await refused(bench.keeper.arm("f1", wanted), Why.MALFORMED, "nobody says what marks")
    assert "marker:" in refusal.next_step
    marked = wanted.model_copy(update={"marker": MarkerMatch(header="x-gameday")})
    assert (await bench.keeper.arm("f1", marked)).state is FaultState.ARMED


async def test_without_a_policy_nothing_may_be_armed(bench: Bench):
    keeper = FaultKeeper(bench.journal, {"toxiproxy": bench.port}, faults.make)
    await refused(keeper.arm("f1", injection()), Why.POLICY, "no rule")


async def test_approvals_are_counted_per_person_and_plan_and_survive(bench: Bench):
    wanted = injection("latency", target="guarded", plan_digest="this")
    await refused(bench.keeper.arm("f1", wanted), Why.POLICY, "needs 2 approval")
    for by in ("ann", "ann"):
        bench.keeper.hear(a_yes("this", by))
    await refused(bench.keeper.arm("f1", wanted), Why.POLICY, "needs 2 approval.* has 1")
    bench.keeper.hear(a_yes("this", "bob"))
    bench.restart()
    assert await bench.keeper.check(wanted) == ""
    assert "has 0" in await bench.keeper.check(wanted.model_copy(update={"plan_digest": "another"}))
    assert (await bench.keeper.arm("f1", wanted)).state is FaultState.ARMED


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"toxics": (Toxic(name="theirs", type="latency"),)}]
)
async def test_a_path_that_somebody_changed_is_refused_and_left_alone(bench: Bench, change):
    bench.port.change("primary", **change)
    before = bench.port.state("primary")
    await refused(bench.keeper.arm("f1", injection()), Why.CONFLICT, "not clean")
    assert await bench.keeper.check(injection()) == "primary is not clean"
    assert bench.port.state("primary") == before


async def test_check_says_when_nobody_answers(bench: Bench):
    bench.port.dead = True
    assert "did not answer" in await bench.keeper.check(injection())


async def test_whoever_asks_for_the_run_is_no_second_person(bench: Bench):
    wanted = injection("latency", target="guarded", plan_digest="this", requested_by="ann")
    for by in ("ann", "bob"):
        bench.keeper.hear(a_yes("this", by))
    assert "needs 2 approval(s) of this exact plan, has 1" in await bench.keeper.check(wanted)
    bench.keeper.hear(a_yes("this", "cy"))
    assert await bench.keeper.check(wanted) == ""
