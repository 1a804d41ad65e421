"""price_change: the bill is higher for the same tokens, where an answer tells of a bill at all."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from gameday.domain.wire import Send
from gameday.faults.price_change import PriceChange
from tests.gameday.faults.judged import ELSEWHERE, answered, counted, window
from tests.gameday.faults.wired import COST_USD, DIALECTS, body_of, event_of, hit_of, wire

DEARER = PriceChange(cost_factor=2)
UNCACHED = PriceChange(cache_lost=True)


def usages(dialect: str, *events: Any) -> list[dict[str, Any]]:
    documents = [json.loads(one.data) for one in events if one.data.startswith(b"{")]
    return [usage for one in documents for usage in hit_of(dialect).dialect.usages(one)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_body_tells_a_higher_cost_and_the_same_tokens(dialect: str):
    body = body_of(dialect)
    (sent,) = DEARER.on_body(hit_of(dialect, stream=False), body)
    assert isinstance(sent, Send)
    before, after = json.loads(body), json.loads(sent.data)
    assert after["usage"] == {**before["usage"], "cost": 2 * COST_USD}
    assert {**after, "usage": None} == {**before, "usage": None}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_tells_a_higher_cost(dialect: str):
    told = usages(dialect, *wire(DEARER, dialect).events(dialect))
    assert told
    assert {usage["cost"] for usage in told} == {2 * COST_USD}


def billed(fault: PriceChange, **usage: Any) -> dict[str, Any]:
    body = json.dumps({"usage": usage}).encode()
    (sent,) = fault.on_body(hit_of("openai", stream=False), body)
    assert isinstance(sent, Send)
    after = json.loads(sent.data)["usage"]
    assert (after == usage) == (sent.data == body)  # what is as it was passes byte for byte
    return after


def test_what_a_router_itself_pays_is_higher_too():
    details = {"upstream_inference_cost": 0.5, "upstream_inference_prompt_cost": None}
    assert billed(DEARER, cost=1, cost_details=details, prompt_tokens=9) == {
        "cost": 2,
        "cost_details": {"upstream_inference_cost": 1.0, "upstream_inference_prompt_cost": None},
        "prompt_tokens": 9,
    }


@pytest.mark.parametrize("cost", [None, 0, True, "free", [1]])
def test_a_cost_that_is_none_stays(cost: Any):
    assert billed(DEARER, cost=cost, prompt_tokens=9) == {"cost": cost, "prompt_tokens": 9}


def test_a_lost_cache_changes_the_class_of_the_tokens_and_not_their_number():
    usage = {"prompt_tokens": 9, "cost": 1, "prompt_tokens_details": {"cached_tokens": 8}}
    lost = {**usage, "prompt_tokens_details": {"cached_tokens": 0}}
    assert billed(UNCACHED, **usage) == lost
    assert billed(UNCACHED, prompt_tokens=9) == {"prompt_tokens": 9}
    both = PriceChange(cost_factor=3, cache_lost=True)
    assert billed(both, **usage) == {**lost, "cost": 3}


def test_an_answer_that_tells_of_no_bill_is_left_alone():
    for raw in (b'data: {"usage":null}\n\n', b'data: {"usage"\n\n', b"data: [DONE]\n\n"):
        assert wire(DEARER, "openai", [event_of("openai", raw)]).sent == raw


def test_something_has_to_be_dearer():
    with pytest.raises(ValidationError, match="expected cost_factor, or cache_lost: true"):
        PriceChange()
    with pytest.raises(ValidationError):
        PriceChange(cost_factor=1)


# --- felt -------------------------------------------------------------------------------------


def cost(case: str, usd: float, by: str = "primary") -> Any:
    return answered(case=case, cost_usd=usd, by=by)


BASELINE = window([cost("long", 0.010 + n / 1e6) for n in range(9)] + [cost("short", 0.001)] * 9)


def test_felt_against_the_usual_of_the_same_case():
    seen = window([cost("short", 0.0015), cost("short", 0.0014), cost("long", 0.021)])
    felt = DEARER.felt(counted(3), "primary", BASELINE, seen)
    assert felt.sentence == (
        "the gate changed 3 of 3 answers; 2 requests tried primary and cost 1.5 times the usual "
        "of their cases, or more"
    )


@pytest.mark.parametrize(
    "seen",
    [[cost("long", 0.0149)], [cost("short", 0.002, by="secondary")], [ELSEWHERE]],
    ids=["too-little", "by-others", "not-answered"],
)
def test_not_felt(seen: Any):
    assert not DEARER.felt(counted(3), "primary", BASELINE, window(seen)).felt


def test_a_front_door_that_tells_no_cost_proves_nothing():
    free = window([cost("long", 0.0)] * 3)
    felt = DEARER.felt(counted(3), "primary", free, free)
    assert not felt.felt
    assert "cost nothing" in felt.sentence


def test_a_lost_cache_is_felt_where_there_was_one():
    def read(cached: int) -> Any:
        return answered(case="c", tokens_in=10, tokens_in_cached=cached)

    with_cache, without = window([read(8)] * 9 + [read(0)]), window([read(0)] * 4)
    felt = UNCACHED.felt(counted(4), "primary", with_cache, without)
    assert felt.felt
    assert "4 requests tried primary and had nothing read from the cache" in felt.sentence
    assert not UNCACHED.felt(counted(4), "primary", with_cache, with_cache).felt
    never = UNCACHED.felt(counted(4), "primary", without, without)
    assert not never.felt
    assert "primary read nothing from its cache in the baseline" in never.sentence
