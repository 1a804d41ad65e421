"""What every registered scorer must keep, whoever wrote it; a newcomer is tested unasked."""

import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.catalog.kinds import scorers
from gameday.domain.errors import FileError
from gameday.domain.scorer import Answered, Scorer
from gameday.domain.suite import ScorerSpec

KINDS = dict(scorers.kinds())
# A scorer whose settings cannot be guessed says here what an author might write.
WRITTEN: dict[str, dict[str, Any]] = {
    "canary": {"token": "heron-7f3a"},
    "citation": {"any": ["refunds.md"]},
    "code_block": {"language": "json"},
    "contains": {"any": ["thirty days"]},
    "contains_json": {"schema": {"type": "object"}},
    "cost": {"usd_max": 0.002},
    "edit_similarity": {"text": "Within thirty days."},
    "ends_with": {"text": "."},
    "exact": {"text": "yes"},
    "excludes": {"any": ["sorry"]},
    "finish_reason": {"any": ["stop"]},
    "forbidden_tool_call": {"any": ["refund_*"]},
    "judge": {"criterion": "It is polite."},
    "json_equals": {"document": {"answer": 42}},
    "json_schema": {"schema": {"type": "object", "required": ["answer"]}},
    "language": {"any": ["en"]},
    "latency": {"ms_max": 500},
    "length": {"words_max": 100},
    "numeric": {"value": 30},
    "pii": {},
    "refusal": {},
    "regex": {"pattern": r"\d+ days"},
    "retrieved": {"any": ["refunds.md"]},
    "required_tool_call": {"tool": "find_order"},
    "similarity": {"text": "Within thirty days."},
    "starts_with": {"text": "Yes"},
    "tool_calls": {"all": ["find_order"]},
    "valid_tool_calls": {"tools": {"find_order": {"type": "object"}}},
    "word_overlap": {"text": "within thirty days"},
}


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def made(kind: str) -> Scorer:
    return scorers.make(ScorerSpec(kind=kind, settings=WRITTEN[kind]))


def test_what_is_written_here_is_there():
    assert set(WRITTEN) <= set(KINDS)


def test_what_needs_more_than_the_text_cannot_tell_without_it(kind):
    """A score of 0 for what nobody looked at would be a wrong answer of Gameday's own."""
    beyond = {"cost", "latency", "finish_reason", "citation", "judge", "similarity", "retrieved"}
    blind = Answered("Within thirty days [refunds.md].")
    if kind in beyond or kind.endswith(("tool_call", "tool_calls")):
        assert made(kind).score(blind) is None


def test_it_says_what_it_is(kind):
    assert scorers.summary(kind).endswith(".")
    assert "\n" not in scorers.summary(kind)
    assert inspect.getdoc(KINDS[kind]) != inspect.getdoc(Scorer)


@given(answer=st.text(max_size=200))
def test_every_answer_has_a_score_from_0_to_1_or_none_and_always_the_same(answer):
    for kind in KINDS:
        score = made(kind).score(Answered(answer))
        assert score is None or (isinstance(score, float) and 0.0 <= score <= 1.0)
        assert made(kind).score(Answered(answer)) == score


def test_its_kind_is_its_file_name(kind):
    assert KINDS[kind].__module__.rpartition(".")[2] == kind


def test_its_settings_have_a_schema_and_hide_no_key_of_the_entry(kind):
    schema = KINDS[kind].model_json_schema()
    assert schema["additionalProperties"] is False
    own = {"kind", "settings", "name", "weight", "at_least", "not", "set", "pass_at"}
    assert not own & set(schema["properties"])


def test_an_unknown_setting_is_refused(kind):
    with pytest.raises(FileError, match="unknown key 'anny'"):
        scorers.make(ScorerSpec(kind=kind, settings={**WRITTEN[kind], "anny": ["x"]}))


def test_it_is_a_value(kind):
    scorer = made(kind)
    assert scorer == made(kind)
    assert type(scorer).model_validate_json(scorer.model_dump_json()) == scorer
