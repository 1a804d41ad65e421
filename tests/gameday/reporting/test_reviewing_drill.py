"""A review knows what was recorded, asks where it cannot know, and says what nobody read."""

from datetime import timedelta

import pytest

from gameday.domain.alerts import AlertState, Sighting, Stage
from gameday.domain.component import version_of
from gameday.domain.layer import LAYERS, layer_of
from gameday.domain.ledger import Entry
from gameday.domain.record import Event
from gameday.reporting.reviewing import Around
from gameday.reporting.reviewing_drill import layer_of_held, review_drill
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import (
    at,
    failing_run,
    make_fault,
    passing_run,
    responding_run,
)
from tests.gameday.reporting.stand_ins import MAKERS

HOUR = 3600


def line(seconds, run="", moment="", **versions):
    return Entry(
        target="lab",
        environment="lab",
        at=at(seconds),
        by="watch",
        run=run,
        moment=moment,
        components={
            name: one if hasattr(one, "digest") else version_of(one)
            for name, one in versions.items()
        },
    )


def reviewed(run, tmp_path, *entries, **around):
    result = write_reports(run.store(tmp_path), run.record, run.samples, MAKERS)
    return review_drill(run.record, result, Around(entries=entries, **around))


def by_layer(review):
    return {one.layer: (one.state, one.sentence) for one in review.layers}


def asked(review, layer):
    return [one.text for one in review.questions if one.layer == layer]


@pytest.mark.parametrize(
    ("resource", "layer"),
    [
        ("component/model", "model"),
        ("component/parameters", "model"),
        ("component/prompt", "prompt"),
        ("component/corpus", "retrieval"),
        ("index", "retrieval"),
        ("tool/orders", "tools"),
        ("inputs/load", "input"),
        ("provider/primary", "operation"),
        ("component/gateway", "operation"),
        ("component/something-new", "operation"),
    ],
)
def test_each_resource_has_its_layer(resource, layer):
    assert layer_of(resource) == layer


def test_a_fault_may_break_another_layer_than_what_it_is_on():
    assert layer_of_held(make_fault(kind="model_swap")) == "model"
    assert layer_of_held(make_fault(kind="connection_refused")) == "operation"
    assert layer_of_held(make_fault(kind="nobody-knows")) == "operation"


def test_without_a_ledger_no_layer_is_called_unchanged(tmp_path):
    review = reviewed(passing_run(), tmp_path)
    assert [one.layer for one in review.layers] == list(LAYERS)
    assert {state for state, _ in by_layer(review).values()} == {"not known"}


def test_a_change_of_before_the_run_is_in_its_layer_the_timeline_and_the_questions(tmp_path):
    anna = version_of("b", by="anna", changed_at=at(-HOUR))
    review = reviewed(
        responding_run(),
        tmp_path,
        line(-3 * HOUR, corpus="a", prompt="p", model="m"),
        line(-1800, corpus=anna, prompt="p"),
        line(60, corpus=anna, prompt="p"),
    )
    state, sentence = by_layer(review)["retrieval"]
    assert state == "changed"
    assert "corpus changed: a to b" in sentence
    assert "by anna" in sentence
    assert by_layer(review)["prompt"][0] == "as before"
    assert by_layer(review)["model"][0] == "not known"  # read once, and never again
    first = review.timeline[0]
    assert (first.layer, first.by, first.at) == ("retrieval", "anna", at(-HOUR))
    texts = asked(review, "retrieval")
    assert "Did the change that anna made to the corpus contribute, and what let it through?" in (
        texts
    )
    assert any(
        text.startswith("What would have noticed the changed corpus in less") for text in texts
    )
    assert "Could the model have changed without anybody knowing?" in asked(review, "model")


def test_a_change_that_nobody_owns_up_to_is_asked_after(tmp_path):
    review = reviewed(passing_run(), tmp_path, line(-HOUR, tools="a"), line(30, tools="b"))
    assert "Who or what changed the tools, and why does nothing say so?" in asked(review, "tools")


