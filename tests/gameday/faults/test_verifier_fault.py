"""verifier_fault: slow, down, or a yes to everything; and only a no is changed into a yes."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.domain.wire import Event, Hit, Send, WireRequest
from gameday.faults.verifier_fault import VerifierFault

HIT = Hit(WireRequest("POST", "/check", {}, {}, "req-1"), None, 0.0, random.Random(0).random)
YES = VerifierFault(how="always_yes", verdict="allowed")
LABEL = VerifierFault(how="always_yes", verdict="result.label", yes="safe")


def answered(fault: VerifierFault, body: bytes) -> bytes:
    (sent,) = fault.on_body(HIT, body)
    assert isinstance(sent, Send)
    return sent.data


def test_a_slow_one_is_held_and_then_answers_itself():
    fault = VerifierFault(how="slow", latency_ms=250)
    assert fault.hold_s(HIT) == 0.25
    assert fault.instead(HIT) is None
    assert answered(fault, b'{"allowed":false}') == b'{"allowed":false}'


def test_one_that_is_down_gives_no_verdict():
    answer = VerifierFault(how="down").instead(HIT)
    assert answer is not None
    assert answer.status == 503
    assert b"allowed" not in answer.body
    assert VerifierFault(how="down").hold_s(HIT) == 0


@pytest.mark.parametrize(
    ("fault", "said", "becomes"),
    [
        (YES, {"allowed": False, "why": "x"}, {"allowed": True, "why": "x"}),
        (YES, {"allowed": 0}, {"allowed": True}),
        (YES, {"allowed": 1}, {"allowed": True}),  # a number is no yes where yes is `true`
        (YES, {"allowed": None}, {"allowed": True}),
        (LABEL, {"result": {"label": "unsafe"}}, {"result": {"label": "safe"}}),
        (LABEL, {"result": [{"label": "unsafe"}]}, {"result": [{"label": "safe"}]}),
    ],
)
def test_a_no_becomes_a_yes(fault: VerifierFault, said: Any, becomes: Any):
    assert json.loads(answered(fault, json.dumps(said).encode())) == becomes
    data = json.dumps(said).encode()
    (sent,) = fault.on_event(HIT, Event(b"data: " + data + b"\n\n", data, is_content=False))
    assert isinstance(sent, Send)
    assert json.loads(sent.data.removeprefix(b"data: ")) == becomes


@pytest.mark.parametrize(
    "body", [b'{"allowed": true}', b'{"other": false}', b"", b"{", b"\xff", b"[]", b"null"]
)
def test_a_yes_and_what_is_no_verdict_pass_byte_for_byte(body: bytes):
    assert answered(YES, body) == body


@given(st.recursive(st.booleans() | st.integers(), lambda x: st.dictionaries(
    st.sampled_from(["allowed", "other"]), x, max_size=2)))  # fmt: skip
def test_after_it_nothing_says_no_and_all_else_is_as_it_was(said: Any):
    found = json.loads(answered(YES, json.dumps(said).encode()))
    if isinstance(said, dict) and "allowed" in said:
        assert found == {**said, "allowed": True}
    else:
        assert found == said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"how": "always_yes"}, "needs verdict"),
        ({"how": "down", "latency_ms": 5}, "how: down takes no latency_ms"),
        ({"how": "slow", "verdict": "a", "yes": "safe"}, "takes no verdict and no yes"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, Any], told: str):
    with pytest.raises(ValidationError, match=told):
        VerifierFault(**settings)
