"""The review of an incident: from its first sign to the end, in every layer, and what is open."""

import pytest

from gameday.domain.runbook_request import Mode
from gameday.reporting.review_pages import about, review_html, review_markdown
from gameday.reporting.reviewing import Around
from gameday.reporting.reviewing_runbook import review_runbook
from tests.gameday.reporting.pages import read_page
from tests.gameday.reporting.played import (
    ASKED,
    INCIDENT,
    REVERTED,
    make_played,
    unanswered_run,
    undone_run,
)
from tests.gameday.reporting.runs import at
from tests.gameday.reporting.test_reviewing_drill import line


def reviewed(record=None, incident=INCIDENT, *entries):
    return review_runbook(record or make_played(), Around(entries=entries), incident)


def texts(review):
    return [one.text for one in review.questions]


def test_it_begins_with_the_first_sign_and_ends_with_the_outcome():
    review = reviewed()
    assert (review.incident, review.ended, review.summary) == (
        "INC-12", "resolved", "Answers got worse",
    )  # fmt: skip
    assert review.began_at == INCIDENT.since
    assert review.timeline[0].what == "incident INC-12 was opened: Answers got worse"
    assert review.timeline[-1].what == "resolved: the answers are inside again"
    assert [one.at for one in review.timeline] == sorted(one.at for one in review.timeline)
    assert ("Incident", "INC-12") in about(review)


def test_what_was_changed_is_in_its_layer_with_who_said_yes():
    noted = [(one.by, one.what) for one in reviewed().timeline if one.layer == "prompt"]
    assert ("dana", "said yes to puts component/prompt back to what was before") in noted
    assert any(what.endswith("called") for _, what in noted)
    assert any("done: it read back" in what for _, what in noted)


def test_the_alert_that_started_it_is_told_and_not_asked_after():
    review = reviewed()
    assert "alert AssistantWorse firing" in [one.what for one in review.timeline]
    assert "Which alert of your own should have started it?" not in texts(review)
    alone = make_played(events=())
    by_hand = INCIDENT.model_copy(update={"alerts": ()})
    assert "Which alert of your own should have started it?" in texts(reviewed(alone, by_hand))


def test_what_stays_changed_after_a_live_run_is_asked_after_and_of_a_drill_it_is_not():
    stays = "Does component/prompt stay as the runbook has left it, until when, and who decides?"
    assert stays in texts(reviewed())
    assert stays not in texts(reviewed(make_played(mode=Mode.DRILL)))
    assert stays not in texts(reviewed(undone_run()))


def test_an_answer_that_nobody_could_give_and_nobody_who_answered_are_open():
    review = reviewed(unanswered_run())
    assert "What would have let ledger_diff be answered?" in texts(review)
    assert "Who should have answered hand_over, and is what happened instead still right?" in (
        texts(review)
    )
    assert "What would the runbook have to know or be allowed to end this by itself?" in (
        texts(review)
    )


def test_what_could_not_be_put_back_is_asked_after_first_of_all():
    review = reviewed(undone_run("bo has edited it"))
    assert "What does component/prompt stand at now, and who looks at it?" in texts(review)
    assert any(one.what == "component/prompt: NOT put back: bo has edited it"
               for one in review.timeline)  # fmt: skip


@pytest.mark.parametrize(("said_yes_s", "asks"), [(69, False), (70, True)])
def test_only_a_slow_approval_is_asked_after(said_yes_s, asks):
    (yes,) = REVERTED.approved_by
    late = REVERTED.model_copy(
        update={"approved_by": (yes.model_copy(update={"at": at(said_yes_s)}),)}
    )
    asked = [text for text in texts(reviewed(make_played(ASKED, late))) if "was approved" in text]
    assert bool(asked) is asks


def test_the_ledger_s_change_from_before_is_in_the_review():
    review = reviewed(
        None, INCIDENT, line(-7200, prompt="a"), line(-3600, prompt="b"), line(10, prompt="b")
    )
    assert {one.layer: one.state for one in review.layers}["prompt"] == "changed"
    assert any(text.startswith("Did the change to the prompt contribute") for text in texts(review))


@pytest.mark.parametrize("record", [make_played(), undone_run("x"), unanswered_run()],
                         ids=["resolved", "dirty", "handed over"])  # fmt: skip
def test_its_pages_say_the_same_and_hold_together(record):
    review = reviewed(record)
    page = read_page(review_html(review))
    assert not {"script", "img", "a"} & {one.tag for one in page.elements}
    markdown = review_markdown(review)
    assert markdown.startswith("# Review of model-regressed, run RUN1\n")
    for question in review.questions:
        assert question.text.replace("_", r"\_") in markdown or question.text in markdown
