"""corrupt_tokens: words of another script, where the user reads, and nothing else changed."""

import json
import re
import unicodedata

import pytest
from pydantic import ValidationError

from gameday.domain.wire import Send
from gameday.faults.corrupt_tokens import CorruptTokens, Script
from tests.gameday.faults.judged import answered, record, window
from tests.gameday.faults.wired import DIALECTS, TEXT, body_of, event_of, events_of, hit_of, wire

NAMES = {Script.THAI: "THAI", Script.CHINESE: "CJK"}


def text_of(dialect, events):
    """What the user reads of a stream."""
    parts = []
    for event in events:
        document = json.loads(event.data) if event.data.startswith(b"{") else {}
        if dialect == "anthropic":
            parts.append(document.get("delta", {}).get("text", ""))
        else:
            choices = document.get("choices") or [{}]
            parts.append(choices[0].get("delta", {}).get("content") or "")
    return "".join(parts)


def foreign(text):
    return [letter for letter in text if ord(letter) > 0x2FF]


def clean(text):
    return "".join(letter for letter in text if ord(letter) <= 0x2FF)


@pytest.mark.parametrize("script", Script)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_has_letters_of_the_script_among_its_own(dialect, script):
    garbled = text_of(dialect, wire(CorruptTokens(script=script), dialect).events(dialect))
    assert clean(garbled) == TEXT
    assert foreign(garbled)
    assert all(unicodedata.name(letter).startswith(NAMES[script]) for letter in foreign(garbled))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_body_has_them_and_is_otherwise_as_it_was(dialect):
    body = body_of(dialect)
    (sent,) = CorruptTokens().on_body(hit_of(dialect, stream=False), body)
    assert isinstance(sent, Send)
    before, after = json.loads(body), json.loads(sent.data)
    garbled = json.dumps(after, ensure_ascii=False)
    assert foreign(garbled)
    assert json.loads(clean(garbled)) == before


@pytest.mark.parametrize("dialect", DIALECTS)
def test_events_without_text_pass_byte_for_byte(dialect):
    before, after = events_of(dialect), wire(CorruptTokens(), dialect).events(dialect)
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert old.is_content == new.is_content
        assert old.is_content or old.raw == new.raw


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 1, 1), (1, 19, 19), (0.5, 3, 16)])
def test_the_first_word_always_and_the_others_at_the_rate(rate, least, most):
    assert len(TEXT.split()) == 19
    (sent,) = CorruptTokens(rate=rate).on_body(hit_of("openai"), body_of("openai"))
    garbled = json.loads(sent.data)["choices"][0]["message"]["content"].split()
    assert foreign(garbled[0])
    assert least <= sum(bool(foreign(word)) for word in garbled) <= most


def test_the_same_seed_garbles_alike():
    def said(seed):
        return CorruptTokens().on_body(hit_of("openai", seed=seed), body_of("openai"))

    assert said(1) == said(1)
    assert said(1) != said(2)


@pytest.mark.parametrize(
    "raw",
    [
        b"data: [DONE]\n\n",
        b": hello\n\n",
        b'data: {"choices":[]}\n\n',
        b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
        b'data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}}]}\n\n',
        b'data: {"choices": broken\n\n',
    ],
)
def test_what_is_no_text_is_left_alone(raw):
    assert wire(CorruptTokens(rate=1), "openai", [event_of("openai", raw)]).sent == raw


def test_rates_are_shares():
    for rate in (-0.1, 1.1):
        with pytest.raises(ValidationError):
            CorruptTokens(rate=rate)


def test_felt_by_the_ids_of_whole_answers():
    evidence = record(gate_at_clear={"hits": 1, "matches": 9, "request_ids": ["r1"]})
    baseline = window([answered(request_id="b1")])
    for seen, is_felt in (("r1", True), ("r2", False)):
        found = window([answered(request_id=seen)])
        felt = CorruptTokens().felt(evidence, "primary", baseline, found)
        assert felt.felt is is_felt
        assert re.match("the gate changed 1 of 9 answers", felt.sentence)
