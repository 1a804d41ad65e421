"""The front door over providers that fail: honest errors, no switch, nothing for who has left."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from gameday.supervisor.ports import free_port
from lab.assistant.chat import Assistant
from lab.assistant.guard import UNVERIFIED
from lab.assistant.settings import AssistantSettings
from lab.defects import read_defect
from tests.lab.assistant.staged_provider import (
    CUT,
    PIECE,
    SILENT,
    STREAM,
    WHOLE,
    Said,
    StagedProvider,
    error,
    staged,
    until,
)

ASK = {"messages": [{"role": "user", "content": "Who are you?"}]}
DOOR = "/v1/chat/completions"
LONG = {"caution": {"cooldown_s": 30.0}}


def settings_for(*chain: StagedProvider, **more: Any) -> AssistantSettings:
    upstreams = tuple(provider.upstream for provider in chain)
    return AssistantSettings(port=1, chain=upstreams, order_tool="http://127.0.0.1:1", **more)


@asynccontextmanager
async def front_door(*chain: StagedProvider, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = Assistant(settings_for(*chain, **more)).app()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            yield client


@asynccontextmanager
async def served_door(*chain: StagedProvider, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A front door behind a real socket, which a client can leave."""
    port = free_port()
    app = Assistant(settings_for(*chain, **more)).app()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started)
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        await serving


async def becomes_idle(*providers: StagedProvider) -> None:
    await until(lambda: not any(provider.open for provider in providers))


async def test_a_cut_whole_answer_is_an_error_and_stays_with_its_provider() -> None:
    async with (
        staged("primary", CUT) as primary,
        staged("secondary") as secondary,
        front_door(primary, secondary) as client,
    ):
        answer = await client.post(DOOR, json=ASK)
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "answer_cut"
    assert answer.headers["x-attempts"].startswith("primary;outcome=cut;ms=")
    assert "secondary" not in answer.headers["x-attempts"]
    assert "x-served-by" not in answer.headers
    assert secondary.calls == 0


async def test_when_nobody_answers_it_says_so_and_when_to_come_again() -> None:
    async with (
        staged("primary", error(503)) as primary,
        staged("secondary", error(500)) as secondary,
        front_door(primary, secondary) as client,
    ):
        answer = await client.post(DOOR, json={**ASK, "stream": True})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_provider_answered"
    assert int(answer.headers["retry-after"]) >= 1
    outcomes = [part.partition(";ms=")[0] for part in answer.headers["x-attempts"].split(", ")]
    assert outcomes == ["primary;outcome=http_error", "secondary;outcome=http_error"]
    assert "x-served-by" not in answer.headers


async def test_when_every_provider_is_left_alone_it_says_so_at_once() -> None:
    async with (
        staged("primary", SILENT) as primary,
        front_door(primary, **LONG) as client,
    ):
        answers = [await client.post(DOOR, json=ASK) for _ in range(6)]
        assert primary.calls == 3
    assert {answer.status_code for answer in answers} == {503}
    assert answers[-1].headers["x-attempts"] == ""
    assert 20 <= int(answers[-1].headers["retry-after"]) <= 30


async def test_a_refusal_reaches_the_client_as_one() -> None:
    async with (
        staged("primary", error(400, "content_filter")) as primary,
        staged("secondary") as secondary,
        front_door(primary, secondary) as client,
    ):
        answer = await client.post(DOOR, json=ASK)
    assert answer.status_code == 200
    assert answer.headers["x-served-by"] == "primary"
    assert answer.json()["choices"][0]["finish_reason"] == "content_filter"
    assert answer.json()["choices"][0]["message"]["content"]
    assert secondary.calls == 0


async def test_the_mark_of_a_request_reaches_every_provider() -> None:
    async with (
        staged("primary", error(500)) as primary,
        staged("secondary") as secondary,
        front_door(primary, secondary) as client,
    ):
        await client.post(
            DOOR, json=ASK, headers={"x-gameday": "run.7", "x-user": "ann", "x-other": "no"}
        )
        for head in (*primary.heads, *secondary.heads):
            assert "\r\nx-gameday: run.7\r\n" in head
            assert "\r\nx-user: ann\r\n" in head
            assert "x-other" not in head
        await client.post(DOOR, json=ASK)
        assert "x-gameday" not in secondary.heads[-1]


async def test_a_fabricated_end_looks_like_a_real_one() -> None:
    defect = read_defect("fabricates_stream_end").assistant
    async with staged("primary", CUT) as primary, front_door(primary, **defect) as client:
        whole = await client.post(DOOR, json=ASK)
        streamed = await client.post(DOOR, json={**ASK, "stream": True})
    assert whole.status_code == 200
    assert whole.json()["choices"][0]["finish_reason"] == "stop"
    *_, finish, _usage, done = streamed.text.strip().split("\n\n")
    document = json.loads(finish.removeprefix("data: "))
    assert document["choices"][0]["finish_reason"] == "stop"
    assert done == "data: [DONE]"


async def leave_after(client: httpx.AsyncClient, seconds: float, *, stream: bool) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await client.post(DOOR, json={**ASK, "stream": stream})


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "says",
    [SILENT, Said([STREAM, *[PIECE] * 100], gap_s=0.1)],
    ids=["before-content", "amid-content"],
)
async def test_when_the_client_leaves_nothing_goes_on(says: Said, stream: bool) -> None:
    patience = {"begin_s": 1.0, "total_s": 30.0}
    async with (
        staged("primary", says) as primary,
        staged("secondary") as secondary,
        served_door(primary, secondary, patience=patience) as client,
    ):
        await leave_after(client, 0.5, stream=stream)
        await becomes_idle(primary)
        # Longer than the primary's time for its first token: only then would others be asked.
        await asyncio.sleep(1.0)
        assert (primary.calls, secondary.calls) == (1, 0)
        primary.says = WHOLE
        assert (await client.post(DOOR, json=ASK)).status_code == 200


async def test_a_zombie_goes_on_when_its_client_has_left() -> None:
    more = read_defect("zombie_calls").assistant | {"patience": {"begin_s": 1.0}}
    async with (
        staged("primary", SILENT) as primary,
        staged("secondary") as secondary,
        served_door(primary, secondary, **more) as client,
    ):
        await leave_after(client, 0.5, stream=True)
        await until(lambda: secondary.calls > 0)
        await becomes_idle(primary, secondary)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_question_that_nobody_verified_is_answered_by_nobody(stream: bool) -> None:
    async with staged("primary") as provider:
        async with front_door(provider, verifier="http://127.0.0.1:1") as client:
            answer = await client.post(DOOR, json={**ASK, "stream": stream})
        assert provider.calls == 0
    assert answer.status_code == 200
    assert answer.headers["x-served-by"] == "assistant"
    assert answer.headers["x-attempts"] == ""
    assert UNVERIFIED in answer.text
    assert "[DONE]" in answer.text or not stream


async def test_with_the_defect_it_is_answered_all_the_same() -> None:
    more = {"verifier": "http://127.0.0.1:1", "verifier_fails_open": True}
    async with staged("primary") as provider:
        async with front_door(provider, **more) as client:
            answer = await client.post(DOOR, json=ASK)
        assert provider.calls == 1
    assert answer.headers["x-served-by"] == provider.name
    assert UNVERIFIED not in answer.text
