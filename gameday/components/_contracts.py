"""Reads what tools say of themselves: their OpenAPI documents, and the lists of MCP servers."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from gameday.components._asking import Answer, Interface
from gameday.domain.component import Version, digest_of
from gameday.domain.errors import ComponentError
from gameday.domain.front_door import RequestTemplate
from gameday.domain.names import Name
from gameday.domain.target import Tool
from gameday.domain.tool_contract import contracts_of_mcp, contracts_of_openapi, is_openapi

_TIMEOUT_S = 5.0
_PAGES_MAX = 100  # of an MCP server's list
_PROTOCOL = "2025-06-18"
_SESSION, _VERSION = "mcp-session-id", "mcp-protocol-version"
_BRIEF = 8  # hexadecimal digits of a digest that a label has


async def read_contracts(tools: Mapping[Name, Tool]) -> Version | None:
    """The version of all contracts that are told; None where no tool tells one.

    Its digest changes with any schema and any description. Its label has each tool of a service,
    with the beginning of its own digest. Raises ComponentUnreachableError and ComponentError.
    """
    telling = {name: one for name, one in sorted(tools.items()) if one.openapi or one.mcp}
    if not telling:
        return None
    read = await asyncio.gather(*map(_contracts, telling.values()))
    digests = {
        f"{name}.{tool}": digest_of(contract)
        for name, told in zip(telling, read, strict=True)
        for tool, contract in sorted(told.items())
    }
    label = ", ".join(f"{name} {digest[:_BRIEF]}" for name, digest in digests.items())
    return Version(label=label or "no tool at all", digest=digest_of(digests))


async def _contracts(tool: Tool) -> dict[str, Any]:
    if tool.openapi is not None:
        return await _of_openapi(tool.openapi)
    assert tool.mcp is not None
    return await _McpServer(tool.mcp).tools()


async def _of_openapi(url: str) -> dict[str, Any]:
    interface, path = _place(url)
    answer = await interface.ask(RequestTemplate(method="GET", path=path), {})
    document = _json(answer, answer.text)
    if not is_openapi(document):
        raise ComponentError(f"{answer.place} is no OpenAPI document: {answer.said}")
    return contracts_of_openapi(document)


def _place(url: str) -> tuple[Interface, str]:
    parts = urlsplit(url)
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    return Interface(f"{parts.scheme}://{parts.netloc}", _TIMEOUT_S), path


def _json(answer: Answer, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ComponentError(f"{answer.place} does not answer with JSON: {answer.said}") from error


class _McpServer:
    """One conversation with an MCP server over streamable HTTP, just long enough for its list."""

    def __init__(self, url: str) -> None:
        self._interface, self._path = _place(url)
        self._headers = {"accept": "application/json, text/event-stream"}
        self._id = 0

    async def tools(self) -> dict[str, Any]:
        await self._begin()
        listed: list[Mapping[str, Any]] = []
        cursor: str | None = None
        for _ in range(_PAGES_MAX):
            page = await self._ask("tools/list", {"cursor": cursor} if cursor else {})
            tools = page.get("tools")
            if not isinstance(tools, list) or not all(isinstance(one, dict) for one in tools):
                raise ComponentError(f"{self._what} lists no tools: {str(page)[:120]}")
            listed += tools
            cursor = page.get("nextCursor")
            if not cursor:
                return contracts_of_mcp(listed)
        raise ComponentError(f"{self._what} goes on listing tools after {_PAGES_MAX} pages")

    @property
    def _what(self) -> str:
        return f"the MCP server at {self._interface.url}{self._path}"

    async def _begin(self) -> None:
        client = {"name": "gameday", "version": "1"}
        asked = {"protocolVersion": _PROTOCOL, "capabilities": {}, "clientInfo": client}
        result = await self._ask("initialize", asked)
        self._headers[_VERSION] = str(result.get("protocolVersion", _PROTOCOL))
        await self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def _ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self._id += 1
        message = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        answer = await self._send(message)
        if session := answer.headers.get(_SESSION):
            self._headers[_SESSION] = session
        for said in self._messages(answer):
            if not isinstance(said, dict) or said.get("id") != self._id:
                continue
            if isinstance(result := said.get("result"), dict):
                return result
            raise ComponentError(f"{self._what} answers {method} with {str(said)[:120]}")
        raise ComponentError(f"{self._what} does not answer {method}: {answer.said}")

    async def _send(self, message: dict[str, Any]) -> Answer:
        request = RequestTemplate(path=self._path, headers=self._headers, json_=message)
        return await self._interface.ask(request, {})

    def _messages(self, answer: Answer) -> list[Any]:
        """The messages of an answer, which may come as a stream of events."""
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            return [_json(answer, answer.text)]
        events = answer.text.replace("\r\n", "\n").split("\n\n")
        return [_json(answer, data) for event in events if (data := _data_of(event))]


def _data_of(event: str) -> str:
    lines = (line.removeprefix("data:") for line in event.split("\n") if line.startswith("data:"))
    return "\n".join(line.removeprefix(" ") for line in lines)
