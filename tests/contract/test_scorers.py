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
    "contains": {"any": ["thirty days"]},
    "exact": {"text": "yes"},
    "excludes": {"any": ["sorry"]},
    "json_schema": {"schema": {"type": "object", "required": ["answer"]}},
    "regex": {"pattern": r"\d+ days"},
}


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def made(kind: str) -> Scorer:
    return scorers.make(ScorerSpec(kind=kind, settings=WRITTEN[kind]))


def test_the_first_five_are_there():
    assert set(WRITTEN) <= set(KINDS)


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
