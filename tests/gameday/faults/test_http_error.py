"""http_error: any error status, as JSON of the dialect, as a page, or bare."""

import json
from dataclasses import replace
from typing import Any

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, headers_of, made
from tests.gameday.faults.judged import (
    ELSEWHERE,
    GOOD,
    at_primary,
    counted,
    record,
    sample,
    window,
)
from tests.gameday.faults.wired import DIALECTS, hit_of


@pytest.mark.parametrize(
    ("dialect", "status", "type_"),
    [
        ("openai", 503, "service_unavailable_error"),
        ("openai", 500, "server_error"),
        ("openai", 401, "invalid_request_error"),
        ("openai", 418, "invalid_request_error"),
        ("anthropic", 529, "overloaded_error"),
        ("anthropic", 503, "overloaded_error"),
        ("anthropic", 502, "api_error"),
        ("anthropic", 403, "permission_error"),
        ("anthropic", 404, "not_found_error"),
        ("anthropic", 429, "rate_limit_error"),
        ("anthropic", 422, "invalid_request_error"),
        ("azure_openai", 500, "server_error"),
    ],
)
def test_json_is_what_the_provider_says_for_the_status(dialect: str, status: int, type_: str):
    answer = given(made("http_error", status=status), dialect)
    assert answer.status == status
    assert error_of(answer)["type"] == type_
    assert headers_of(answer)["content-type"] == "application/json"
    assert not any(name.startswith("retry") for name in headers_of(answer))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_page_is_no_json_and_says_its_status(dialect: str):
    answer = given(made("http_error", status=502, body="html", retry_after="20s"), dialect)
    assert answer.status == 502
    assert headers_of(answer) == {"content-type": "text/html; charset=UTF-8", "retry-after": "20"}
    assert b"502 Bad Gateway" in answer.body
    assert b"20 s" in answer.body
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(answer.body)


def test_a_status_that_http_does_not_know():
    assert b"529 Error" in given(made("http_error", status=529, body="html"), "openai").body


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_at_all(dialect: str):
    answer = given(made("http_error", body="empty"), dialect)
    assert (answer.status, answer.body) == (503, b"")


@pytest.mark.parametrize("body", ["json", "html", "empty"])
@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("header", {"retry-after": "0.1"}),
        ("milliseconds", {"retry-after-ms": "100", "retry-after": "1"}),
        ("body", {}),
        ("absent", {}),
    ],
)
def test_when_to_come_again(body: str, style: str, told: dict[str, str]):
    answer = given(made("http_error", body=body, retry_after="100ms", style=style), "openai")
    retry = {name: value for name, value in answer.headers if name.startswith("retry")}
    assert retry == told
    if body != "empty":
        assert (b"0.1" in answer.body) is (style != "absent")


def test_it_may_take_its_time():
    assert given(made("http_error", after="2s"), "openai").after_s == 2.0
    assert given(made("http_error"), "openai").after_s == 0.0


def test_markup_in_a_request_id_stays_text():
    hit = hit_of("openai")
    hit.request = replace(hit.request, id="<script>alert(1)</script>")
    answer = made("http_error", body="html").instead(hit)
    assert answer is not None
    assert b"<script" not in answer.body


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 429, 500, 503, 529, 599])
def test_every_provider_can_say_so(dialect: str, status: int):
    assert made("http_error", status=status).misfit(find(dialect)) == ""


@pytest.mark.parametrize(
    "settings",
    [
        {"status": 399},
        {"status": 600},
        {"status": "503"},
        {"body": "xml"},
        {"retry_after": "50ms"},
        {"retry_after": "25h"},
        {"retry_after": 20},
        {"style": "somewhere"},
        {"after": 3},
        {"share": 0},
        {"share": 1.5},
        {"hits_max": 0},
        {"sticky_by": "cookie"},
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any]):
    with pytest.raises(FileError, match="http_error"):
        made("http_error", **settings)


def test_felt_when_gate_and_client_say_so():
    fault = made("http_error")
    seen = window([at_primary(Outcome.HTTP_ERROR)] * 3)
    felt = fault.felt(counted(3, 5), "primary", window(GOOD), seen)
    assert felt.count == 3
    assert felt.sentence == (
        "the gate changed 3 of 5 answers; 3 requests tried primary and got no good answer there"
    )


def test_not_felt_when_one_of_them_does_not():
    fault, seen = made("http_error"), window([at_primary(Outcome.HTTP_ERROR)] * 3)
    unnoticed = fault.felt(counted(3), "primary", window(GOOD), window(GOOD))
    assert not unnoticed.felt
    assert "the client did not feel it" in unnoticed.sentence
    for untouched in (counted(0, 0), counted(0, 7)):
        assert not fault.felt(untouched, "primary", window(GOOD), seen).felt
    assert not fault.felt(counted(3), "primary", window(GOOD), window([ELSEWHERE])).felt


def test_felt_by_who_got_no_answer_and_so_was_told_no_attempt():
    fault = made("http_error")
    hits = record(gate_at_clear={"hits": 2, "matches": 2, "request_ids": ["one", "two"]})
    nothing = sample().changed(outcome=Outcome.TIMEOUT, request_id="one")
    felt = fault.felt(hits, "primary", window(GOOD), window([nothing, *GOOD]))
    assert felt.count == 2
    assert felt.sentence == "the gate changed 2 of 2 answers; 1 of these requests got no answer"
    for other in ({"request_id": "three"}, {"request_id": "", "outcome": Outcome.TIMEOUT}):
        untouched = nothing.changed(**other)
        assert not fault.felt(hits, "primary", window(GOOD), window([untouched])).felt
    answered_well = nothing.changed(outcome=Outcome.OK)
    assert not fault.felt(hits, "primary", window(GOOD), window([answered_well])).felt


def test_felt_by_whom_others_answered_where_no_attempt_is_ever_told():
    fault = made("http_error")
    hits = record(gate_at_clear={"hits": 2, "matches": 2, "request_ids": ["one", "two"]})
    silent = sample().changed(served_by="primary", request_id="zero")
    before, rescued = (
        window([silent]),
        silent.changed(served_by="secondary", request_id="one"),
    )
    felt = fault.felt(hits, "primary", before, window([rescued]))
    assert felt.count == 2
    assert felt.sentence == "the gate changed 2 of 2 answers; others answered 1 of these requests"
    for other in ({"request_id": "three"}, {"served_by": "primary"}, {"served_by": None}):
        untouched = rescued.changed(**other)
        assert not fault.felt(hits, "primary", before, window([untouched])).felt
    # A front door that tells attempts is believed.
    assert not fault.felt(hits, "primary", window(GOOD), window([rescued])).felt


def test_unknown_when_the_gate_could_not_be_read():
    uncounted = counted(0).model_copy(update={"evidence": {}})
    seen = window([at_primary(Outcome.HTTP_ERROR)] * 3)
    felt = made("http_error").felt(uncounted, "primary", window(GOOD), seen)
    assert not felt.felt
    assert "did not tell" in felt.sentence
