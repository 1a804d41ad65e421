"""The scorer `contains_json`."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.scorers.contains_json import ContainsJson

NAMED = {"type": "object", "required": ["name"]}


@pytest.mark.parametrize(
    ("schema", "answer", "score"),
    [
        ({}, 'Here: {"a": {"b": 1}} as you asked.', 1.0),
        ({}, "```json\n{}\n```", 1.0),
        ({}, "no braces", 0.0),
        ({}, "{a: 1}", 0.0),
        ({}, '{"a": 1', 0.0),
        (NAMED, '{"a": 1} or {"name": 1}', 1.0),
        (NAMED, '{"a": 1} or {"b": 1}', 0.0),
        ({}, "{" * 100_000, 0.0),
    ],
)
def test_score(schema, answer, score):
    assert ContainsJson(schema=schema).score_text(answer) == score


@pytest.mark.parametrize(
    ("answer", "score"),
    [("{a: 1}", None), ('{"a": 1', None), ('{a: 1} {"name": 1}', 1.0), ('{"b": 1}', 0.0)],
)
def test_what_a_lenient_reader_might_take_is_not_known(answer, score):
    assert ContainsJson(schema=NAMED, lenient=True).score_text(answer) == score


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["a", "it's", "ü"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner),
)


@given(st.dictionaries(st.sampled_from("abc"), values), st.sampled_from(["", "So: ", "} "]))
def test_every_object_is_found_among_words(document, before):
    assert ContainsJson().score_text(f"{before}{json.dumps(document, indent=1)} there") == 1.0
