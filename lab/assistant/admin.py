"""What the assistant's operators change while it runs: the alias, and the canary gate."""

from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.assistant.aliases import AliasTable, ChangedMeanwhileError, Entry
from lab.assistant.attempt import ProviderClient
from lab.assistant.canary import Canary, UnderWayError


class Admin:
    """The admin port's paths. A write is conditional where `If-Match` says so."""

    def __init__(self, aliases: AliasTable, canary: Canary, provider: ProviderClient) -> None:
        self._aliases = aliases
        self._canary = canary
        self._provider = provider

    def routes(self) -> list[Route]:
        return [
            Route("/admin/aliases/{name}", self.read_alias),
            Route("/admin/aliases/{name}", self.write_alias, methods=["PUT"]),
            Route("/admin/models/{model}", self.read_model),
            Route("/admin/canary", self.read_canary),
            Route("/admin/canary", self.offer, methods=["POST"]),
        ]

    async def read_alias(self, request: Request) -> Response:
        if unknown := self._unknown(request):
            return unknown
        return _told(self._aliases.entry)

    async def write_alias(self, request: Request) -> Response:
        if unknown := self._unknown(request):
            return unknown
        model = await text_in(request, "model")
        if model is None:
            return refused(400, "the body must be an object with a text 'model'")
        try:
            entry = self._aliases.write(model, request.headers.get("if-match"))
        except ChangedMeanwhileError as error:
            return refused(412, str(error), {"etag": error.now.etag})
        await self._canary.withdraw()
        return _told(entry)

    async def read_model(self, request: Request) -> Response:
        """Whether the provider would still serve a model: 200, or 404."""
        model = request.path_params["model"]
        try:
            served = await self._provider.serves(model)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            return refused(502, f"the provider does not tell its models: {error!r}")
        if not served:
            return refused(404, f"the provider does not serve {model}")
        return JSONResponse({"model": model})

    async def read_canary(self, request: Request) -> Response:
        _ = request
        state = self._canary.state.model_dump(mode="json")
        told = {**state, "in_use": self._canary.in_use}
        return JSONResponse(told, headers={"etag": self._aliases.entry.etag})

    async def offer(self, request: Request) -> Response:
        model = await text_in(request, "model")
        if model is None:
            return refused(400, "the body must be an object with a text 'model'")
        try:
            state = self._canary.offer(model)
        except UnderWayError as error:
            return refused(409, str(error))
        return JSONResponse(state.model_dump(mode="json"), 202)

    def _unknown(self, request: Request) -> Response | None:
        name = request.path_params["name"]
        known = self._aliases.entry.alias
        return None if name == known else refused(404, f"no alias {name}; there is {known}")


async def text_in(request: Request, name: str) -> str | None:
    """One field of the request's JSON, where it is a text with something in it."""
    try:
        body: Any = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return None
    text = body.get(name) if isinstance(body, Mapping) else None
    return text if isinstance(text, str) and text.strip() else None


def _told(entry: Entry) -> Response:
    return JSONResponse(entry.model_dump(mode="json"), headers={"etag": entry.etag})


def refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    error = {"message": message, "type": "admin_error", "param": None, "code": None}
    return JSONResponse({"error": error}, status, headers)
