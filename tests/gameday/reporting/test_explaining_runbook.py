"""Of a runbook's run it is told what led to each deed, who said yes, and what came of it."""

import pytest

from gameday.reporting.explaining import explanation_lines
from gameday.reporting.explaining_runbook import evidence_lines, explain_runbook
from tests.gameday.reporting.played import (
    ASKED,
    REVERTED,
    make_played,
    unanswered_run,
    undone_run,
)
from tests.gameday.reporting.runs import at


def choice(told, what):
    (found,) = [one for one in told.choices if what in one.what]
    return found


def test_a_step_was_done_because_of_the_answer_that_led_there():
    told = explain_runbook(make_played())
    step = choice(told, "back: puts component/prompt back")
    assert step.why.startswith("what came to prompt: prompt, from support-v3 to support-v4")
    assert "it read back" in step.evidence
    assert "2 attempts" in step.evidence
    assert "act RUN1-act-1" in step.evidence
    assert f"digest {'a' * 12}, now {'b' * 12}" in step.evidence
    assert step.evidence[-1] == "leads to again"


def test_an_answer_rests_on_its_own_reason_and_all_its_figures():
    told = explain_runbook(make_played())
    asked = choice(told, "what: which component has changed?: prompt")
    assert asked.why.endswith("shows in every group")
    assert any(line.startswith("steps [{") for line in asked.evidence)


def test_who_approved_what_and_how_they_are_known():
    yes = choice(explain_runbook(make_played()), "said yes to puts component/prompt back")
    assert (yes.by, yes.evidence) == ("dana", ("known by key 3f2a", f"proposal {'d' * 64}"))


@pytest.mark.parametrize(
    ("how", "said"),
    [("key 3f2a", "known by key 3f2a"), ("known by name only", "known by name only")],
)
def test_how_somebody_is_known_is_said_once(how, said):
    (yes,) = REVERTED.approved_by
    known = REVERTED.model_copy(update={"approved_by": (yes.model_copy(update={"how": how}),)})
    told = explain_runbook(make_played(ASKED, known))
    assert choice(told, "said yes to").evidence[0] == said


def test_a_step_is_told_when_it_read_back_and_not_after_the_window_that_follows():
    watched = REVERTED.model_copy(update={"ended_at": at(200)})
    assert choice(explain_runbook(make_played(ASKED, watched)), "back: ").at == at(101)


def test_it_is_in_order_from_who_asked_to_the_outcome():
    told = explain_runbook(make_played())
    assert [one.at for one in told.choices] == sorted(one.at for one in told.choices)
    assert (told.choices[0].by, told.choices[0].why) == ("alert:watch", "incident INC-12")
    assert told.choices[-1].what == "the outcome: resolved"
    assert explanation_lines(told)[0] == "RESOLVED   the answers are inside again"


def test_what_was_put_back_tells_what_sent_it_there():
    back = choice(explain_runbook(undone_run()), "put back component/prompt")
    assert back.why == "again came to outside: -30 points, margin 10"
    assert back.evidence[-1] == "read back as it was before"
    left = choice(explain_runbook(undone_run("bo has edited it")), "put back component/prompt")
    assert left.evidence[-1] == "NOT put back: bo has edited it"


def test_a_default_that_was_taken_because_nobody_spoke_says_so():
    told = explain_runbook(unanswered_run())
    asked = choice(told, "hand_over: ask_person")
    assert "nobody said anything in time, so its declared way was taken" in asked.evidence


def test_a_run_that_goes_on_is_explained_as_far_as_it_is():
    going = make_played(ended_at=None, outcome=None, sentence="")
    told = explain_runbook(going)
    assert (told.ended, told.reason) == ("", "it goes on, or nobody has closed it")
    assert not [one for one in told.choices if "outcome" in one.what]


@pytest.mark.parametrize(
    ("evidence", "lines"),
    [
        ({"a": 0, "b": None, "c": "", "d": [], "e": {}, "f": False}, ["a 0", "f false"]),
        ({"long": "x" * 400}, [f"long {'x' * 299}…"]),
        ({"fits": "x" * 300}, [f"fits {'x' * 300}"]),
    ],
    ids=["empty ones", "too long", "just fits"],
)
def test_evidence_is_told_figure_by_figure(evidence, lines):
    assert list(evidence_lines(evidence)) == lines
