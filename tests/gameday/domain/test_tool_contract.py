"""What a tool says of itself: which operation uses what, and where a field stands."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.tool_contract import (
    answer_schemas,
    asked_schemas,
    contracts_of_mcp,
    contracts_of_openapi,
    holders,
    is_openapi,
    owners,
    parameters,
    rename,
)

ORDER = {
    "type": "object",
    "required": ["number", "status"],
    "properties": {
        "number": {"type": "string"},
        "status": {"type": "string", "description": "Where the order is."},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders/{number}": {
            "summary": "no operation",
            "get": {
                "operationId": "get_order",
                "parameters": [{"name": "number", "in": "path"}],
                "responses": {"200": {"$ref": "#/components/responses/Order"}},
            },
        },
        "/tickets": {
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"properties": {"about": {}}}}}
                },
                "responses": {"201": {"description": "opened"}},
            }
        },
    },
    "components": {
        "responses": {
            "Order": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
            }
        },
        "schemas": {
            "Order": ORDER,
            "Item": {
                "properties": {"status": {}, "part_of": {"$ref": "#/components/schemas/Item"}}
            },
            "Unused": {"properties": {"status": {}}},
        },
    },
}


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["components"]["schemas"]
    return found


def test_each_operation_says_what_it_refers_to_and_no_more():
    told = contracts_of_openapi(DOCUMENT)
    assert set(told) == {"get_order", "POST /tickets"}
    assert set(told["get_order"]["refers"]) == {
        "#/components/responses/Order",
        "#/components/schemas/Order",
        "#/components/schemas/Item",
    }
    assert told["POST /tickets"]["refers"] == {}
    changed = copy.deepcopy(DOCUMENT)
    changed["components"]["schemas"]["Item"]["properties"]["status"] = {"description": "Another."}
    changed["info"]["version"] = "2"
    after = contracts_of_openapi(changed)
    assert after["get_order"] != told["get_order"]
    assert after["POST /tickets"] == told["POST /tickets"]


def test_a_description_is_part_of_an_mcp_tool_and_its_server_s_notes_are_not():
    tool = {"name": "get_order", "description": "Looks up.", "inputSchema": {}, "_meta": {"v": 1}}
    told = contracts_of_mcp([tool])
    assert told == contracts_of_mcp([{**tool, "_meta": {"v": 2}}])
    assert told != contracts_of_mcp([{**tool, "description": "Looks up, and deletes."}])


def test_a_field_is_found_through_references_lists_and_unions():
    answers = answer_schemas(DOCUMENT)
    assert owners(answers, ["status"], DOCUMENT) == [schemas()["Order"]]
    assert owners(answers, ["items", "status"], DOCUMENT) == [schemas()["Item"]]
    deeper = ["items", *["part_of"] * 3, "status"]
    assert owners(answers, deeper, DOCUMENT) == [schemas()["Item"]]
    assert owners([{"anyOf": [{"items": ORDER}, ORDER]}], ["number"], {}) == [ORDER]
    assert owners(answers, ["nothing"], DOCUMENT) == []
    assert [list(one["properties"]) for one in asked_schemas(DOCUMENT)] == [["about"]]
    assert [one["name"] for one in parameters(DOCUMENT)] == ["number"]


def test_a_schema_that_holds_nothing_but_itself_ends():
    endless = {"components": {"schemas": {"A": {"$ref": "#/components/schemas/A"}}}}
    assert owners([{"$ref": "#/components/schemas/A"}], ["a"], endless) == []
    looped = {"components": {"schemas": {"A": {"items": {"$ref": "#/components/schemas/A"}}}}}
    assert owners([{"$ref": "#/components/schemas/A"}], ["a"], looped) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=12,
)


@given(VALUES)
def test_nothing_that_is_no_contract_is_taken_for_one(value: Any):
    assert not is_openapi(value)
    assert contracts_of_openapi({"openapi": "3.1.0", "paths": value}) is not None
    assert answer_schemas({"openapi": "3.1.0", "paths": {"/": {"get": {"responses": value}}}}) == []


@given(VALUES, st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
def test_renaming_touches_that_field_alone_and_can_be_taken_back(value: Any, path: list[str]):
    before = json.dumps(value)
    found = list(holders(value, path))
    assert all(path[-1] in holder for holder in found)
    places = [list(holder).index(path[-1]) for holder in found]
    for holder in found:
        rename(holder, path[-1], "new")
    assert list(holders(value, path)) == []
    assert [list(holder).index("new") for holder in found] == places
    assert len(list(holders(value, [*path[:-1], "new"]))) == len(found)
    for holder in found:
        rename(holder, "new", path[-1])
    assert json.dumps(value) == before
