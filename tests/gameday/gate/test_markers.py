"""A drill's own requests are known by three signs."""

import hashlib

import pytest

from gameday.domain.gate import MarkerMatch
from gameday.domain.wire import WireRequest
from gameday.gate.markers import Mark, find, needs_body


def asked(headers=None, body=None):
    return WireRequest("POST", "/v1/x", headers or {}, body or {}, "id")


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        ("RUN.42", Mark("RUN", "42")),
        ("RUN", Mark("RUN", "")),
        ("RUN.4.2", Mark("RUN", "4.2")),
        ("", None),
    ],
)
def test_a_header_names_run_and_request(value, mark):
    match = MarkerMatch(header="x-gameday")
    assert find(match, asked({"x-gameday": value}), "RUN") == mark
    assert find(match, asked(), "RUN") is None
    assert not needs_body(match)


@pytest.mark.parametrize(
    ("body", "mark"),
    [
        ({"metadata": {"gameday": "RUN.7"}}, Mark("RUN", "7")),
        ({"metadata": {"gameday": 7}}, Mark("7", "")),
        ({"metadata": {"gameday": True}}, None),
        ({"metadata": {"gameday": {"a": 1}}}, None),
        ({"metadata": "RUN.7"}, None),
        ({}, None),
    ],
)
def test_a_body_field_names_run_and_request(body, mark):
    match = MarkerMatch(body="metadata.gameday")
    assert find(match, asked(body=body), "RUN") == mark
    assert needs_body(match)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer k-1"},
        {"authorization": "bearer  k-1"},
        {"x-api-key": "k-1"},
        {"api-key": "k-1"},
        {"authorization": "Basic abc", "api-key": "k-1"},
    ],
)
def test_a_key_is_told_by_its_digest(headers):
    match = MarkerMatch(key_sha256=hashlib.sha256(b"k-1").hexdigest())
    assert find(match, asked(headers), "RUN") == Mark("RUN")
    assert find(match, asked({"authorization": "Bearer k-2"}), "RUN") is None
    assert find(match, asked(), "RUN") is None
