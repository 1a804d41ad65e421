"""What an isolation block may say, and what a proof is worth."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from gameday.domain.isolation import (
    Finding,
    HttpJson,
    Isolation,
    IsolationProof,
    PlaceFinding,
    PlaceKind,
    describe_proof,
)

URL = "http://127.0.0.1:1/tickets?about={{canary}}"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def query(**fields):
    return HttpJson(**{"kind": "http_json", "place": "tools", "url": URL, **fields})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"url": "http://127.0.0.1:1/total", "known": "T-1"}, "which the query does not have"),
        ({"expect": "found", "known": "T-1"}, "and for no more"),
        ({"expect": "found", "url": "http://127.0.0.1:1/total"}, "looks for {{canary}}"),
    ],
)
def test_a_query_that_contradicts_itself_is_refused(fields, says):
    with pytest.raises(ValidationError, match=says):
        query(**fields)


@pytest.mark.parametrize(
    ("queries", "says"),
    [
        ({"tickets": query(place="stores")}, "its place is tools"),
        ({"tickets": query(reached="sandbox")}, "no query with expect: found"),
        ({"tickets": query(reached="other"), "other": query()}, "no query with expect: found"),
    ],
)
def test_queries_that_do_not_fit_together_are_refused(queries, says):
    with pytest.raises(ValidationError, match=says):
        Isolation(mutating_tools=("tickets",), queries=queries)


def test_queries_survive_the_way_through_json():
    declared = Isolation(
        mutating_tools=("tickets",),
        queries={
            "tickets": query(known="T-1", reached="sandbox"),
            "sandbox": query(expect="found"),
        },
    )
    assert Isolation.model_validate_json(declared.model_dump_json()) == declared


def found(name, finding, *, acts=False):
    return PlaceFinding(
        name=name, place=PlaceKind.TOOLS, finding=finding, sentence=f"{name} said so", acts=acts
    )


def proof(*places):
    return IsolationProof(
        target="shop", environment="staging", digest="d", canary="c", at=NOW, places=places
    )


@pytest.mark.parametrize("finding", [Finding.LEAKED, Finding.UNPROVEN])
def test_a_tool_that_acts_must_be_proven_and_a_store_need_not(finding):
    store, tool = found("store", finding), found("tickets", finding, acts=True)
    assert proof(store).acting == ""
    assert proof(store, tool).acting == "tickets: tickets said so"
    assert proof(tool).age_s(NOW) is None
    assert proof(store).age_s(NOW + timedelta(hours=2)) == 7200.0
    assert proof(store).age_s(NOW - timedelta(hours=2)) == 0.0, "a clock that went back"


def test_a_proof_in_one_sentence():
    places = (
        found("a", Finding.ISOLATED),
        found("b", Finding.LEAKED),
        found("c", Finding.UNPROVEN),
    )
    assert describe_proof(proof(*places)) == "isolated: a; leaked: b; unproven: c"
    assert describe_proof(proof()) == "isolated: none"
