"""What synthetic requests carry, and that it cannot break the request or its mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.domain.synthetic import Synthetic, put_at
from tests.gameday.reporting.runs import make_target

NAMES = st.text("abcXYZ019_-", min_size=1, max_size=8)


def test_nothing_declared_is_nothing_carried():
    assert Synthetic().request_headers() == {}
    assert Synthetic().request_body() == {}


def test_what_has_no_place_of_its_own_goes_into_headers_of_ours():
    block = Synthetic(tenant="gameday", tags=("synthetic", "drill"), tools="sandbox", no_cache=True)
    assert block.request_headers() == {
        "x-gameday-tenant": "gameday",
        "x-gameday-tags": "synthetic,drill",
        "x-gameday-tools": "sandbox",
        "cache-control": "no-cache, no-store",
    }


def test_what_has_one_goes_there_alone():
    block = Synthetic(
        tenant="gameday",
        tools="sandbox",
        headers={"x-tenant": "{{tenant}}", "x-mode": "tools={{ tools }}"},
        body={"metadata.user_id": "{{tenant}}", "store": False, "seed": 7},
    )
    assert block.request_headers() == {"x-tenant": "gameday", "x-mode": "tools=sandbox"}
    assert block.request_body() == {"metadata.user_id": "gameday", "store": False, "seed": 7}


def test_a_user_goes_into_a_header_of_ours_unless_it_has_a_place():
    assert Synthetic().request_headers("user-7") == {"x-gameday-user": "user-7"}
    placed = Synthetic(
        headers={"x-user": "{{user}}", "x-kind": "drill"}, body={"user": "u/{{ user }}", "store": 0}
    )
    assert placed.request_headers("user-7") == {"x-user": "user-7", "x-kind": "drill"}
    assert placed.request_body("user-7") == {"user": "u/user-7", "store": 0}


def test_what_names_a_user_is_left_out_where_there_is_none():
    placed = Synthetic(headers={"x-user": "{{user}}", "x-kind": "drill"}, body={"user": "{{user}}"})
    assert placed.request_headers() == {"x-kind": "drill"}
    assert placed.request_body() == {}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"headers": {"authorization": "Bearer x"}}, "is the request's own"),
        ({"headers": {"x-request-id": "1"}}, "is the request's own"),
        ({"headers": {"x-tenant": "{{tenant}}"}}, "is not declared in synthetic"),
        ({"tenant": "g", "body": {"user": "{{tenent}}"}}, "knows {{tenant}}"),
        ({"headers": {"x-a": "two\r\nlines: 1"}}, "pattern"),
        ({"headers": {"X-Upper": "1"}}, "pattern"),
    ],
)
def test_refusals(fields, says):
    with pytest.raises(ValidationError, match=says):
        Synthetic(**fields)


@given(path=st.lists(NAMES, min_size=1, max_size=4), value=st.integers())
def test_put_at_reaches_its_path_and_leaves_the_rest(path, value):
    body = {"kept": {"a": 1}, "scalar": 3}
    made = put_at(body, ".".join(path), value)
    here = made
    for name in path:
        here = here[name]
    assert here == value
    assert body == {"kept": {"a": 1}, "scalar": 3}


@pytest.mark.parametrize(
    ("marker", "synthetic", "says"),
    [
        (
            {"header": "x-gameday"},
            {"headers": {"x-gameday": "1"}},
            "header x-gameday is the marker",
        ),
        ({"header": "x-gameday-tenant"}, {"tenant": "g"}, "x-gameday-tenant is the marker"),
        ({"body": "user"}, {"body": {"user": "g"}}, "field user is the marker"),
        ({"key": "env:A"}, {"key": "env:B"}, "asked with the marker's key"),
    ],
)
def test_the_mark_and_the_synthetic_block_do_not_overwrite_each_other(marker, synthetic, says):
    whole = make_target().model_dump(mode="json")
    whole["front_door"]["marker"] = marker
    with pytest.raises(ValidationError, match=says):
        type(make_target()).model_validate({**whole, "synthetic": synthetic})
