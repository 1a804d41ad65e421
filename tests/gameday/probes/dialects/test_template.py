"""A front door that is no model API: asked and read as its target says, over real connections."""

import json
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.domain.front_door import AnswerTemplate, FrontDoor, RequestTemplate
from gameday.domain.json_path import look, split_path
from gameday.domain.sample import Outcome
from gameday.probes.answer import Answer
from gameday.probes.caller import Caller
from gameday.probes.dialect import Asked, Turn
from gameday.probes.dialects.template import Template
from tests.gameday.probes.wire_rig import (
    STREAM_HEAD,
    Close,
    chunk,
    due,
    front_door,
    question,
    whole,
)

REQUEST = {
    "path": "/ask?lang=en",
    "headers": {"x-app": "shop", "x-key": "{{key}}"},
    "json": {"q": "{{question}}", "id": "{{request_id}}", "deep": [{"again": "<{{question}}>"}]},
}
ANSWER = {
    "text": "reply.parts.0",
    "event_text": "piece",
    "finish": "done",
    "model": "meta.model",
    "version": {"header": "x-build"},
    "served_by": "meta.by",
    "tokens_in": "meta.used.in",
    "tokens_in_cached": "meta.used.cached",
    "tokens_out": "meta.used.out",
}
META = {"model": "m-9", "by": "secondary", "used": {"in": 12, "cached": 4, "out": 3}}


def door(request=REQUEST, answer=ANSWER, **more):
    return FrontDoor(dialect="template", request=request, answer=answer, **more)


def reply(text="30 days", **more):
    return json.dumps({"reply": {"parts": [text]}, "meta": META, "done": True, **more}).encode()


def event(**data):
    return b"data: " + json.dumps(data).encode() + b"\n\n"


async def ask(*steps, answer=ANSWER, stream=False):
    async with front_door(lambda *_: steps, door(answer=answer), stream=stream) as (_, client):
        return await client.ask(question(), due())


async def test_a_body_is_taken_apart():
    sample = await ask(whole(reply(), "x-build: 7", "x-served-by: primary"))
    assert (sample.outcome, sample.answer_excerpt) == (Outcome.OK, "30 days")
    assert (sample.model, sample.version, sample.served_by) == ("m-9", "7", "secondary")
    assert (sample.tokens_in, sample.tokens_in_cached, sample.tokens_out) == (12, 4, 3)
    assert sample.finish_reason == "complete"


async def test_the_request_is_filled_in():
    caller = Caller("RUN1", "s3cret")
    async with front_door(lambda *_: [whole(reply())], door(), caller=caller) as (asked, client):
        sample = await client.ask(question('Say "30"\n\N{EURO SIGN}?'), due())
    line, headers, content = asked.requests[0]
    assert line == "POST /v1/ask?lang=en HTTP/1.1"
    assert (headers["x-app"], headers["x-key"]) == ("shop", "s3cret")
    text = 'Say "30"\n\N{EURO SIGN}?'
    assert json.loads(content) == {
        "q": text,
        "id": sample.request_id,
        "deep": [{"again": f"<{text}>"}],
    }


async def test_a_form_and_a_path_carry_any_question():
    request = {"method": "PUT", "path": "/a/{{question}}", "form": {"q": "{{question}}"}}
    text = "a=1&b= ? / \N{EURO SIGN} {{x}}"
    async with front_door(lambda *_: [whole(reply())], door(request)) as (asked, client):
        assert (await client.ask(question(text), due())).good
    line, headers, content = asked.requests[0]
    assert parse_qs(content.decode()) == {"q": [text]}
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert line == "PUT /v1/a/a%3D1%26b%3D%20%3F%20%2F%20%E2%82%AC%20%7B%7Bx%7D%7D HTTP/1.1"


async def test_a_get_asks_by_its_path_alone():
    request = {"method": "GET", "path": "/ask?q={{question}}"}
    async with front_door(lambda *_: [whole(reply())], door(request)) as (asked, client):
        assert (await client.ask(question(), due())).good
    line, headers, content = asked.requests[0]
    assert line == "GET /v1/ask?q=How%20long%3F HTTP/1.1"
    assert "content-length" not in headers
    assert content == b""


async def test_a_stream_is_put_together():
    events = event(piece="30 ") + event(piece="days") + event(done=True, meta=META)
    sample = await ask(STREAM_HEAD, chunk(events), b"0\r\n\r\n", stream=True)
    assert (sample.outcome, sample.answer_excerpt) == (Outcome.OK, "30 days")
    assert (sample.model, sample.tokens_out) == ("m-9", 3)
    assert sample.ttft_ms is not None


PIECES = event(piece="30 ") + event(piece="days")
NO_FINISH = {name: path for name, path in ANSWER.items() if name != "finish"}
WITH_END = {**NO_FINISH, "end": "[DONE]"}


