"""The check `conversations_recover`: conversations begun under the change against all others."""

from dataclasses import replace

import pytest

from gameday.checks.conversations_recover import ConversationsRecover
from gameday.domain.drill import Conversations
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    CALLED_AT,
    FAILED,
    LAST_TURN,
    RATE_PER_S,
    RESPONSE,
    baseline,
    faulted,
    planned,
    recovered,
    responded,
    seen,
    window,
    without,
)

CHECK = ConversationsRecover(margin=0.1)
BAD = {"quality": 0.0, "passed": False}
# Of what comes after the switch back: begun under the change, and due 5 s after it or later.
FIRST, LAST = 5 * RATE_PER_S, 15 * RATE_PER_S


def is_old(i: int) -> bool:
    return FIRST <= i < LAST


def run(make, n: int = 600, make_baseline=lambda _: LAST_TURN):
    """What came after the call, over 30 s; nothing in the recovered window."""
    return seen(
        baseline(make_baseline),
        faulted(n=300),
        window("responded", CALLED_AT, n, make),
        recovered(n=0),
        response=RESPONSE,
    )


def judged(make, **more):
    return CHECK.judge(run(make, **more))


def test_it_holds_where_old_conversations_are_as_good_as_ever():
    found = judged(lambda _: LAST_TURN)
    assert found.held is Held.YES
    assert "+0.0 points (+0.0 to +0.0) against the baseline in 200 conversations" in found.reason
    assert "in those begun after it +0.0 points" in found.reason
    assert found.reason.endswith("inside the 10-point margin")


def test_it_is_a_no_where_only_old_conversations_are_worse():
    found = judged(lambda i: LAST_TURN | (BAD if is_old(i) and i % 3 == 0 else {}))
    assert found.held is Held.NO
    assert "-33.0 points" in found.reason
    assert found.reason.endswith("outside the 10-point margin")


def test_answers_that_never_came_count_as_bad_ones():
    late = LAST_TURN | FAILED | {"turn": 1}
    assert judged(lambda i: late if is_old(i) else LAST_TURN).held is Held.NO


def test_where_new_conversations_are_as_bad_no_history_is_to_blame():
    found = judged(lambda i: LAST_TURN | (BAD if i >= FIRST else {}))
    assert found.held is Held.UNKNOWN
    assert "it may be no history that is to blame" in found.reason


def test_without_new_conversations_nobody_can_tell_whom_to_blame():
    found = judged(lambda i: LAST_TURN | (BAD if is_old(i) else {}), n=300)
    assert found.held is Held.UNKNOWN
    assert "it may be no history that is to blame" in found.reason


def test_what_is_near_the_margin_is_undecided():
    found = judged(lambda i: LAST_TURN | (BAD if is_old(i) and i % 10 == 0 else {}))
    assert found.held is Held.UNKNOWN
    assert "undecided at the 10-point margin" in found.reason


@pytest.mark.parametrize(("answers", "held"), [(43, Held.UNKNOWN), (44, Held.YES)])
def test_it_takes_so_many_answers_that_a_drop_would_have_shown(answers, held):
    """44 answers without one failure leave a drop by a tenth at most 1 in 100."""
    found = judged(lambda i: LAST_TURN if is_old(i) and i < FIRST + answers else BY_PRIMARY)
    assert found.held is held


def test_what_comes_sooner_than_within_may_still_be_bad():
    assert judged(lambda i: LAST_TURN | (BAD if i < FIRST else {})).held is Held.YES
    sooner = ConversationsRecover(margin=0.1, within="1s")
    worse = run(lambda i: LAST_TURN | (BAD if i < FIRST else {}))
    assert sooner.judge(worse).held is Held.NO


def test_conversations_that_were_begun_before_the_change_are_none_of_them():
    """Begun 50 s before their last answer, so before the fault."""
    ancient = LAST_TURN | BAD | {"talk_ms": 50_000.0}
    assert "0 answers in conversations" in judged(lambda _: ancient).reason


def test_first_turns_and_turns_that_go_on_count_for_nothing():
    first = BY_PRIMARY | BAD
    middle = LAST_TURN | BAD | {"turns_left": 1, "quality": None, "passed": None}
    found = judged(lambda i: (LAST_TURN, first, middle)[i % 3])
    assert found.held is Held.YES
    assert "in 66 conversations" in found.reason


def test_cases_that_are_hard_are_held_against_themselves():
    def hard(i):
        return LAST_TURN | (BAD if i % 2 else {})  # every other case fails always

    assert judged(hard, make_baseline=hard).held is Held.YES


def test_without_a_response_the_restore_is_the_switch_back():
    found = CHECK.judge(seen(baseline(lambda _: LAST_TURN), recovered(lambda _: LAST_TURN)))
    assert found.held is Held.YES


def test_without_a_switch_back_it_is_unknown():
    whole = run(lambda _: LAST_TURN)
    assert CHECK.judge(replace(whole, response=None, restore=None)).held is Held.UNKNOWN
    for name in ("baseline", "faulted"):
        assert CHECK.judge(without(seen(responded()), name)).held is Held.UNKNOWN


@pytest.mark.parametrize(
    ("talks", "windows", "said"),
    [
        (None, {}, "add to the load, say, `conversations: {turns: 2, pause: 15s}`"),
        (Conversations(turns=2, pause="13s"), {}, "80 conversations begin"),
        (Conversations(turns=2, pause="3s"), {}, "0 conversations begin"),
        (Conversations(turns=4, pause="15s"), {}, ""),
        (Conversations(turns=2, pause="15s"), {"faulted": 8.0}, "80 conversations begin"),
        (Conversations(turns=2, pause="15s"), {"baseline": 17.0}, "the baseline window has 340"),
        (Conversations(turns=2, pause="15s"), {}, ""),
    ],
)
def test_it_says_what_keeps_it_from_deciding(talks, windows, said):
    told = CHECK.cannot_decide(replace(planned(**windows), conversations=talks))
    assert said in told
    assert bool(told) is bool(said)
