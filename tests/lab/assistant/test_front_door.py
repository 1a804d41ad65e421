"""The front door's shapes: what it reads, and what clients get to read."""

import json

import pytest

from gameday.domain.sample import Attempt, Outcome
from lab.assistant.dialect import Reading
from lab.assistant.front_door import BadQuestionError, Envelope, attempts_header, read_question

READING = Reading(
    model="m-1", fingerprint="fp_1", tokens_in=5, tokens_out=2, finish_reason="stop", whole=True
)


def test_the_last_user_message_is_the_question() -> None:
    messages = [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "second"},
    ]
    assert read_question({"messages": messages, "stream": True}).text == "second"


@pytest.mark.parametrize(
    "body",
    [[], 3, {}, {"messages": "x"}, {"messages": [3]}, {"messages": [{"role": "user"}]}],
)
def test_what_is_no_question_is_refused(body: object) -> None:
    with pytest.raises(BadQuestionError):
        read_question(body)


def test_attempts_are_told_in_order_with_outcome_and_time() -> None:
    attempts = [
        Attempt(provider="primary", outcome=Outcome.REFUSED, elapsed_ms=3.2),
        Attempt(provider="secondary", outcome=Outcome.OK, elapsed_ms=210.4),
    ]
    assert attempts_header(attempts) == "primary;outcome=refused;ms=3, secondary;outcome=ok;ms=210"


def test_a_whole_answer_passes_model_fingerprint_and_usage_through() -> None:
    body = Envelope(READING).whole("It is")
    assert (body["model"], body["system_fingerprint"]) == ("m-1", "fp_1")
    assert body["usage"] == {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def test_a_streams_chunks_share_one_id_and_end_with_usage_and_done() -> None:
    envelope = Envelope(READING)
    sent = envelope.piece("It", first=True) + envelope.piece(" is", first=False) + envelope.end()
    *documents, done = sent.decode().strip().split("\n\n")
    chunks = [json.loads(document.removeprefix("data: ")) for document in documents]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "It"}
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["total_tokens"] == 7
    assert done == "data: [DONE]"
