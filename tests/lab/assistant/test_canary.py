"""The canary gate and the admin paths, over a provider whose models say what they are told to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gameday.supervisor.ports import free_port
from lab.assistant.canary import read_questions
from lab.assistant.chat import Assistant
from lab.assistant.settings import AssistantSettings, Upstream
from lab.defects import read_defect
from tests.lab.assistant.staged_provider import until

DOOR = "/v1/chat/completions"
ASK = {"messages": [{"role": "user", "content": "Who are you?"}]}
CANARY, ALIAS = "/admin/canary", "/admin/aliases/answers"
QUESTIONS = len(read_questions())
KNOWS_ALL = " ".join(question.says for question in read_questions())
KNOWS_NOTHING = "That depends on your account."
SHORT = {"lasts_s": 0.2}


class Models:
    """A provider that serves `says`, by model."""

    def __init__(self, **says: str) -> None:
        self.says = says
        self.asked: list[str] = []

    def app(self) -> Starlette:
        listed = {"data": [{"id": name} for name in self.says]}
        return Starlette(
            routes=[
                Route(DOOR, self.complete, methods=["POST"]),
                Route("/v1/models", lambda _: JSONResponse(listed)),
            ]
        )

    async def complete(self, request: Request) -> Response:
        model = (await request.json())["model"]
        self.asked.append(model)
        if model not in self.says:
            return JSONResponse({"error": {"code": "model_not_found"}}, 404)
        choices = [
            {"delta": {"content": self.says[model]}, "finish_reason": None},
            {"delta": {}, "finish_reason": "stop"},
        ]
        chunks = [json.dumps({"model": model, "choices": [choice]}) for choice in choices]
        body = "".join(f"data: {data}\n\n" for data in [*chunks, "[DONE]"])
        return Response(body, media_type="text/event-stream")


@asynccontextmanager
async def assistant(models: Models, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A front door whose primary is `models`, asked for `now`."""
    port = free_port()
    config = uvicorn.Config(models.app(), host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    url = f"http://127.0.0.1:{port}"
    primary = Upstream(name="primary", dialect="openai", url=url, model="now")
    more = {"canary": SHORT, **more}
    settings = AssistantSettings(port=1, chain=(primary,), order_tool="http://127.0.0.1:1", **more)
    app = Assistant(settings).app()
    try:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
                yield client
    finally:
        server.should_exit = True
        await serving


async def decided(client: httpx.AsyncClient) -> dict[str, Any]:
    """The gate's state once it has decided."""
    for _ in range(600):
        state: dict[str, Any] = (await client.get(CANARY)).json()
        if state["stage"] in ("promoted", "rejected"):
            return state
        await asyncio.sleep(0.05)
    raise AssertionError(f"still {state}")


async def test_a_model_that_is_as_good_is_promoted() -> None:
    models = Models(now=KNOWS_ALL, new=KNOWS_ALL)
    async with assistant(models) as client:
        begun = await client.post(CANARY, json={"model": "new"})
        assert (begun.status_code, begun.json()["stage"]) == (202, "trying")
        state = await decided(client)
        alias = await client.get(ALIAS)
        answer = await client.post(DOOR, json=ASK)
    assert (state["stage"], state["asked"], state["passed"]) == ("promoted", QUESTIONS, QUESTIONS)
    assert state["in_use"] == "new"
    assert alias.json() == {"alias": "answers", "model": "new", "version": 2}
    assert answer.json()["model"] == "new"


async def test_a_model_that_is_worse_is_sent_away() -> None:
    models = Models(now=KNOWS_ALL, new=KNOWS_NOTHING)
    async with assistant(models) as client:
        await client.post(CANARY, json={"model": "new"})
        state = await decided(client)
        assert (await client.get(ALIAS)).json()["model"] == "now"
        models.asked.clear()
        for _ in range(20):
            await client.post(DOOR, json=ASK)
    assert (state["stage"], state["passed"]) == ("rejected", 0)
    assert state["in_use"] == "now"
    assert state["passed_at_present"] == QUESTIONS
    assert f"new passed 0 of {QUESTIONS} questions" in state["because"]
    assert set(models.asked) == {"now"}


async def test_a_model_that_there_is_not_is_sent_away() -> None:
    async with assistant(Models(now=KNOWS_ALL)) as client:
        await client.post(CANARY, json={"model": "new"})
        assert (await decided(client))["stage"] == "rejected"
        assert (await client.post(DOOR, json=ASK)).json()["model"] == "now"


async def test_the_defect_waves_a_worse_model_through() -> None:
    more = read_defect("canary_waves_through").assistant
    more["canary"] |= SHORT
    async with assistant(Models(now=KNOWS_ALL, new=KNOWS_NOTHING), **more) as client:
        await client.post(CANARY, json={"model": "new"})
        state = await decided(client)
        assert (state["stage"], state["passed"]) == ("promoted", 0)
        assert (await client.get(ALIAS)).json()["model"] == "new"


async def test_while_it_is_tried_it_answers_its_share_and_the_front_door_says_so() -> None:
    models = Models(now=KNOWS_ALL, new=KNOWS_ALL)
    async with assistant(models, canary={"lasts_s": 60.0, "share": 0.3}) as client:
        await client.post(CANARY, json={"model": "new"})
        answers = [await client.post(DOOR, json=ASK) for _ in range(200)]
        assert (await client.post(CANARY, json={"model": "other"})).status_code == 409
    by_new = [answer for answer in answers if answer.json()["model"] == "new"]
    assert 30 <= len(by_new) <= 90
    assert {answer.headers["x-assistant-version"].rpartition("+")[2] for answer in by_new} == {
        "new"
    }


async def test_a_change_by_hand_ends_a_trial() -> None:
    models = Models(now=KNOWS_ALL, old=KNOWS_ALL, new=KNOWS_ALL)
    async with assistant(models, canary={"lasts_s": 60.0}) as client:
        await client.post(CANARY, json={"model": "new"})
        trying = await client.get(CANARY)
        assert trying.json()["in_use"] == "new"
        etag = trying.headers["etag"]
        await client.put(ALIAS, json={"model": "old"}, headers={"if-match": etag})
        state = (await client.get(CANARY)).json()
        assert (state["stage"], state["in_use"]) == ("withdrawn", "old")
        answers = [await client.post(DOOR, json=ASK) for _ in range(20)]
    assert {answer.json()["model"] for answer in answers} == {"old"}


async def test_the_front_door_tells_what_stands_behind_the_alias() -> None:
    async with assistant(Models(now="Me.", old="Me.")) as client:
        before = await client.post(DOOR, json=ASK)
        await client.put(ALIAS, json={"model": "old"})
        after = await client.post(DOOR, json=ASK)
    assert before.headers["x-assistant-version"].endswith("+now")
    assert before.headers["x-assistant-alias"] == "answers=now;version=1"
    assert after.headers["x-assistant-version"].endswith("+old")
    assert after.headers["x-assistant-alias"] == "answers=old;version=2"
    assert after.json()["model"] == "old"


async def test_an_alias_is_changed_by_compare_and_set() -> None:
    async with assistant(Models(now="Me.")) as client:
        etag = (await client.get(ALIAS)).headers["etag"]
        first = await client.put(ALIAS, json={"model": "a"}, headers={"if-match": etag})
        second = await client.put(ALIAS, json={"model": "b"}, headers={"if-match": etag})
        assert first.status_code == 200
        assert second.status_code == 412
        assert second.headers["etag"] == first.headers["etag"] != etag
        assert "answers is a, version 2" in second.json()["error"]["message"]
        assert (await client.get(ALIAS)).json()["model"] == "a"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"model": 7}', b'{"model": " "}', b"\xff"])
async def test_what_names_no_model_is_refused(body: bytes) -> None:
    async with assistant(Models(now="Me.")) as client:
        assert (await client.put(ALIAS, content=body)).status_code == 400
        assert (await client.post(CANARY, content=body)).status_code == 400
        assert (await client.get(ALIAS)).json()["version"] == 1
        assert (await client.get(CANARY)).json()["stage"] == "idle"


async def test_an_alias_that_there_is_not_is_404() -> None:
    async with assistant(Models(now="Me.")) as client:
        assert (await client.get("/admin/aliases/other")).status_code == 404
        other = await client.put("/admin/aliases/other", json={"model": "a"})
        assert other.status_code == 404
        assert "there is answers" in other.json()["error"]["message"]


async def test_it_says_which_models_its_provider_would_serve() -> None:
    async with assistant(Models(now="Me.", old="Me.")) as client:
        assert (await client.get("/admin/models/old")).status_code == 200
        gone = await client.get("/admin/models/gone")
        assert gone.status_code == 404
        assert "does not serve gone" in gone.json()["error"]["message"]
