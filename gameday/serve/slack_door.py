"""`POST /slack`: where Slack tells of a button that was pressed.

What is not signed by Slack within five minutes is not read. What is, is given on to the injector as
it came: only there it counts. Slack wants its answer within three seconds; what became of the press
stands in the message a little later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gameday.domain.proof import NotProvenError, require_fresh
from gameday.domain.serving import SlackDoor
from gameday.domain.statement import Given, Statement
from gameday.identity.slack import SIGNATURE, TIMESTAMP, Pressed, press_given, require_signed

BYTES_MAX = 64 * 1024
_TO_ANSWER_S = 2.0
_TO_WRITE_BACK_S = 10.0

Take = Callable[[Statement, Given], Awaitable[tuple[str, dict[str, Any]]]]
"""Gives a press to its run's injector and wakes the run: what came of it, as line and message."""


@dataclass(frozen=True)
class SlackPresses:
    """The door. secret: the app's signing secret. say: for a line on the terminal."""

    door: SlackDoor
    secret: str
    take: Take
    say: Callable[[str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    dealing: set[asyncio.Task[None]] = field(default_factory=set)  # else nobody would hold them

    def route(self) -> Route:
        return Route("/slack", self.pressed, methods=["POST"])

    async def pressed(self, request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > BYTES_MAX:
                return JSONResponse({"error": f"more than {BYTES_MAX:,} bytes"}, 413)
        headers = request.headers
        try:
            press = self._believed(bytes(body), headers)
        except NotProvenError as error:
            return JSONResponse({"error": f"not believed: {error.sentence}"}, 401)
        try:
            read = Pressed.read(bytes(body))
        except NotProvenError as error:
            return JSONResponse({"error": f"not understood: {error.sentence}"}, 400)
        task = asyncio.create_task(self._deal(read, press))
        self.dealing.add(task)
        task.add_done_callback(self.dealing.discard)
        await asyncio.wait({task}, timeout=_TO_ANSWER_S)
        return Response(status_code=200)

    def _believed(self, body: bytes, headers: Mapping[str, str]) -> Given:
        at = require_signed(
            body, headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""), self.secret
        )
        require_fresh(at, self.now())
        return press_given(body, headers, self.door.proof)

    async def _deal(self, read: Pressed, press: Given) -> None:
        """Whatever comes of it is written back to whoever pressed: a click must not be lost."""
        line, message = await self.take(read.statement, press)
        self.say(f"slack  run {read.statement.run_id}: {line}")
        if not read.response_url.startswith(self.door.answers_to):
            self.say(f"slack  nothing is written back: its address is not {self.door.answers_to}…")
            return
        try:
            async with httpx.AsyncClient(timeout=_TO_WRITE_BACK_S, trust_env=False) as http:
                (await http.post(read.response_url, json=message)).raise_for_status()
        except httpx.HTTPError as error:
            self.say(f"slack  nothing could be written back: {type(error).__name__}")
