"""The version of what tools say of themselves, of a real MCP server and of OpenAPI documents."""

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gameday.components import _asking
from gameday.components._contracts import read_contracts
from gameday.domain.component import Version
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.target import Tool
from tests.gameday.domain.test_tool_contract import DOCUMENT
from tests.gameday.mcp_tool import made, serving

OPENAPI = {"orders": Tool(openapi="http://orders.example/openapi.json?v=1")}
MCP = {"orders": Tool(mcp="http://orders.example/mcp")}
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], None]:
    """Whoever is asked, `handler` answers."""

    def put(handler: Handler) -> None:
        whole = httpx.AsyncClient

        def client(**settings: Any) -> httpx.AsyncClient:
            return whole(transport=httpx.MockTransport(handler), timeout=settings["timeout"])

        monkeypatch.setattr(_asking.httpx, "AsyncClient", client)

    return put


async def version(tools: dict[str, Tool]) -> Version:
    read = await read_contracts(tools)
    assert read is not None
    return read


async def test_where_no_tool_tells_a_contract_there_is_none():
    assert await read_contracts({}) is None
    assert await read_contracts({"orders": Tool(gate="orders")}) is None


# --- OpenAPI --------------------------------------------------------------------------------------


async def test_a_document_has_each_operation_by_its_name(answering: Callable[[Handler], None]):
    asked: list[httpx.Request] = []

    def tell(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=DOCUMENT)

    answering(tell)
    read = await version(OPENAPI)
    names = [part.rpartition(" ")[0] for part in read.label.split(", ")]
    assert names == ["orders.POST /tickets", "orders.get_order"]
    assert str(asked[0].url) == "http://orders.example/openapi.json?v=1"
    assert asked[0].method == "GET"


def renamed(document: Any) -> None:
    properties = document["components"]["schemas"]["Order"]["properties"]
    properties["state"] = properties.pop("status")


def redescribed(document: Any) -> None:
    order = document["components"]["schemas"]["Order"]
    order["properties"]["status"]["description"] = "Another."


def released(document: Any) -> None:
    document["info"]["version"] = "2"


@pytest.mark.parametrize(
    ("change", "differs"), [(renamed, True), (redescribed, True), (released, False)]
)
async def test_its_digest_changes_with_schemas_and_descriptions_alone(
    answering: Callable[[Handler], None], change: Callable[[Any], None], differs: bool
):
    document = copy.deepcopy(DOCUMENT)
    answering(lambda _: httpx.Response(200, content=json.dumps(document)))
    before = await version(OPENAPI)
    change(document)
    after = await version(OPENAPI)
    assert (after.digest != before.digest) is differs
    changed = {part for part in after.label.split(", ") if part not in before.label}
    assert [part.split(" ")[0] for part in changed] == ["orders.get_order"] * differs


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (httpx.Response(200, json={"paths": {}}), ComponentError, "is no OpenAPI document"),
        (httpx.Response(200, text="openapi: 3"), ComponentError, "does not answer with JSON"),
        (httpx.Response(404), ComponentError, "with 404"),
        (httpx.Response(503), ComponentUnreachableError, "with 503"),
    ],
)
async def test_what_is_no_document_is_said(
    answering: Callable[[Handler], None],
    answer: httpx.Response,
    error: type[Exception],
    said: str,
):
    answering(lambda _: answer)
    with pytest.raises(error, match=said):
        await read_contracts(OPENAPI)


# --- MCP ------------------------------------------------------------------------------------------


async def test_a_real_server_is_read_and_its_descriptions_count():
    async with serving(made()) as url:
        first = await version({"orders": Tool(mcp=url)})
        assert await version({"orders": Tool(mcp=url)}) == first
    assert first.label.startswith("orders.get_order ")
    async with serving(made("Looks an order up, and deletes it.")) as url:
        assert (await version({"orders": Tool(mcp=url)})).digest != first.digest
    async with serving(made(tools=2)) as url:
        more = await version({"orders": Tool(mcp=url)})
    assert [part.split(" ")[0] for part in more.label.split(", ")] == [
        "orders.get_order",
        "orders.get_order_1",
    ]
    assert first.label in more.label  # the same tool has the same digest beside another


def server(pages: dict[str, Any], *, stream: bool = False) -> Handler:
    """An MCP server that has these pages of its list, by cursor."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if asked["method"] == "initialize":
            result: Any = {"protocolVersion": "2025-06-18"}
        elif asked["method"] == "tools/list":
            assert request.headers["mcp-session-id"] == "s1"
            assert request.headers["mcp-protocol-version"] == "2025-06-18"
            result = pages[asked["params"].get("cursor", "")]
        else:
            return httpx.Response(202)
        message = {"jsonrpc": "2.0", "id": asked["id"], "result": result}
        headers = {"mcp-session-id": "s1"}
        if not stream:
            return httpx.Response(200, json=message, headers=headers)
        events = f": hello\n\nevent: message\ndata: {json.dumps(message)}\n\n"
        headers |= {"content-type": "text/event-stream"}
        return httpx.Response(200, text=events, headers=headers)

    return answer


@pytest.mark.parametrize("stream", [False, True])
async def test_a_list_of_several_pages_is_read_whole(
    answering: Callable[[Handler], None], stream: bool
):
    pages = {
        "": {"tools": [{"name": "a", "inputSchema": {}}], "nextCursor": "p2"},
        "p2": {"tools": [{"name": "b", "inputSchema": {}}]},
    }
    answering(server(pages, stream=stream))
    label = (await version(MCP)).label
    assert [part.split(" ")[0] for part in label.split(", ")] == ["orders.a", "orders.b"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"tools": "none"}, "lists no tools"),
        ({"tools": ["a"]}, "lists no tools"),
        ({"tools": [], "nextCursor": ""}, ""),
        ({"tools": [], "nextCursor": "p"}, "goes on listing tools after 100 pages"),
    ],
)
async def test_a_list_that_is_none_is_said(
    answering: Callable[[Handler], None], page: dict[str, Any], said: str
):
    answering(server({"": page, "p": page}))
    if not said:
        assert (await version(MCP)).label == "no tool at all"
        return
    with pytest.raises(ComponentError, match=said):
        await read_contracts(MCP)


async def test_an_error_of_the_server_is_said(answering: Callable[[Handler], None]):
    def refuse(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        error = {"code": -32601, "message": "Method not found"}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": asked["id"], "error": error})

    answering(refuse)
    with pytest.raises(ComponentError, match=r"answers initialize with .*Method not found"):
        await read_contracts(MCP)
