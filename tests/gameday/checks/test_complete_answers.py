"""The check `complete_answers`: what ended well must be whole by its content."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from gameday.catalog.kinds import scorers
from gameday.checks.complete_answers import CompleteAnswers
from gameday.domain.sample import Outcome
from gameday.domain.scorer import Answered
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    faulted,
    planned,
    sample,
    seen,
    transition,
    without,
)

CHECK = CompleteAnswers(sentinel="That is all[.]")
TRUNCATED = BY_SECONDARY | {"seals": {"complete_answers": 0.0}}
UNSEALED = BY_SECONDARY | {"seals": {}}
CUT = FAILED | {"outcome": Outcome.CUT}


def score(check: CompleteAnswers, answer: str) -> float:
    (spec,) = check.seals().values()
    return scorers.make(spec).score(Answered(answer))


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        ("Within 30 days. That is all.", 1.0),
        ("Within 30 days. That is all.\n \n", 1.0),
        ("That is all. Within 30", 0.0),
        ("That is all.\nWithin 30", 0.0),
        ("Within 30 days. That is al", 0.0),
        ("", 0.0),
    ],
)
def test_the_sentinel_must_be_at_the_very_end(answer, whole):
    assert score(CHECK, answer) == whole


def test_alternatives_are_held_together():
    assert score(CompleteAnswers(sentinel="a|b"), "a and no more") == 0.0


def test_a_schema_or_any_scorer_may_be_the_proof():
    schema = CompleteAnswers.model_validate({"schema": {"required": ["end"]}})
    assert (score(schema, '{"end": 1}'), score(schema, '{"en')) == (1.0, 0.0)
    scorer = CompleteAnswers.model_validate({"scorer": {"kind": "contains", "any": ["days"]}})
    assert (score(scorer, "30 days"), score(scorer, "30")) == (1.0, 0.0)


def test_the_seal_has_the_checks_own_name_where_it_has_one():
    named = CompleteAnswers(sentinel="x", name="signed")
    assert set(CHECK.seals()) == {"complete_answers"}
    assert set(named.seals()) == {"signed"}
    run = seen(faulted(lambda _: BY_SECONDARY | {"seals": {"signed": 1.0}}))
    assert named.judge(run).held is Held.YES
    assert CHECK.judge(run).held is Held.UNKNOWN


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "exactly one of sentinel, schema and scorer"),
        ({"sentinel": "x", "schema": {}}, "exactly one of"),
        ({"sentinel": "x", "scorer": {"kind": "exact", "text": "y"}}, "exactly one of"),
        ({"sentinel": "("}, "not a regular expression"),
        ({"sentinel": ""}, "at least 1 character"),
        ({"sentinel": "a" * 481}, "at most 480 characters"),
    ],
)
def test_what_proves_nothing_is_refused(settings, said):
    with pytest.raises(ValidationError, match=said):
        CompleteAnswers.model_validate(settings)


def test_every_sentinel_that_is_taken_makes_a_scorer():
    assert score(CompleteAnswers(sentinel="a" * 480), "b") == 0.0


@pytest.mark.parametrize(("short", "held"), [(0, Held.YES), (1, Held.NO)])
def test_one_that_only_seems_whole_is_enough(short, held):
    finding = CHECK.judge(seen(faulted(lambda i: TRUNCATED if i < short else BY_SECONDARY)))
    assert finding.held is held
    share = "100.0" if held is Held.YES else "99.8"
    assert finding.reason == (
        f"{short} of 600 answers that ended well were not complete ({share} % were, at least "
        "100 % must be); 0 were cut openly"
    )


@pytest.mark.parametrize(("short", "held"), [(6, Held.YES), (7, Held.NO)])
def test_a_share_may_be_enough(short, held):
    check = CompleteAnswers(sentinel="x", at_least=0.99)
    finding = check.judge(seen(faulted(lambda i: TRUNCATED if i < short else BY_SECONDARY)))
    assert finding.held is held


def test_half_a_score_is_not_complete():
    half = BY_SECONDARY | {"seals": {"complete_answers": 0.5}}
    assert CHECK.judge(seen(faulted(lambda i: half if i == 9 else BY_SECONDARY))).held is Held.NO


def test_an_answer_that_was_cut_openly_lied_to_nobody():
    finding = CHECK.judge(seen(faulted(lambda i: CUT if i < 200 else BY_SECONDARY)))
    assert finding.held is Held.YES
    assert finding.reason.startswith("0 of 400 answers")
    assert finding.reason.endswith("200 were cut openly")


def test_those_in_flight_when_the_fault_came_count():
    before = sample(0, ARMED_AT - timedelta(milliseconds=100), **(BY_PRIMARY | TRUNCATED))
    assert CHECK.judge(seen(transition(before))).held is Held.NO
    cut = sample(0, ARMED_AT - timedelta(milliseconds=100), **CUT)
    assert CHECK.judge(seen(transition(cut))).reason.endswith("1 were cut openly")


def test_answers_that_nobody_looked_at_are_unknown_unless_the_others_decide():
    some = seen(faulted(lambda i: UNSEALED if i == 5 else BY_SECONDARY))
    finding = CHECK.judge(some)
    assert finding.held is Held.UNKNOWN
    assert finding.reason == "1 of 600 answers that ended well were not looked at"
    worse = seen(faulted(lambda i: UNSEALED if i == 5 else TRUNCATED))
    assert CHECK.judge(worse).held is Held.NO


def test_unknown_without_an_answer_that_ended_well():
    finding = CHECK.judge(seen(faulted(lambda _: CUT)))
    assert finding.held is Held.UNKNOWN
    assert finding.reason.endswith("600 were cut openly")
    assert CHECK.judge(without(seen(), "faulted")).held is Held.UNKNOWN


@pytest.mark.parametrize(("n", "held"), [(19, Held.UNKNOWN), (20, Held.YES)])
def test_too_few_answers_are_unknown(n, held):
    assert CHECK.judge(seen(faulted(n=n))).held is held


@pytest.mark.parametrize(("faulted_s", "decides"), [(2.0, True), (1.9, False)])
def test_the_plan_needs_answers(faulted_s, decides):
    assert (CHECK.cannot_decide(planned(faulted=faulted_s)) == "") is decides
