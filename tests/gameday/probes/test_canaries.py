"""What is concluded from what the places say. The places are stand-ins; real ones: tests/lab."""

import pytest

from gameday.domain.errors import RefusedError, SourceError
from gameday.domain.isolation import Finding, HttpJson, Isolation
from gameday.domain.sample import Outcome
from gameday.probes.canaries import Lookout, proof_digest, prove_isolation
from tests.gameday.reporting.runs import make_target

ISOLATED, LEAKED, UNPROVEN = Finding.ISOLATED, Finding.LEAKED, Finding.UNPROVEN


class Answer:
    """What of a sample is looked at."""

    def __init__(self, good=True):
        self.good = good
        self.outcome, self.detail = Outcome.TIMEOUT, "nothing came"


class World:
    """Counts what was asked, and answers searches as a test says: a number, a list, an error."""

    def __init__(self, **counts):
        self.counts = counts
        self.asked = []

    async def ask(self, text, mark):
        self.asked.append((text, mark))
        return Answer(self.counts.get("answers", True))

    async def count(self, query, wanted):
        said = self.counts[f"{query.url.rpartition('/')[2].partition('?')[0]}"]
        if callable(said):
            return said(self, wanted)
        if isinstance(said, SourceError):
            raise said
        return said.get("canary" if wanted.startswith("canary-") else wanted, 0)


def query(name, *, by_canary=True, place="stores", **more):
    url = f"http://127.0.0.1:1/{name}" + ("?q={{canary}}" if by_canary else "")
    return HttpJson(kind="http_json", place=place, url=url, **more)


async def look(world, *, mutating_tools=(), question=None, **queries):
    declared = Isolation(
        mutating_tools=mutating_tools, settle="1ms", queries=queries, question=question
    )
    target = make_target().model_copy(update={"isolation": declared})
    environment = next(iter(target.environments))
    return await prove_isolation(Lookout(target, environment, "How long?", world.ask, world.count))


async def finding(world, **more):
    proof = await look(world, **more)
    one = next(place for place in proof.places if place.name == "it")
    return one.finding, one.sentence


@pytest.mark.parametrize(
    ("said", "known", "expected", "words"),
    [
        ({"T-1": 1}, "T-1", ISOLATED, "the same query finds 'T-1'"),
        ({"canary": 2, "T-1": 1}, "T-1", LEAKED, "holds 2 traces of 3 synthetic requests"),
        ({"canary": 2}, None, LEAKED, "holds 2 traces"),
        ({}, "T-1", UNPROVEN, "neither was 'T-1', which should be there"),
        ({}, None, UNPROVEN, "add `known:`"),
        (SourceError("it does not answer"), "T-1", UNPROVEN, "it does not answer"),
    ],
)
async def test_a_place_that_is_searched_for_the_canary(said, known, expected, words):
    result, sentence = await finding(World(it=said), it=query("it", known=known))
    assert result is expected
    assert words in sentence


@pytest.mark.parametrize(
    ("each_adds", "expected", "words"),
    [
        (0, ISOLATED, "stayed at 100 while 3 synthetic requests were answered"),
        (1, LEAKED, "went from 100 to 103"),
        (2, LEAKED, "went from 100 to 106"),
        (0.5, UNPROVEN, "look again when it is quiet"),
        (-1, UNPROVEN, "others move it too"),
    ],
)
async def test_a_figure_that_must_not_move(each_adds, expected, words):
    world = World(it=lambda world, _: 100 + each_adds * len(world.asked))
    result, sentence = await finding(world, it=query("it", by_canary=False))
    assert result is expected
    assert words in sentence


async def test_a_figure_that_could_not_be_read_before_proves_nothing_after():
    def once(world, _):
        if not world.asked:
            raise SourceError("it was away")
        return 100

    said = await finding(World(it=once), it=query("it", by_canary=False))
    assert said == (UNPROVEN, "it was away")


@pytest.mark.parametrize(("reached", "expected"), [(3, ISOLATED), (0, UNPROVEN)])
async def test_a_tool_that_the_canaries_never_came_to_is_not_proven(reached, expected):
    world = World(it={"T-1": 1}, sandbox={"canary": reached})
    queries = {
        "it": query("it", place="tools", known="T-1", reached="sandbox"),
        "sandbox": query("sandbox", place="tools", expect="found"),
    }
    proof = await look(world, mutating_tools=("it",), **queries)
    by_name = {one.name: one for one in proof.places}
    assert by_name["it"].finding is by_name["sandbox"].finding is expected
    assert bool(proof.acting) == (expected is UNPROVEN)


async def test_what_nobody_asked_about_is_named_as_unproven():
    world = World(it={"T-1": 1})
    proof = await look(world, mutating_tools=("refunds",), it=query("it", known="T-1"))
    unproven = {one.name: one.acts for one in proof.places if one.finding is UNPROVEN}
    assert unproven == {
        "refunds": True, "metrics": False, "spend": False, "caches": False, "traces": False,
    }  # fmt: skip
    assert proof.acting == "refunds: a tool that acts, and no query looks there"


async def test_no_tools_by_the_targets_word_does_not_keep_production_closed():
    proof = await look(World(), mutating_tools=())
    assert proof.acting == ""
    assert [one.sentence for one in proof.places if one.name == "tools"] == [
        "no tool acts on the world, by the target's own word"
    ]


async def test_a_target_that_says_nothing_of_its_tools_does():
    world = World()
    target = make_target()
    environment = next(iter(target.environments))
    proof = await prove_isolation(Lookout(target, environment, "How long?", world.ask, world.count))
    assert "does not say which tools act on the world" in proof.acting
    assert not world.asked, "nothing is sent where nothing is searched"


async def test_every_canary_carries_the_id_that_is_searched_for():
    world = World(it={"T-1": 1})
    proof = await look(world, question="Open it: {{canary}}.", it=query("it", known="T-1"))
    assert world.asked == [(f"Open it: {proof.canary}.", proof.canary)] * 3
    plain = World(it={"T-1": 1})
    proof = await look(plain, it=query("it", known="T-1"))
    assert plain.asked[0] == (f"How long? ({proof.canary})", proof.canary)


async def test_canaries_without_an_answer_prove_nothing():
    with pytest.raises(RefusedError, match="canary 1 of 3 got no answer"):
        await look(World(it={}, answers=False), it=query("it", known="T-1"))


def test_a_proof_is_of_one_target_and_environment_as_they_were():
    target = make_target()
    environment = next(iter(target.environments))
    digest = proof_digest(target, environment)
    assert digest == proof_digest(make_target(), environment)
    others = [
        target.model_copy(update={"isolation": Isolation(mutating_tools=())}),
        target.model_copy(
            update={"synthetic": target.synthetic.model_copy(update={"tenant": "g"})}
        ),
    ]
    assert digest not in [proof_digest(other, environment) for other in others]
