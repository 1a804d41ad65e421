"""Whose word counts: the right person, for this run of this plan, still in force; no one else's."""

from datetime import timedelta
from pathlib import Path

import pytest

from gameday.domain.drill import Scope
from gameday.domain.lease import FaultState
from gameday.domain.policy import Policy, Rule
from gameday.domain.proof import NotProvenError
from gameday.domain.statement import Given, Says, Statement
from gameday.injector.prover import Prover
from gameday.injector.refusal import RefusalError, Why
from gameday.injector.segment import segment
from gameday.injector.words import Words
from tests.gameday.identity.known import NOW, policy, press, signed
from tests.gameday.injector.bench import Bench, refused
from tests.gameday.injector.rig import a_yes, injection

RULES = (
    {"target": "lab", "environment": "*", "on": "*", "kinds": ["latency"], "scopes": [Scope.ALL],
     "approvals": 1, "approved_within": "1h"},
    {"target": "quiet", "environment": "*", "on": "*", "kinds": ["*"], "scopes": [Scope.ALL],
     "alerts": True},
)  # fmt: skip
WANTED = injection("latency", plan_digest="d1", requested_by="ann")


class Asked:
    """An injector whose policy names people, at NOW or later."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(folder)
        self.policy = policy(folder, RULES)
        self.now = NOW
        self.take_policy(self.policy)

    def take_policy(self, given: Policy) -> None:
        self.bench.keeper.admission.policy = given
        self.words = Words(self.bench.journal.memory, lambda: given, lambda: self.now)
        self.bench.keeper.admission.words = self.words
        self.prover = Prover(given, self.bench.path.parent, lambda: self.now)

    async def say(self, says: Says, proof, *, by: str = "", **more):
        statement = Statement(says=says, **({"digest": "d1", "run_id": "RUN1"} | more))
        given = proof(statement) if callable(proof) else proof
        self.bench.keeper.hear(await self.prover.word(statement, by, given))

    async def signs(self, name: str, says: Says, **more):
        await self.say(says, lambda statement: signed(name, statement, self.now), **more)


@pytest.fixture
async def asked(tmp_path: Path) -> Asked:
    """Started by ann, who may."""
    asked = Asked(tmp_path)
    await asked.signs("ann", Says.START)
    return asked


async def test_one_who_may_approves_and_it_goes_on_after_a_restart(asked: Asked):
    await refused(asked.bench.keeper.arm("f1", WANTED), Why.POLICY, "needs 1 approval.* has 0")
    await asked.signs("bob", Says.APPROVE)
    asked.bench.restart()
    asked.take_policy(asked.policy)
    assert (await asked.bench.keeper.arm("f1", WANTED)).state is FaultState.ARMED


async def test_slack_and_a_key_are_two_ways_to_be_known(asked: Asked):
    await asked.say(Says.APPROVE, press)
    assert asked.words.approved_by("d1", run_id="RUN1", asked_by="ann", within_s=60) == ("dana",)
    (word,) = asked.words.heard("d1", run_id="RUN1", asked_by="ann", within_s=60).words
    assert word.how == "known by slack"


async def test_the_author_alone_opens_nothing(asked: Asked):
    await asked.signs("ann", Says.APPROVE)
    await refused(asked.bench.keeper.arm("f1", WANTED), Why.POLICY, "has 0")


@pytest.mark.parametrize("change", [{"digest": "d2"}, {"run_id": "RUN2"}])
async def test_an_approval_is_for_this_run_of_this_plan(asked: Asked, change):
    await asked.signs("bob", Says.APPROVE, **change)
    await refused(asked.bench.keeper.arm("f1", WANTED), Why.POLICY, "has 0")


async def test_a_name_is_believed_no_more(asked: Asked):
    with pytest.raises(NotProvenError, match="nobody is believed by name"):
        await asked.say(Says.APPROVE, None, by="bob")
    asked.bench.keeper.hear(a_yes("d1", "bob"))  # as an old journal may have it
    await refused(asked.bench.keeper.arm("f1", WANTED), Why.POLICY, "has 0")


async def test_who_may_only_look_approves_nothing(asked: Asked):
    with pytest.raises(RefusalError, match="cy may not approve: the policy gives view"):
        await asked.signs("cy", Says.APPROVE)
    with pytest.raises(NotProvenError, match="knows nobody by key"):
        await asked.signs("eve", Says.APPROVE)


async def test_an_unknown_proof_is_a_no(asked: Asked):
    with pytest.raises(NotProvenError, match=r"no proof is called 'badge'.*key, okta, slack"):
        await asked.say(Says.APPROVE, Given(proof="badge", fields={}))


async def test_an_approval_grows_old(asked: Asked):
    await asked.signs("bob", Says.APPROVE)
    asked.now = NOW + timedelta(hours=1)
    assert await asked.bench.keeper.check(WANTED) == ""
    asked.now += timedelta(seconds=1)
    assert "has 0" in await asked.bench.keeper.check(WANTED)


async def test_whom_the_policy_knows_no_more_counts_no_more(asked: Asked):
    await asked.signs("bob", Says.APPROVE)
    left = {name: one for name, one in asked.policy.people.items() if name != "bob"}
    asked.take_policy(asked.policy.model_copy(update={"people": left}))
    assert "has 0" in await asked.bench.keeper.check(WANTED)


async def test_the_last_word_counts(asked: Asked):
    await asked.signs("bob", Says.APPROVE)
    asked.now += timedelta(seconds=1)
    await asked.signs("bob", Says.DENY)
    assert await asked.bench.keeper.check(WANTED) == "bob has said no to this plan"
    with pytest.raises(RefusalError, match="bob said deny later"):
        await asked.say(Says.APPROVE, lambda statement: signed("bob", statement, NOW))
    asked.now += timedelta(seconds=1)
    await asked.signs("bob", Says.APPROVE)
    assert await asked.bench.keeper.check(WANTED) == ""


async def test_one_no_stands_against_one_yes(asked: Asked):
    await asked.signs("bob", Says.APPROVE)
    await asked.say(Says.DENY, press)
    assert "dana has said no" in await asked.bench.keeper.check(WANTED)


async def test_a_proof_told_twice_is_one_word(asked: Asked):
    statement = Statement(says=Says.APPROVE, digest="d1", run_id="RUN1")
    for _ in range(2):
        await asked.say(Says.APPROVE, signed("bob", statement))
    lines = asked.bench.path.read_text().count('"by":"bob"')
    assert lines == 1


async def test_one_token_says_one_thing(asked: Asked, monkeypatch):
    """A token shows who, and not what: whoever has seen it must not make it say more."""
    word = await asked.prover.word(
        Statement(says=Says.APPROVE, digest="d1", run_id="RUN1"),
        "", signed("bob", Statement(says=Says.APPROVE, digest="d1", run_id="RUN1")),
    )  # fmt: skip
    asked.bench.keeper.hear(word)
    other = Statement(says=Says.APPROVE, digest="d2", run_id="RUN1")
    with pytest.raises(RefusalError, match="has said approve already"):
        asked.bench.keeper.hear(word.model_copy(update={"statement": other}))


# Starting


@pytest.mark.parametrize("requested_by", ["bob", "dana", "eve", "alert:ModelRegressed"])
async def test_nobody_starts_in_anothers_name(asked: Asked, requested_by):
    await asked.signs("bob", Says.APPROVE)
    theirs = WANTED.model_copy(update={"requested_by": requested_by})
    refusal = await asked.bench.keeper.check(theirs)
    assert refusal, "a start of ann's is no start of theirs"
    await refused(asked.bench.keeper.arm("f1", theirs), Why.POLICY, "may start|no `alerts|has 0")


@pytest.mark.parametrize("change", [{"run_id": "RUN2"}, {"plan_digest": "d2"}])
async def test_a_start_is_of_this_run_and_this_plan(asked: Asked, change):
    wanted = injection(target="quiet", **({"plan_digest": "d1", "requested_by": "ann"} | change))
    assert "ann has not shown to be one who may start" in await asked.bench.keeper.check(wanted)


async def test_who_may_not_start_is_refused(asked: Asked):
    with pytest.raises(RefusalError, match="bob may not start"):
        await asked.signs("bob", Says.START)


ALERT = "alert:ModelRegressed from prometheus"


async def test_a_program_starts_for_an_alert_where_the_rule_lets_it(asked: Asked):
    quiet = injection(target="quiet", plan_digest="d1", requested_by=ALERT)
    loud = WANTED.model_copy(update={"requested_by": ALERT})
    assert "no service" in await asked.bench.keeper.check(quiet)
    asked.now += timedelta(seconds=1)
    await asked.signs("ann", Says.START, asked_by=ALERT)  # a person is no program
    assert "no service" in await asked.bench.keeper.check(quiet)
    await asked.signs("serve", Says.START, asked_by=ALERT)
    assert await asked.bench.keeper.check(quiet) == ""
    await asked.signs("bob", Says.APPROVE)
    assert "`alerts: true`" in await asked.bench.keeper.check(loud)


async def test_without_people_a_name_is_believed_and_said_to_be_no_more(tmp_path: Path):
    lab = Policy(policy="lab", allow=(Rule(target="lab", environment="*", on="*", kinds=("*",)),))
    statement = Statement(says=Says.APPROVE, digest="d1")
    word = await Prover(lab, tmp_path).word(statement, "bob", None)
    assert (word.by, word.how) == ("bob", "known by name only")
    with pytest.raises(NotProvenError, match="nobody says whose"):
        await Prover(lab, tmp_path).word(statement, "", None)


async def test_the_journal_of_the_run_tells_who_said_what_and_how_that_is_known(asked: Asked):
    await asked.say(Says.APPROVE, press)
    await asked.signs("bob", Says.DENY)
    await asked.signs("bob", Says.APPROVE, run_id="RUN2", digest="d2")
    told = segment(asked.bench.keeper, asked.bench.acts, "RUN1")
    assert [(one.what, one.facts["says"], one.facts["by"], one.facts["how"]) for one in told] == [
        ("word", "start", "ann", "known by key"),
        ("word", "approve", "dana", "known by slack"),
        ("word", "deny", "bob", "known by key"),
    ]
    assert {one.facts["digest"] for one in told} == {"d1"}
