"""usage_inflated: every count is multiplied, and nothing else is touched."""

import json
from typing import Any

import pytest

from gameday.domain.wire import Send
from gameday.faults.usage_inflated import UsageInflated
from tests.gameday.faults.judged import ELSEWHERE, answered, counted, window
from tests.gameday.faults.wired import DIALECTS, body_of, event_of, events_of, hit_of, wire

FAULT = UsageInflated(factor=3)


def usages(document: dict[str, Any]) -> list[dict[str, int]]:
    inner = document.get("message")
    return [
        part["usage"] for part in (document, inner) if isinstance(part, dict) and part.get("usage")
    ]


def tripled(usage: dict[str, Any]) -> dict[str, Any]:
    """The counts thrice; what was paid is not for this fault to tell."""
    return {name: value if name == "cost" else 3 * value for name, value in usage.items()}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_body_reports_so_many_times_more(dialect: str):
    body = body_of(dialect)
    (sent,) = FAULT.on_body(hit_of(dialect, stream=False), body)
    assert isinstance(sent, Send)
    before, after = json.loads(body), json.loads(sent.data)
    assert after["usage"] == tripled(before["usage"])
    assert {**after, "usage": None} == {**before, "usage": None}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_reports_so_many_times_more(dialect: str):
    before, after = events_of(dialect), wire(FAULT, dialect).events(dialect)
    assert len(before) == len(after)
    found = 0
    for old, new in zip(before, after, strict=True):
        if old.raw == new.raw:
            continue
        found += 1
        was, now = json.loads(old.data), json.loads(new.data)
        assert [set(usage) for usage in usages(now)] == [set(usage) for usage in usages(was)]
        for old_usage, new_usage in zip(usages(was), usages(now), strict=True):
            assert new_usage == tripled(old_usage)
        assert old.raw.split(b"data:")[0] == new.raw.split(b"data:")[0]  # the event's name
    assert found == {"anthropic": 2, "azure_openai": 1, "openai": 1}[dialect]


@pytest.mark.parametrize(
    "raw",
    [
        b'data: {"choices":[],"usage":null}\n\n',
        b'data: {"choices":[{"delta":{"content":"\\"usage\\": 3"}}]}\n\n',
        b'data: {"usage": broken\n\n',
        b'data: ["usage"]\n\n',
        b"data: [DONE]\n\n",
        b": usage\n\n",
    ],
)
def test_what_reports_nothing_is_left_alone(raw: bytes):
    assert wire(FAULT, "openai", [event_of("openai", raw)]).sent == raw
    (sent,) = FAULT.on_body(hit_of("openai", stream=False), raw)
    assert sent == Send(raw)


def told(case: str, tokens: int, by: str = "primary") -> Any:
    return answered(case=case, tokens_in=tokens - 10, tokens_out=10, by=by)


BASELINE = window([told("long", 1000 + n) for n in range(9)] + [told("short", 100)] * 9)


def test_felt_against_the_usual_of_the_same_case():
    seen = window([told("short", 300), told("short", 199), told("long", 2008), told("new", 2016)])
    felt = FAULT.felt(counted(4), "primary", BASELINE, seen)
    assert felt.sentence == (
        "the gate changed 4 of 4 answers; 3 requests tried primary and reported 2 times the "
        "usual tokens of their cases, or more"
    )


def test_not_felt():
    for seen in ([told("long", 1900)], [told("short", 300, by="secondary")], [ELSEWHERE]):
        assert not FAULT.felt(counted(4), "primary", BASELINE, window(seen)).felt
    silent = window([answered(tokens_in=0, tokens_out=0)] * 5)
    nothing = FAULT.felt(counted(4), "primary", silent, silent)
    assert "primary reported no tokens in the baseline" in nothing.sentence
    assert not nothing.felt
