"""The admin port's path of the tools: which are in use."""

from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.assistant.admin import refused
from lab.assistant.tool_switches import SwitchedMeanwhileError, ToolSwitches, UnknownToolError


class ToolAdmin:
    """A write is conditional where `If-Match` says so."""

    def __init__(self, switches: ToolSwitches) -> None:
        self._switches = switches

    def routes(self) -> list[Route]:
        return [
            Route("/admin/tools", self.read),
            Route("/admin/tools", self.write, methods=["PUT"]),
        ]

    async def read(self, request: Request) -> Response:
        _ = request
        return self._told()

    async def write(self, request: Request) -> Response:
        wanted = await _tools_in(request)
        if wanted is None:
            return refused(400, "the body must be an object with a list 'enabled' of names")
        try:
            self._switches.write(wanted, request.headers.get("if-match"))
        except SwitchedMeanwhileError as error:
            return refused(412, str(error), {"etag": self._switches.etag})
        except UnknownToolError as error:
            return refused(404, str(error))
        return self._told()

    def _told(self) -> Response:
        told = {"enabled": list(self._switches.enabled)}
        return JSONResponse(told, headers={"etag": self._switches.etag})


async def _tools_in(request: Request) -> list[str] | None:
    try:
        body: Any = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return None
    named = body.get("enabled") if isinstance(body, Mapping) else None
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        return None
    return named
