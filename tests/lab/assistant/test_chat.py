"""The front door over a provider that cuts its answer: never a success, and never a switch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from gameday.supervisor.ports import free_port
from lab.assistant.chat import Assistant
from lab.assistant.settings import AssistantSettings, Upstream

PIECE = (
    b'data: {"model": "m", "choices": [{"delta": {"content": "Hi"}, "finish_reason": null}]}\n\n'
)
ASK = {"messages": [{"role": "user", "content": "Who are you?"}]}


async def begin_and_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + PIECE)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def front_door(primary_port: int, **more: object) -> AsyncIterator[httpx.AsyncClient]:
    def upstream(name: str, port: int) -> Upstream:
        url = f"http://127.0.0.1:{port}"
        return Upstream(name=name, dialect="openai", url=url, model="m")

    settings = AssistantSettings(
        port=1,
        chain=(upstream("primary", primary_port), upstream("secondary", free_port())),
        order_tool="http://127.0.0.1:1",
        **more,
    )
    app = Assistant(settings).app()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            yield client


async def test_a_cut_whole_answer_is_an_error_and_stays_with_its_provider() -> None:
    server = await asyncio.start_server(begin_and_leave, "127.0.0.1", 0)
    async with server, front_door(server.sockets[0].getsockname()[1]) as client:
        answer = await client.post("/v1/chat/completions", json=ASK)
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "answer_cut"
    assert answer.headers["x-attempts"].startswith("primary;outcome=cut;ms=")
    assert "secondary" not in answer.headers["x-attempts"]
    assert "x-served-by" not in answer.headers


async def test_when_every_provider_is_left_alone_one_is_asked_all_the_same() -> None:
    async with front_door(free_port(), cooldown_s=None) as client:
        for _ in range(6):
            answer = await client.post("/v1/chat/completions", json=ASK)
            assert answer.status_code == 502
            assert answer.headers["x-attempts"].startswith("primary;outcome=refused;ms=")


async def test_one_request_spends_no_more_attempts_than_its_budget() -> None:
    async with front_door(free_port(), patience={"attempts_max": 1}) as client:
        answer = await client.post("/v1/chat/completions", json=ASK)
    assert answer.status_code == 502
    assert "," not in answer.headers["x-attempts"]
