"""A stream means the same however its events are cut, and whatever each has in common with more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.front_door import AnswerTemplate, FrontDoor, RequestTemplate
from gameday.probes.answer import Answer
from gameday.probes.dialects.anthropic import Anthropic
from gameday.probes.dialects.openai import OpenAI
from gameday.probes.dialects.template import Template
from gameday.probes.events import EventReader
from gameday.probes.stream import StreamReader

TEMPLATE = FrontDoor(
    dialect="template",
    request=RequestTemplate(path="/chat", json={"q": "{{question}}"}),
    answer=AnswerTemplate(text="say", model="model"),
)
DIALECTS = {
    "openai": OpenAI(FrontDoor()),
    "anthropic": Anthropic(FrontDoor()),
    "template": Template(TEMPLATE),
}
# Few texts, so that one is often that of another field, or that of the event before.
TEXTS = st.sampled_from(
    ["", " a", "b", "m", "m-1", "say", "content", "null", '"', "\\", "\n", "ü", "\u2028", "x" * 300]
)


@st.composite
def openai_events(draw):
    delta = {"content": draw(TEXTS)}
    if draw(st.integers(0, 5)) == 0:
        delta["tool_calls"] = [{"index": 0, "function": {"name": "f", "arguments": "{"}}]
    choice = {"delta": delta, "finish_reason": draw(st.sampled_from([None, None, "stop"]))}
    event = {"model": draw(st.sampled_from(["m", "m", "m-1"])), "choices": [choice]}
    if draw(st.integers(0, 5)) == 0:
        event["usage"] = {"prompt_tokens": draw(st.integers(0, 3)), "completion_tokens": 1}
    return event


@st.composite
def anthropic_events(draw):
    kind = draw(st.sampled_from(["text_delta", "text_delta", "input_json_delta"]))
    field = "text" if kind == "text_delta" else "partial_json"
    delta = {"type": kind, field: draw(TEXTS)}
    return {"type": "content_block_delta", "index": draw(st.integers(0, 1)), "delta": delta}


EVENTS = {
    "openai": openai_events(),
    "anthropic": anthropic_events(),
    "template": st.fixed_dictionaries(
        {"say": TEXTS, "model": st.sampled_from(["m", "b"]), "more": TEXTS}
    ),
}


def written(event, *, escaped):
    return b"data: %b\n\n" % json.dumps(event, ensure_ascii=escaped).encode()


def read_in_full(pieces, dialect):
    """Every event parsed, as if no other had ever come."""
    answer, events = Answer(), EventReader()
    for at, piece in enumerate(pieces):
        for name, data in events.feed(piece):
            if dialect.take_event(answer, name, data):
                answer.times.append(float(at))
    return answer


def read(pieces, dialect):
    answer = Answer()
    stream = StreamReader(answer, dialect)
    for at, piece in enumerate(pieces):
        stream.take(float(at), [piece])
    return answer


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
def test_what_is_alike_is_read_as_if_it_were_parsed(name, data):
    events = data.draw(st.lists(EVENTS[name], max_size=12))
    pieces = [written(event, escaped=data.draw(st.booleans())) for event in events]
    if pieces and data.draw(st.booleans()):  # one of them cut in two, or joined to the next
        place = data.draw(st.integers(0, len(pieces) - 1))
        cut = data.draw(st.integers(1, len(pieces[place]) - 1))
        pieces[place : place + 1] = [pieces[place][:cut], pieces[place][cut:]]
    if len(pieces) > 1 and data.draw(st.booleans()):
        pieces[:2] = [pieces[0] + pieces[1]]
    assert read(pieces, DIALECTS[name]) == read_in_full(pieces, DIALECTS[name])


def tokens(*texts):
    return [written({"choices": [{"delta": {"content": text}}]}, escaped=True) for text in texts]


class Counting(OpenAI):
    """Counts what is parsed."""

    parsed = 0

    def take_event(self, answer, name, data):
        self.parsed += 1
        return super().take_event(answer, name, data)


def test_of_many_tokens_one_is_parsed():
    dialect = Counting(FrontDoor())
    assert read(tokens(*(f" token {n}" for n in range(100))), dialect).text.endswith(" token 99")
    assert dialect.parsed == 1


def test_bytes_that_overlap_are_no_event():
    """What stands before a text and what stands after it must not share a byte."""
    [one] = tokens("x")
    short = one.replace(b'"x"', b'"')
    answer = read([one, short, one], OpenAI(FrontDoor()))
    assert answer.text == "xx"
    assert answer.problem
