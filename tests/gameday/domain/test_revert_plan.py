"""What to put back first, what to leave alone, and that it is never more than needed."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.component import Component, ComponentName, UserCost, version_of
from gameday.domain.ledger import Entry, what_changed
from gameday.domain.quality_envelope import Verdict
from gameday.domain.revert_plan import (
    LIKELY,
    POSSIBLE,
    Changed,
    chance_to_show,
    changed_by_name,
    changed_since,
    harmed_groups,
    plan_reverts,
)
from gameday.domain.shown import Shown

NAMES = get_args(ComponentName)
COSTS = get_args(UserCost)
GROUPS = ("long", "retrieval", "short", "tool", "unanswerable")

LOUD = Shown(odds=400.0, answers=40, points=-31.0, worse=True, verdict=Verdict.OUTSIDE)
QUIET = Shown(odds=0.8, answers=40)
HARDLY_ASKED = Shown(odds=1.4, answers=3)
CHANGED_AND_GOOD = Shown(odds=400.0, answers=40, points=-1.0, verdict=Verdict.INSIDE)


def change(component, cost="low", **more):
    return Changed(component=component, before="old", now="new", user_cost=cost, **more)


def show(*loud, others=QUIET):
    return {group: LOUD if group in loud else others for group in GROUPS}


def test_a_corpus_that_changed_is_the_culprit_where_only_retrieval_shows():
    plan = plan_reverts(
        [change("prompt", "none"), change("parameters", "none"), change("corpus", "medium")],
        show("retrieval"),
    )
    assert plan.order[0] == "corpus"
    assert plan.likely == ("corpus",)
    assert "shows in retrieval questions (evidence 400 to 1, -31 points: OUTSIDE)" in (
        plan.steps[0].reason
    )
    assert plan.steps[0].reason.endswith("cost to users: medium")


def test_changed_but_innocent_is_named_with_its_reason():
    plan = plan_reverts([change("prompt"), change("corpus")], show("retrieval"))
    (innocent,) = plan.left
    assert innocent.component == "prompt"
    assert innocent.chance < POSSIBLE
    assert innocent.reason == (
        "it would show in long questions and short questions and tool questions and unanswerable "
        "questions, whose answers are as good as before"
    )


def test_equally_likely_ones_go_by_what_they_cost_users():
    dear, cheap = change("prompt", "high"), change("model", "none")
    plan = plan_reverts([dear, cheap], show(*GROUPS))
    assert plan.order == ("model", "prompt")
    assert plan.steps[0].chance == pytest.approx(plan.steps[1].chance)


def test_a_likely_dear_one_comes_before_a_possible_cheap_one():
    plan = plan_reverts([change("corpus", "none"), change("prompt", "high")], show(*GROUPS))
    assert plan.order == ("prompt", "corpus")
    assert POSSIBLE < plan.steps[1].chance < LIKELY <= plan.steps[0].chance


def test_a_shift_of_what_is_asked_is_never_put_back():
    plan = plan_reverts([change("inputs"), change("corpus")], show("retrieval"))
    assert plan.order == ("corpus",)
    assert plan.left[0].reason.startswith("other questions are asked")


def test_answers_that_changed_and_are_as_good_need_nothing():
    plan = plan_reverts([change("prompt")], show(others=CHANGED_AND_GOOD))
    assert plan.order == ()
    assert plan.left[0].reason.startswith("nothing shows that the answers")
    assert not plan.undecided


def test_questions_that_get_no_answer_are_harmed_although_no_words_differ():
    failing = Shown(odds=1.0, answers=0, points=-95.0, verdict=Verdict.OUTSIDE)
    plan = plan_reverts([change("tools"), change("corpus")], {**show("x"), "tool": failing})
    assert plan.order == ("tools",)


@pytest.mark.parametrize(("worse", "order"), [(True, ("corpus",)), (False, ())])
def test_other_words_of_which_nobody_knows_yet_are_harm_only_where_they_score_less(worse, order):
    other = Shown(odds=400.0, answers=40, points=-6.0 if worse else -4.0, worse=worse)
    plan = plan_reverts([change("corpus")], {**show(), "retrieval": other})
    assert plan.order == order
    assert harmed_groups({"retrieval": other}) == (("retrieval",) if worse else ())


def test_an_index_that_follows_a_corpus_that_changed_is_put_back_with_it():
    plan = plan_reverts([change("index", "none"), change("corpus", "high")], show("retrieval"))
    assert plan.order == ("corpus",)
    assert plan.left[0].reason == "it follows the corpus, which changed as well"
    assert plan_reverts([change("index")], show("retrieval")).order == ("index",)


def test_groups_that_were_asked_half_enough_speak_against_a_culprit_too():
    """246 answers showed it slowly: 45 of another group would nearly have, were it the prompt."""
    slow = Shown(odds=589_352.0, answers=246, points=-14.0, worse=True)
    asked = {"long": 41, "short": 45, "tool": 35, "unanswerable": 12}
    shown = {group: Shown(odds=0.8, answers=count) for group, count in asked.items()}
    plan = plan_reverts(
        [change("prompt", "none"), change("corpus", "medium")], {**shown, "retrieval": slow}
    )
    assert plan.order[0] == "corpus"
    assert plan.likely == ("corpus",)


def test_a_group_that_was_hardly_asked_is_said_to_be_open_and_acquits_nobody():
    shown = {**show("retrieval"), "tool": HARDLY_ASKED}
    plan = plan_reverts([change("tools"), change("corpus")], shown)
    assert plan.undecided == "not known yet: tool questions (3 answers)"
    chances = {one.component: one.chance for one in (*plan.steps, *plan.left)}
    acquitted = plan_reverts([change("tools"), change("corpus")], show("retrieval"))
    assert chances["tools"] > 5 * next(
        one.chance for one in (*acquitted.steps, *acquitted.left) if one.component == "tools"
    )


def test_what_no_recorded_change_explains_is_said():
    plan = plan_reverts([change("corpus")], show("retrieval", "tool"))
    assert plan.order == ("corpus",)
    assert plan.unexplained == ("tool",)
    assert plan_reverts([], show("tool")).unexplained == ("tool",)


def test_what_cannot_be_put_back_is_in_no_step_and_explains_nothing_that_could_be_done():
    stuck = change("prompt", why_not="the store keeps no older version")
    plan = plan_reverts([stuck], show(*GROUPS))
    assert plan.order == ()
    assert plan.left[0].reason == "it cannot be put back: the store keeps no older version"
    assert plan.unexplained == GROUPS


def test_a_change_is_told_with_when_and_by_whom():
    at = datetime(2026, 11, 30, 9, 10, tzinfo=UTC)
    assert change("corpus", at=at, by="anna").words == (
        "corpus, from old to new at 2026-11-30 09:10 UTC by anna"
    )
    assert change("corpus").words == "corpus, from old to new"


AT = datetime(2026, 11, 30, 9, 10, tzinfo=UTC)


def line(minutes, **labels):
    at = AT + timedelta(minutes=minutes)
    known = {name: version_of(label) for name, label in labels.items()}
    return Entry(target="shop", environment="live", at=at, by="watch", components=known)


def test_what_stands_at_another_version_at_the_end_is_told_with_its_cost():
    lines = [
        line(0, prompt="v1", corpus="a", model="m"),
        line(5, prompt="v2", corpus="b", model="m"),
        line(9, prompt="v3", corpus="a", model="m"),
    ]
    declared = {"prompt": Component.model_validate({"backend": "command", "user_cost": "none"})}
    (found,) = changed_since(what_changed(lines, AT), declared)
    assert (found.component, found.before, found.now) == ("prompt", "v1", "v3")
    assert (found.user_cost, found.at, found.why_not) == ("none", None, "")
    assert found.words == "prompt, from v1 to v3 before 2026-11-30 09:19 UTC"


def test_what_no_target_file_says_how_to_put_back_is_no_step():
    lines = [line(0, corpus="a"), line(5, corpus="b")]
    (found,) = changed_since(what_changed(lines, AT), {})
    assert found.why_not == "the target file does not say how"


def shown_of(culprits):
    """What is seen where each culprit shows in every group in which it could well do so."""
    return show(
        *(
            group
            for group, name in product(GROUPS, culprits)
            if chance_to_show(name, group) >= LIKELY
        )
    )


def put_back_until_inside(changed, culprits):
    """As the workflow does it: one, then look anew, until nothing shows."""
    changed, culprits, done = dict(changed), set(culprits), []
    while True:
        plan = plan_reverts(list(changed.values()), shown_of(culprits))
        if not plan.order:
            return done, culprits
        first = plan.order[0]
        done.append(first)
        del changed[first]
        culprits.discard(first)


@pytest.mark.parametrize(
    ("culprits", "innocent"),
    [
        ({"corpus"}, {"prompt", "model", "tools", "inputs", "gateway", "verifier"}),
        ({"tools"}, {"prompt", "model", "corpus", "index", "inputs"}),
        ({"corpus", "tools"}, {"prompt", "model", "inputs", "verifier"}),
        ({"prompt"}, {"inputs", "corpus", "tools"}),
        ({"prompt", "corpus"}, {"tools", "inputs"}),
        ({"prompt", "corpus", "tools"}, {"inputs"}),
    ],
)
def test_overlapping_changes_are_put_back_to_the_last_culprit_and_no_further(culprits, innocent):
    """The smallest set: what a table can tell apart, although one culprit hides another."""
    changed = {name: change(name) for name in sorted(culprits | innocent)}
    done, left = put_back_until_inside(changed, culprits)
    assert set(done) == culprits
    assert not left


CHANGED = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(COSTS), max_size=len(NAMES))
SHOWN = st.dictionaries(
    st.sampled_from((*GROUPS, "", "made-up")),
    st.builds(
        Shown,
        odds=st.floats(0.5, 1e9),
        answers=st.integers(0, 500),
        points=st.floats(-100, 100),
        worse=st.booleans(),
        verdict=st.sampled_from(Verdict),
    ),
)


@given(CHANGED, SHOWN)
def test_every_change_is_put_back_or_left_and_nothing_else_is_ever_named(costs, shown):
    plan = plan_reverts([change(name, cost) for name, cost in costs.items()], shown)
    named = [one.component for one in (*plan.steps, *plan.left)]
    assert sorted(named) == sorted(costs)
    assert all(0 <= one.chance <= 1 for one in (*plan.steps, *plan.left))
    assert all(one.reason for one in (*plan.steps, *plan.left))


@given(CHANGED, SHOWN)
def test_likely_ones_come_first_and_cost_decides_among_them(costs, shown):
    steps = plan_reverts([change(name, cost) for name, cost in costs.items()], shown).steps
    ranks = [(one.chance < LIKELY, COSTS.index(one.changed.user_cost)) for one in steps]
    assert ranks == sorted(ranks)


@given(CHANGED, SHOWN, st.randoms())
def test_the_order_in_which_changes_are_told_makes_no_difference(costs, shown, draw):
    changes = [change(name, cost) for name, cost in costs.items()]
    shuffled = draw.sample(changes, len(changes))
    one, other = plan_reverts(changes, shown), plan_reverts(shuffled, shown)
    assert one.order == other.order
    assert {x.component for x in one.left} == {x.component for x in other.left}


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.data())
def test_every_culprit_is_found_in_the_end(culprits, data):
    """Also where it is hidden by another: the loop ends only when nothing shows any more."""
    innocent = data.draw(st.sets(st.sampled_from(NAMES)))
    changed = {name: change(name) for name in sorted(culprits | innocent)}
    done, left = put_back_until_inside(changed, culprits)
    assert left <= {"inputs"}
    assert len(done) == len(set(done))
    assert "inputs" not in done


@given(CHANGED)
def test_nothing_is_put_back_while_nothing_shows(costs):
    changes = [change(name, cost) for name, cost in costs.items()]
    assert plan_reverts(changes, show()).order == ()
    assert plan_reverts(changes, {}).order == ()


RECORDED = {"heron-4 fp_a support-v3+corpus-1": 90, "heron-4 fp_a support-v3+corpus-2": 10}


@pytest.mark.parametrize(
    ("now", "called"),
    [
        ({"heron-4 fp_a": 40}, ""),  # another version alone: of its prompt or corpus, say
        ({"heron-4": 40}, ""),  # without a fingerprint nobody can tell
        ({"?": 40}, ""),
        ({"heron-4 fp_b": 40}, "heron-4 fp_b"),
        ({"heron-4 fp_a": 30, "heron-5 fp_a": 10}, "heron-5 fp_a"),
        ({"heron": 40}, "heron"),  # only whole words are the same
    ],
)
def test_a_model_is_another_one_by_its_own_names_alone(now, called):
    found = changed_by_name(RECORDED, now)
    assert (found.now if found else "") == called
    assert found is None or found.component == "model"


def test_where_nobody_was_named_before_no_name_is_new():
    assert changed_by_name({}, {"heron-4": 40}) is None
