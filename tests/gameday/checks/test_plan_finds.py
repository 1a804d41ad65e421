"""The check `plan_finds`: culprits found, no more put back, and nothing worse afterwards."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gameday.checks.plan_finds import PlanFinds
from gameday.domain.revert_plan import Changed, Left, RevertPlan
from gameday.domain.sketch import sketch_of
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    RESPONSE,
    STEP,
    baseline,
    faulted,
    planned,
    responded,
    seen,
    without,
)

GROUPS = ("retrieval", "long", "short", "tool")
CHECK = PlanFinds(culprits=("parameters", "corpus"), reverts_at_most=2)
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SAYS = ("Refunds take 14 days.", "A refund takes 14 days.", "It takes 14 days.")


def answers(seed, *, bad=()):
    """Answers to forty cases, ten of each group; those of `bad` groups are wrong and unlike."""
    pick = random.Random(seed)

    def make(i):
        group, case = GROUPS[i % 4], f"case-{i % 40}"
        wrong = group in bad
        words = f"Ask {pick.choice('abc')} about it" if wrong else pick.choice(SAYS)
        right = float(not wrong and pick.random() < 0.95)
        return BY_PRIMARY | {
            "case": case, "case_group": group, "sketch": sketch_of(f"{case} {words}"),
            "quality": right,
        }  # fmt: skip

    return make


def changed(name, **more):
    return Changed(component=name, before="old", now="new", at=AT, **more)


def plan(*names, **more):
    """As it was made; what it makes of the changes does not count."""
    decided = tuple(Left(changed=changed(one, **more), chance=0.0, reason="-") for one in names)
    return RevertPlan(left=decided)


PLAN = plan("prompt", "parameters", "corpus")


def called(*names):
    return tuple(
        STEP.model_copy(
            update={"on": f"component/{name}", "evidence": {"called_at": f"2026-01-05T02:00:{at}"}}
        )
        for at, name in enumerate(names, start=10)
    )


def run(*put_back, plans=(PLAN,), still=(), during=("long", "retrieval")):
    steps = called(*put_back)[::-1]  # as a record has them: the newest first
    return seen(
        baseline(answers(1), n=1600),
        faulted(answers(2, bad=during), n=400),
        responded(answers(3, bad=still), n=400),
        response=replace(RESPONSE, steps=steps, plans=plans),
    )


GOOD = run("parameters", "corpus")


def test_the_two_that_harm_are_put_back_in_order_and_the_third_is_left_alone():
    finding = CHECK.judge(GOOD)
    assert finding.held is Held.YES, finding.reason
    assert finding.reason == (
        "of 3 changes put back: parameters, then corpus; after that no group of questions is "
        "worse; prompt left alone: it would show in short questions and tool questions, whose "
        "answers are as good as before"
    )


def test_one_that_might_have_been_and_was_not_needed_is_said():
    """So few short questions that they hardly speak against the prompt, which costs most."""
    bad = answers(2, bad=("long", "retrieval"))
    few = seen(
        baseline(answers(1), n=1600),
        faulted(lambda i: bad(i if i % 4 < 2 or i % 40 == 2 else i - 2), n=400),
        responded(answers(3), n=400),
        response=replace(
            RESPONSE,
            steps=called("parameters", "corpus"),
            plans=(
                RevertPlan(
                    left=(
                        *plan("parameters", "corpus", user_cost="low").left,
                        *plan("prompt", user_cost="high").left,
                    )
                ),
            ),
        ),
    )
    finding = CHECK.judge(few)
    assert finding.held is Held.YES, finding.reason
    assert finding.reason.endswith(
        "no group of questions is worse; prompt was possible, and not needed"
    )


def test_one_that_harms_and_was_left_is_a_no_with_the_plans_reason():
    finding = CHECK.judge(run("corpus", still=("long",)))
    assert finding.held is Held.NO
    assert finding.reason.startswith(
        "of 3 changes put back: corpus; parameters harms and was not (shows in long questions"
    )
    assert CHECK.judge(run()).reason.startswith("of 3 changes put back: none; parameters harms")


def test_more_than_was_needed_is_a_no():
    finding = CHECK.judge(run("prompt", "parameters", "corpus"))
    assert finding.held is Held.NO
    assert finding.reason.endswith(
        "put back: prompt, then parameters, then corpus; 2 would have been enough"
    )
    assert (
        replace_check(reverts_at_most=3).judge(run("parameters", "prompt", "corpus")).held
        is Held.YES
    )


def replace_check(**changes):
    return CHECK.model_copy(update=changes)


def test_what_is_still_worse_afterwards_is_a_no():
    finding = CHECK.judge(run("parameters", "corpus", still=("retrieval",)))
    assert finding.held is Held.NO
    assert "; after that retrieval questions (evidence " in finding.reason
    assert finding.reason.endswith("OUTSIDE) are still worse")


def test_a_change_that_is_in_no_ledger_can_be_found_by_no_plan():
    finding = CHECK.judge(run("parameters", plans=(plan("prompt", "parameters"),)))
    assert finding.held is Held.NO
    assert finding.reason.endswith(
        "the ledger knows of no change of corpus, so no plan can find it"
    )


@pytest.mark.parametrize(("dated", "held"), [(False, "yes"), (True, "no")])
def test_when_a_culprit_was_changed_may_have_to_be_known(dated, held):
    undated = RevertPlan(
        left=(
            *plan("prompt", "parameters").left,
            Left(changed=changed("corpus").model_copy(update={"at": None}), chance=0, reason="-"),
        )
    )
    finding = replace_check(dated=dated).judge(run("parameters", "corpus", plans=(undated,)))
    assert finding.held == held
    assert ("nobody knows when corpus was changed" in finding.reason) is dated


def test_answers_that_show_another_culprit_first_are_a_no_whatever_the_run_says():
    """All groups are worse, so by the samples it is the prompt."""
    finding = replace_check(reverts_at_most=3).judge(run("parameters", "corpus", during=GROUPS))
    assert finding.held is Held.NO
    assert "by the stored answers prompt would come first, which harms nothing" in finding.reason


@pytest.mark.parametrize(
    "unseen",
    [
        without(GOOD, "responded"),
        without(GOOD, "faulted"),
        without(GOOD, "baseline"),
        run("parameters", "corpus", plans=()),
        replace(GOOD, response=None),
    ],
    ids=["responded", "faulted", "baseline", "plan", "response"],
)
def test_without_a_plan_or_a_look_it_is_unknown(unseen):
    assert CHECK.judge(unseen).held is Held.UNKNOWN


@pytest.mark.parametrize(
    ("check", "specs", "why"),
    [
        (CHECK, {"responded": 60.0}, ""),
        (CHECK, {}, "nothing is put back: it needs respond_by: plan"),
        (
            replace_check(reverts_at_most=1),
            {"responded": 60.0},
            "2 culprits need as many reverts, not 1",
        ),
        (
            CHECK,
            {"responded": 6.9},
            "each group of questions must be able to show something, which",
        ),
        (CHECK, {"responded": 60.0, "baseline": 12.9}, "each group of questions must be able to"),
    ],
)
def test_what_can_never_tell_is_refused_beforehand(check, specs, why):
    said = check.cannot_decide(planned(**specs))
    assert said.startswith(why)
    assert bool(said) is bool(why)
