"""model_degraded: the same model is asked otherwise, and nothing else is touched."""

import pytest
from pydantic import ValidationError

from gameday.faults.model_degraded import ModelDegraded
from tests.gameday.faults.judged import answered, record, window
from tests.gameday.faults.wired import DIALECTS, hit_of


def degraded(dialect, **settings):
    """The body that goes on, and the one that came."""
    hit = hit_of(dialect)
    before = dict(hit.request.body)
    onward = ModelDegraded.model_validate(settings).on_request(hit)
    assert hit.request.body == before  # what came is left as it was
    assert onward is None or onward.path == hit.request.path
    return (None if onward is None else onward.body), before


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_change_is_made_alone(dialect):
    names = {"anthropic": ("system", "output_config", "max_tokens")}.get(
        dialect, ("messages", "reasoning_effort", "max_completion_tokens")
    )
    for settings, key in (
        ({"instruction": "Use at most 25 words."}, names[0]),
        ({"effort": "low"}, names[1]),
        ({"tokens_max": 5}, names[2]),
        ({"temperature": 2}, "temperature"),
    ):
        after, before = degraded(dialect, **settings)
        assert {name for name in {*after, *before} if after.get(name) != before.get(name)} == {key}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_all_changes_are_made_together(dialect):
    after, _ = degraded(
        dialect, instruction="Be brief.", effort="low", temperature=0, tokens_max=5, history_max=1
    )
    assert "Be brief." in str(after)
    assert "low" in str(after)
    assert after["temperature"] == 0
    assert 5 in after.values()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_request_that_would_be_as_it_was_passes(dialect):
    assert degraded(dialect, history_max=1)[0] is None  # it has one message


def test_history_is_dropped_but_for_the_last():
    hit = hit_of("openai")
    hit.request.body["messages"][:0] = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "1."},
    ]
    onward = ModelDegraded(history_max=1).on_request(hit)
    said = [message["content"] for message in onward.body["messages"]]
    assert said == ["Be kind.", "How long do refunds take?"]


def test_something_has_to_be_changed():
    with pytest.raises(ValidationError, match="expected at least one of instruction, effort"):
        ModelDegraded()


def test_felt_by_the_ids_of_whole_answers():
    fault = ModelDegraded(temperature=2)
    evidence = record(gate_at_clear={"hits": 2, "matches": 2, "request_ids": ["r1", "r2"]})
    baseline = window([answered(request_id="b1")])
    for seen, is_felt in (("r2", True), ("r3", False)):
        felt = fault.felt(evidence, "primary", baseline, window([answered(request_id=seen)]))
        assert felt.felt is is_felt