def test_what_drills_change_and_put_back_raises_no_question(tmp_path):
    was, other = version_of("a"), version_of("b")
    review = reviewed(
        passing_run(),
        tmp_path,
        line(-HOUR, run="AAAA", moment="before", prompt=was),
        line(-HOUR + 10, run="AAAA", moment="changed", prompt=other),
        line(-HOUR + 60, run="AAAA", moment="after", prompt=was),
        line(1, prompt=was),
    )
    state, sentence = by_layer(review)["prompt"]
    assert (state, "AAAA" in sentence) == ("as before", True)
    assert asked(review, "prompt") == []
    assert [one.by for one in review.timeline if one.layer == "prompt"] == ["the drill AAAA"] * 2


def test_changes_from_before_the_stretch_are_left_out(tmp_path):
    entries = [line(-50 * HOUR, prompt="a"), line(-40 * HOUR, prompt="b"), line(1, prompt="b")]
    assert by_layer(reviewed(passing_run(), tmp_path, *entries))["prompt"][0] == "as before"
    since = at(-60 * HOUR)
    wider = reviewed(passing_run(), tmp_path / "wider", *entries, since=since)
    assert by_layer(wider)["prompt"][0] == "changed"


def test_the_timeline_has_all_layers_in_order(tmp_path):
    seen = Sighting(at=at(27), stage=Stage.ALERTMANAGER, state=AlertState.FIRING,
                    alert="AssistantWorse", receivers=("pager",))  # fmt: skip
    review = reviewed(responding_run(), tmp_path, sightings=(seen,))
    assert [one.at for one in review.timeline] == sorted(one.at for one in review.timeline)
    said = [(one.layer, one.what) for one in review.timeline]
    assert ("model", "model_swap on provider/primary: broken") in said
    assert ("operation", "alert AssistantWorse firing at alertmanager, to pager") in said
    assert any(what.startswith("pin_model on component/model, to") for _, what in said)
    assert said[-1][1].startswith(review.ended)


def test_the_alert_that_the_response_waited_for_is_in_the_timeline(tmp_path):
    facts = {"alert": "AssistantWorse", "sender": "watch", "firing": True}
    heard = Event(author="workflow", seq=1, at=at(26), what="alerted", facts=facts)
    review = reviewed(responding_run().with_record(events=(heard,)), tmp_path)
    assert ("watch", "alert AssistantWorse firing") in [
        (one.by, one.what) for one in review.timeline
    ]
    assert "Which alert of your own should have told somebody?" not in asked(review, "operation")


@pytest.mark.parametrize(("seen_s", "asks"), [(20, True), (21, False)])
def test_what_changed_after_the_fault_is_told_and_is_no_cause(seen_s, asks, tmp_path):
    entries = (line(-HOUR, prompt="a"), line(seen_s, prompt="a"), line(40, prompt="b"))
    review = reviewed(passing_run(), tmp_path, *entries)
    assert any(one.what.startswith("prompt changed") for one in review.timeline)
    assert bool(asked(review, "prompt")) is asks


def test_every_check_that_did_not_hold_is_a_question(tmp_path):
    review = reviewed(failing_run(), tmp_path)
    texts = asked(review, "operation")
    assert "What kept fallback from holding?" in texts
    assert "Which alert of your own should have told somebody?" in texts
    held = reviewed(passing_run(), tmp_path / "held")
    assert not [one for one in asked(held, "operation") if "from holding" in one]


def test_an_alert_that_rang_leaves_no_question_after_one(tmp_path):
    seen = Sighting(at=at(27), stage=Stage.PROMETHEUS, state=AlertState.FIRING, alert="A")
    review = reviewed(passing_run(), tmp_path, sightings=(seen,))
    assert "Which alert of your own should have told somebody?" not in asked(review, "operation")


@pytest.mark.parametrize(("took_s", "asks"), [(59, False), (61, True)])
def test_only_a_slow_decision_is_asked_after(took_s, asks, tmp_path):
    run = responding_run()
    noticed_at = run.record.detection.at
    run = run.with_record(decided_at=noticed_at + timedelta(seconds=took_s))
    texts = asked(reviewed(run, tmp_path), "operation")
    assert any("from noticing it to deciding" in text for text in texts) is asks
