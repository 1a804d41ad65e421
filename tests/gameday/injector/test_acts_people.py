"""A step of an incident, where the policy names people: started by one, approved by another."""

from datetime import timedelta
from pathlib import Path

import pytest

from gameday.domain.act import ActOrder, ActState
from gameday.domain.respond_rule import RespondRule
from gameday.domain.statement import Says, Statement, run_digest
from gameday.injector.clock import utc_now
from gameday.injector.prover import Prover
from gameday.injector.refusal import Why
from tests.gameday.identity.known import policy, signed
from tests.gameday.injector.bench import Bench, refused
from tests.gameday.injector.test_act import OneShelf
from tests.gameday.injector.test_acts import NEW, OLD, order
from tests.gameday.steps.kept import Shelf

RULE = RespondRule(target="lab", environment="*", on="*", kinds=("*",), approvals=0)


class Asked:
    """An injector whose policy names people, and what they say to it just now."""

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf()
        self.bench = Bench(folder, others={"component": OneShelf(self.shelf)})
        self.at = utc_now() - timedelta(minutes=1)
        self.wanted = order(asked_by="ann", approvals=1)
        self.obey(RULE)

    def obey(self, rule: RespondRule) -> None:
        named = policy(self.bench.path.parent).model_copy(update={"respond": (rule,)})
        self.bench.keeper.admission.policy = named
        self.prover = Prover(named, self.bench.path.parent)

    async def says(self, name: str, statement: Statement) -> None:
        self.at += timedelta(seconds=1)
        word = await self.prover.word(statement, "", signed(name, statement, self.at))
        self.bench.keeper.hear(word)

    async def starts(
        self, name: str, wanted: ActOrder | None = None, *, asked_by: str = ""
    ) -> None:
        of = (wanted or self.wanted).proposal
        digest = run_digest(of.mode, of.target, of.environment, of.runbook_digest)
        start = Statement(says=Says.START, digest=digest, run_id=of.run_id, asked_by=asked_by)
        await self.says(name, start)

    async def approves(self, name: str, wanted: ActOrder | None = None) -> None:
        digest = (wanted or self.wanted).proposal.digest
        said = Statement(says=Says.APPROVE, digest=digest, run_id="7Q2K")
        await self.says(name, said)


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


async def test_one_starts_and_another_approves(asked: Asked):
    await asked.approves("bob")
    await refused(asked.bench.acts.carry_out("a1", asked.wanted), Why.POLICY, "one who may start")
    await asked.starts("ann")
    done = await asked.bench.acts.carry_out("a1", asked.wanted)
    assert (done.state, done.approved_by, asked.shelf.value) == (ActState.DONE, ("bob",), NEW)


async def test_the_author_alone_and_an_edited_plan_change_nothing(asked: Asked):
    await asked.starts("ann")
    await asked.approves("ann")
    await refused(
        asked.bench.acts.carry_out("a1", asked.wanted), Why.POLICY, "needs 1 approval.*has 0"
    )
    edited = order(asked_by="ann", approvals=1, incident="INC-13")
    await asked.approves("bob", edited)
    await refused(
        asked.bench.acts.carry_out("a1", asked.wanted), Why.POLICY, "needs 1 approval.*has 0"
    )
    assert asked.shelf.value == OLD


async def test_a_worker_that_says_another_asked_is_refused(asked: Asked):
    """Else the author's own approval would be that of a second person."""
    await asked.starts("ann")
    theirs = order(asked_by="dana", approvals=1)
    await asked.approves("ann", theirs)
    await refused(asked.bench.acts.carry_out("a1", theirs), Why.POLICY, "dana has not shown")


@pytest.mark.parametrize(
    "changed", [{"runbook_digest": "cd" * 32}, {"environment": "other"}, {"run_id": "OTHER"}]
)
async def test_a_start_is_of_this_runbook_here(asked: Asked, changed):
    await asked.starts("ann")
    other = order(asked_by="ann", **changed)
    await refused(asked.bench.acts.carry_out("a1", other), Why.POLICY, "ann has not shown")


async def test_an_alert_starts_by_its_programs_key_where_the_rule_lets_it(asked: Asked):
    alert = "alert:team/alertmanager"
    wanted = order(asked_by=alert)
    await asked.starts("serve", wanted, asked_by=alert)
    await refused(asked.bench.acts.carry_out("a1", wanted), Why.POLICY, "`alerts: true`")
    asked.obey(RULE.model_copy(update={"alerts": True}))
    assert (await asked.bench.acts.carry_out("a1", wanted)).state is ActState.DONE
