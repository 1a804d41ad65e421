"""The scorer `json_schema`."""

import json

import pytest
from pydantic import ValidationError

from gameday.scorers.json_schema import JsonSchema

TICKET = {
    "type": "object",
    "required": ["answer", "sources"],
    "properties": {
        "answer": {"type": "string", "minLength": 1},
        "sources": {"type": "array", "items": {"$ref": "#/$defs/source"}, "minItems": 1},
    },
    "$defs": {"source": {"type": "string"}},
}
WHOLE = {"answer": "Within 30 days.", "sources": ["refunds.md"]}


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        (json.dumps(WHOLE), 1.0),
        (f"\n {json.dumps(WHOLE)} \n", 1.0),
        (json.dumps(WHOLE)[:-1], 0.0),
        (f"Here it is: {json.dumps(WHOLE)}", 0.0),
        (f"```json\n{json.dumps(WHOLE)}\n```", 0.0),
        (json.dumps({**WHOLE, "sources": []}), 0.0),
        (json.dumps({**WHOLE, "sources": [1]}), 0.0),
        (json.dumps({"answer": "Within 30 days."}), 0.0),
        ("[]", 0.0),
        ("", 0.0),
    ],
)
def test_score(answer, score):
    assert JsonSchema(schema=TICKET).score_text(answer) == score


@pytest.mark.parametrize("answer", ["NaN", "-Infinity", "{'a': 1}", "[1,]"])
def test_what_python_would_read_is_not_always_json(answer):
    assert JsonSchema(schema={}).score_text(answer) == 0.0


@pytest.mark.parametrize("answer", ["[" * 200_000, "[" * 900 + "]" * 900, "9" * 5000, "1e999"])
def test_an_answer_beyond_all_measure_does_not_fit_and_does_no_harm(answer):
    nested = {"type": ["array", "number"], "items": {"$ref": "#"}, "multipleOf": 0.01}
    assert JsonSchema(schema=nested).score_text(answer) == 0.0


def test_the_draft_that_the_schema_names_counts():
    """In draft 7 a list under `items` is one schema a place; 2020-12 calls that `prefixItems`."""
    places = {"items": [{"type": "string"}, {"type": "integer"}]}
    seventh = JsonSchema(schema={"$schema": "http://json-schema.org/draft-07/schema#", **places})
    assert (seventh.score_text('["a", 1]'), seventh.score_text('["a", "b"]')) == (1.0, 0.0)
    with pytest.raises(ValidationError, match="not a JSON Schema"):
        JsonSchema(schema=places)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "strin"}, r"not a JSON Schema: 'strin' .* at \$\.type"),
        ({"pattern": "("}, "not a JSON Schema"),
        ({"properties": {"a": {"minimum": "1"}}}, r"at \$\.properties\.a\.minimum"),
        ({"$ref": "#"}, "refers to itself without end"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "nothing to find at .ref '/.defs/b'"),
        ({"allOf": [{"$ref": "https://example.com/x.json"}]}, "https://example.com/x.json"),
        ({"$dynamicRef": "#nowhere"}, "nothing to find"),
    ],
)
def test_a_schema_that_is_none_is_refused(schema, said):
    with pytest.raises(ValidationError, match=said):
        JsonSchema(schema=schema)


def test_it_is_read_back_from_what_a_file_would_say():
    scorer = JsonSchema.model_validate({"schema": TICKET})
    assert JsonSchema.model_validate_json(scorer.model_dump_json()) == scorer
    assert json.loads(scorer.model_dump_json())["schema"] == TICKET
