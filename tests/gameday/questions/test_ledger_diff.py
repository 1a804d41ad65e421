"""`ledger_diff`: the one component that stands out, or why none does."""

from gameday.domain.quality_envelope import Verdict
from gameday.domain.question import Answered
from gameday.domain.revert_plan import Changed, plan_reverts
from gameday.domain.shown import Shown
from gameday.questions.ledger_diff import LedgerDiff
from tests.gameday.questions.heard import Heard

BAD = Shown(odds=900, answers=30, points=-34, worse=True, verdict=Verdict.OUTSIDE)
GOOD = Shown(odds=0.1, answers=30, points=1, verdict=Verdict.INSIDE)
UNHEARD = Shown(odds=1.0, answers=1)


def changed(component: str) -> Changed:
    return Changed(component=component, before="3f2a", now="9c1d")


async def asked(changes: list[Changed], shown: dict[str, Shown]):
    said = await LedgerDiff().ask(Heard(plan=plan_reverts(changes, shown)))
    assert said.answer in LedgerDiff.answers
    return said


async def test_the_one_that_explains_what_the_answers_show():
    said = await asked([changed("model")], {"retrieval": BAD, "tool": BAD})
    assert said.answer == "model"
    assert said.reason.startswith("model, from 3f2a to 9c1d: shows in retrieval questions")
    assert said.evidence["steps"][0]["changed"]["component"] == "model"


async def test_it_tells_what_leads_back_and_no_label_for_it():
    changes = [
        changed("parameters").model_copy(update={"back": 4000}),
        changed("prompt").model_copy(update={"back": "support-v3"}),
        changed("corpus"),
    ]
    said = await asked(changes, {"retrieval": BAD, "tool": BAD})
    assert said.before == {"parameters": 4000, "prompt": "support-v3"}
    assert Answered.model_validate_json(said.model_dump_json()) == said


async def test_one_that_does_not_explain_it_is_not_named():
    said = await asked([changed("corpus"), changed("prompt")], {"retrieval": BAD, "tool": GOOD})
    assert said.answer == "corpus"


async def test_two_that_must_both_be_why():
    said = await asked(
        [changed("tools"), changed("corpus")], {"retrieval": BAD, "tool": BAD, "other": GOOD}
    )
    assert said.answer == "several"
    assert "tools" in said.reason
    assert "corpus" in said.reason


async def test_worse_answers_that_no_recorded_change_explains():
    said = await asked([], {"retrieval": BAD, "": BAD})
    assert said.answer == "unrecorded"
    assert said.reason == (
        "answers are worse (without a group, retrieval), and no recorded change explains it"
    )


async def test_nothing_has_changed_and_nothing_is_worse():
    assert (await asked([], {"retrieval": GOOD})).answer == "nothing"
    harmless = await asked([changed("prompt")], {"retrieval": GOOD})
    assert harmless.answer == "nothing"
    assert "nothing shows that the answers to any group" in harmless.reason


async def test_too_few_answers_are_unknown():
    said = await asked([changed("prompt")], {"retrieval": UNHEARD})
    assert said.answer == "unknown"
    assert "retrieval questions (1 answers)" in said.reason
