"""A provider's application: both dialects, its limits, its refusals and its own log."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from gameday.domain.price import Price
from lab.model_version import FLOATING, HERON, HERON_UPDATE, MARLIN
from lab.provider.completions import Provider
from lab.provider.rate_meter import RateMeter
from lab.provider.settings import ProviderSettings

CONTEXT = "<context>\n# Fees\nThe fee is 3 euro.\n</context>"
OPENAI_BODY = {
    "model": HERON.name,
    "messages": [
        {"role": "system", "content": CONTEXT},
        {"role": "user", "content": "How much is the fee?"},
    ],
}
ANTHROPIC_BODY = {
    "model": MARLIN.name,
    "max_tokens": 100,
    "system": CONTEXT,
    "messages": [{"role": "user", "content": "How much is the fee?"}],
}
REQUESTS = {
    "openai": ("/v1/chat/completions", OPENAI_BODY),
    "anthropic": ("/v1/messages", ANTHROPIC_BODY),
}


@asynccontextmanager
async def served(dialect: str, meter: RateMeter | None = None) -> AsyncIterator[httpx.AsyncClient]:
    models = (FLOATING, HERON.name, HERON_UPDATE.name) if dialect == "openai" else (MARLIN.name,)
    provider = Provider(
        ProviderSettings(port=1, dialect=dialect, models=models, seed=3, speed_factor=10), meter
    )
    transport = httpx.ASGITransport(provider.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://provider") as client:
        yield client


async def test_openai_whole_answer() -> None:
    async with served("openai") as client:
        answer = await client.post("/v1/chat/completions", json=OPENAI_BODY)
    body = answer.json()
    assert body["object"] == "chat.completion"
    assert body["choices"][0]["message"]["content"] == "The fee is 3 euro."
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert body["system_fingerprint"].startswith("fp_")
    for kind in ("requests", "tokens"):
        for figure in ("limit", "remaining", "reset"):
            assert answer.headers[f"x-ratelimit-{figure}-{kind}"]
    assert answer.headers["x-request-id"].startswith("req_")


async def test_anthropic_whole_answer() -> None:
    async with served("anthropic") as client:
        answer = await client.post("/v1/messages", json=ANTHROPIC_BODY)
    body = answer.json()
    assert body["type"] == "message"
    assert body["content"] == [{"type": "text", "text": "The fee is 3 euro."}]
    assert body["stop_reason"] == "end_turn"
    assert set(body["usage"]) == {"input_tokens", "output_tokens"}
    assert answer.headers["anthropic-ratelimit-tokens-reset"].endswith("Z")
    assert answer.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("dialect", REQUESTS)
async def test_the_log_tells_of_a_whole_answer_under_the_callers_id(dialect: str) -> None:
    path, body = REQUESTS[dialect]
    async with served(dialect) as client:
        for stream in (False, True):
            headers = {"x-request-id": f"mine-{stream}"}
            await client.post(path, json={**body, "stream": stream}, headers=headers)
        log = (await client.get("/log", params={"since": 0})).json()
        later = (await client.get("/log", params={"since": 4102444800})).json()
    assert [(entry["request_id"], entry["outcome"]) for entry in log] == [
        ("mine-False", "ok"),
        ("mine-True", "ok"),
    ]
    assert log[0]["tokens_in"] > 0
    assert log[0]["at"].endswith("+00:00")
    assert later == []


@pytest.mark.parametrize("dialect", REQUESTS)
async def test_an_unknown_model_is_404_in_the_dialect(dialect: str) -> None:
    path, body = REQUESTS[dialect]
    async with served(dialect) as client:
        answer = await client.post(path, json={**body, "model": "other"})
    assert answer.status_code == 404
    assert "other" in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_an_answer_is_cut_by_either_name_of_its_limit(name: str) -> None:
    async with served("openai") as client:
        answer = await client.post("/v1/chat/completions", json={**OPENAI_BODY, name: 3})
    assert answer.json()["usage"]["completion_tokens"] == 3
    assert answer.json()["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize("effort", ["low", "unheard-of"])
async def test_an_effort_that_it_knows_is_taken(effort: str) -> None:
    for dialect, more in (
        ("openai", {"reasoning_effort": effort}),
        ("anthropic", {"output_config": {"effort": effort}}),
    ):
        path, body = REQUESTS[dialect]
        async with served(dialect) as client:
            answer = await client.post(path, json={**body, **more})
        assert answer.status_code == (200 if effort == "low" else 400)


@pytest.mark.parametrize("stream", [False, True])
async def test_it_tells_what_it_bills_where_it_has_a_price(stream: bool) -> None:
    price = Price(input_usd_per_mtok=1e6, output_usd_per_mtok=1e5)
    body = {**OPENAI_BODY, "stream": stream, "stream_options": {"include_usage": True}}
    told = {}
    for own in (price, None):
        settings = ProviderSettings(
            port=1, dialect="openai", models=(HERON.name,), seed=3, price=own, speed_factor=10
        )
        transport = httpx.ASGITransport(Provider(settings).app())
        async with httpx.AsyncClient(transport=transport, base_url="http://provider") as client:
            answer = await client.post("/v1/chat/completions", json=body)
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines()]
        documents = [json.loads(line) for line in lines if line.startswith("{")]
        (told[own],) = (one["usage"] for one in documents if "usage" in one)
    counted = told[price]
    assert counted["cost"] == counted["prompt_tokens"] + 0.1 * counted["completion_tokens"]
    assert "cost" not in told[None]


async def test_a_floating_name_is_answered_by_its_version_which_says_so() -> None:
    async with served("openai") as client:
        said = {
            name: (await client.post("/v1/chat/completions", json={**OPENAI_BODY, "model": name}))
            for name in (FLOATING, HERON.name, HERON_UPDATE.name)
        }
        log = (await client.get("/log", params={"since": 0})).json()
    bodies = {name: answer.json() for name, answer in said.items()}
    assert {name: body["model"] for name, body in bodies.items()} == {
        FLOATING: HERON.name,
        HERON.name: HERON.name,
        HERON_UPDATE.name: HERON_UPDATE.name,
    }
    prints = {name: body["system_fingerprint"] for name, body in bodies.items()}
    assert prints[FLOATING] == prints[HERON.name] != prints[HERON_UPDATE.name]
    assert [entry["model"] for entry in log] == [HERON.name, HERON.name, HERON_UPDATE.name]


async def test_a_model_is_served_and_calls_itself_by_another_name_too() -> None:
    renamed = {"gpt-4.1-mini": HERON.name}
    settings = ProviderSettings(
        port=1, dialect="openai", models=(HERON.name,), renamed=renamed, seed=3, speed_factor=10
    )
    transport = httpx.ASGITransport(Provider(settings).app())
    async with httpx.AsyncClient(transport=transport, base_url="http://provider") as client:
        body = {**OPENAI_BODY, "model": "gpt-4.1-mini"}
        answer = (await client.post("/v1/chat/completions", json=body)).json()
    assert answer["model"] == "gpt-4.1-mini"
    assert answer["choices"][0]["message"]["content"]


@pytest.mark.parametrize("dialect", REQUESTS)
async def test_it_lists_what_it_serves(dialect: str) -> None:
    async with served(dialect) as client:
        listed = (await client.get("/v1/models")).json()["data"]
    wanted = {"openai": [FLOATING, HERON.name, HERON_UPDATE.name], "anthropic": [MARLIN.name]}
    assert [model["id"] for model in listed] == wanted[dialect]


async def test_what_it_does_not_serve_it_refuses_though_others_do() -> None:
    provider = Provider(
        ProviderSettings(port=1, dialect="openai", models=(FLOATING, HERON_UPDATE.name), seed=3)
    )
    transport = httpx.ASGITransport(provider.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://provider") as client:
        assert (await client.post("/v1/chat/completions", json=OPENAI_BODY)).status_code == 404


def test_settings_with_a_model_that_there_is_not_are_refused() -> None:
    with pytest.raises(ValueError, match="there is no model 'heron-5'; there are heron-4,"):
        ProviderSettings(port=1, dialect="openai", models=("heron-5",), seed=3)


@pytest.mark.parametrize("dialect", REQUESTS)
@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"messages": "hello"},
        {"messages": [{"role": "assistant", "content": "hi"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"content": "hi"}]},
        {"model": 3},
        {"temperature": "hot"},
    ],
)
async def test_a_body_that_the_dialect_does_not_know_is_400(
    dialect: str, change: dict[str, object]
) -> None:
    path, body = REQUESTS[dialect]
    async with served(dialect) as client:
        answer = await client.post(path, json={**body, **change})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


async def test_anthropic_needs_max_tokens_and_knows_no_system_message() -> None:
    without = {key: value for key, value in ANTHROPIC_BODY.items() if key != "max_tokens"}
    system = {**ANTHROPIC_BODY, "messages": OPENAI_BODY["messages"]}
    async with served("anthropic") as client:
        assert (await client.post("/v1/messages", json=without)).status_code == 400
        assert (await client.post("/v1/messages", json=system)).status_code == 400
        assert (await client.post("/v1/messages", content=b"[1")).status_code == 400


@pytest.mark.parametrize("dialect", REQUESTS)
async def test_over_its_limit_it_answers_429_with_when_to_come_back(dialect: str) -> None:
    path, body = REQUESTS[dialect]
    async with served(dialect, RateMeter(requests_max=1)) as client:
        assert (await client.post(path, json=body)).status_code == 200
        answer = await client.post(path, json=body)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    kind = answer.json()["error"]
    assert kind.get("code", kind["type"]) in ("rate_limit_exceeded", "rate_limit_error")


async def test_a_seed_in_the_request_repeats_its_answer() -> None:
    sentences = "\n".join(f"The fee is {euro} euro." for euro in range(9))
    context = f"<context>\n# Fees\n{sentences}\n</context>"
    messages = [{"role": "system", "content": context}, OPENAI_BODY["messages"][1]]
    body = {**OPENAI_BODY, "messages": messages}

    async def say(client: httpx.AsyncClient, **more: object) -> str:
        answer = await client.post("/v1/chat/completions", json={**body, **more})
        return answer.json()["choices"][0]["message"]["content"]

    async with served("openai") as client:
        assert len({await say(client, seed=5) for _ in range(3)}) == 1
        assert len({await say(client) for _ in range(6)}) > 1