@pytest.mark.parametrize(
    ("answer", "steps", "outcome"),
    [
        # A finish is declared: without it the answer is cut, however well its framing ends.
        (ANSWER, [STREAM_HEAD, chunk(PIECES), b"0\r\n\r\n"], Outcome.CUT),
        (ANSWER, [whole(reply(done=False))], Outcome.CUT),
        # None is declared: framing tells.
        (NO_FINISH, [STREAM_HEAD, chunk(PIECES), b"0\r\n\r\n"], Outcome.OK),
        (NO_FINISH, [STREAM_HEAD, chunk(PIECES), Close()], Outcome.CUT),
        (NO_FINISH, [whole(reply(done=False))], Outcome.OK),
        # A stream's end mark is declared: it must come.
        (WITH_END, [STREAM_HEAD, chunk(PIECES), b"0\r\n\r\n"], Outcome.CUT),
        (WITH_END, [STREAM_HEAD, chunk(PIECES + b"data: [DONE]\n\n"), b"0\r\n\r\n"], Outcome.OK),
        # What is no answer.
        (ANSWER, [whole(b'{"done": true}')], Outcome.MALFORMED),
        (ANSWER, [whole(b"<html>")], Outcome.MALFORMED),
        (ANSWER, [whole(b'{"reply": {"parts": [7]}}')], Outcome.MALFORMED),
        ({**ANSWER, "error": "fault"}, [whole(reply(fault={"no": 1}))], Outcome.MALFORMED),
        # Plain text.
        (None, [whole(b"After 30 days.")], Outcome.OK),
        (None, [whole(b"")], Outcome.MALFORMED),
        (None, [whole(b"\xff\xfe")], Outcome.MALFORMED),
        (None, [STREAM_HEAD, chunk(b"data: 30\n\ndata:  days\n\n"), b"0\r\n\r\n"], Outcome.OK),
    ],
)
async def test_an_answer_is_whole_by_what_the_target_says(answer, steps, outcome):
    sample = await ask(*steps, answer=answer, stream=True)
    assert sample.outcome is outcome


def test_a_conversation_goes_along():
    request = {
        "json": {"all": "{{history}}", "n": "{{turn}}", "s": "{{stream}}", "q": "{{question}}"}
    }
    history = (Turn("user", "First?"), Turn("assistant", "This."))
    wanted = Template(door(request)).ask(
        Asked("Then?", "gd-2", stream=True, turn=1, history=history)
    )
    assert wanted.document == {
        "all": [{"role": "user", "content": "First?"}, {"role": "assistant", "content": "This."}],
        "n": 1,
        "s": True,
        "q": "Then?",
    }


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"request": None}, "needs request"),
        ({"request": {"json": {"q": "hello"}}}, "nothing would be asked"),
        ({"request": {"json": {"q": "{{question}} {{whatever}}"}}}, "unknown {{whatever}}"),
        ({"request": {"method": "GET", "json": {"q": "{{question}}"}}}, "a GET has no body"),
        ({"request": {**REQUEST, "form": {"q": "x"}}}, "at most one of json and form"),
        ({"request": {**REQUEST, "headers": {"content-length": "3"}}}, "worked out"),
        ({"request": {**REQUEST, "path": "ask"}}, "path"),
        ({"answer": {"finish": "done"}}, "expected text"),
        ({"answer": {"text": "a b"}}, "text"),
        ({"dialect": "openai"}, "belong to dialect: template"),
        (
            {"request": {"method": "GET", "path": "/{{question}}"}, "marker": {"body": "a"}},
            "no body to mark",
        ),
    ],
)
def test_what_cannot_work_is_refused(wrong, says):
    raw = {"dialect": "template", "request": REQUEST, "answer": ANSWER, **wrong}
    with pytest.raises(ValidationError, match=says):
        FrontDoor.model_validate(raw)


def test_a_template_reads_back_as_it_was_written():
    for value in (RequestTemplate.model_validate(REQUEST), AnswerTemplate.model_validate(ANSWER)):
        assert type(value).model_validate(value.model_dump(mode="json")) == value


@pytest.mark.parametrize(
    ("path", "found"),
    [("a", {"0": "zero", "b": [1, 2]}), ("a.0", "zero"), ("a.b.0", 1), ("a.b.-1", 2),
     ("a.b.2", None), ("a.b.-3", None), ("a.b.c", None), ("a.0.c", None), ("z", None)],
)  # fmt: skip
def test_a_path_leads_to_what_is_there_or_to_nothing(path, found):
    assert look({"a": {"0": "zero", "b": [1, 2]}}, split_path(path)) == found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["reply", "parts", "piece", "done", "meta", "used", "in"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_makes_it_raise(document):
    template = Template(door())
    answer = Answer()
    template.take_event(answer, b"", json.dumps(document).encode())
    template.take_body(answer, json.dumps(document).encode())
    answer.outcome()


def test_the_documents_that_an_answer_was_given_are_read():
    template = Template(door(answer={**ANSWER, "sources": "reply.from"}))
    body = json.dumps({"reply": {"parts": ["30 days"], "from": ["a.md", "b.md"]}, "done": True})
    template.take_body(answer := Answer(), body.encode())
    assert answer.sources == ("a.md", "b.md")
    assert answer.calls is None, "nobody tells of tool calls there"
    template.take_body(silent := Answer(), reply())
    assert silent.sources is None
    template.take_body(wrong := Answer(), body.replace('["a.md", "b.md"]', '"a.md"').encode())
    assert wrong.outcome()[0] is Outcome.MALFORMED
