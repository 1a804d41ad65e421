"""The assistant's front door: POST /v1/chat/completions, as JSON or as server-sent events."""

import math
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from json import JSONDecodeError
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lab.assistant.admin import Admin
from lab.assistant.aliases import AliasTable, Entry
from lab.assistant.answer_cache import AnswerCache
from lab.assistant.attempt import AttemptError, ProviderClient
from lab.assistant.caller import Caller
from lab.assistant.canary import Canary
from lab.assistant.content_admin import ContentAdmin
from lab.assistant.controls import Controls, ControlsAdmin
from lab.assistant.conversations import Conversations
from lab.assistant.dialect import Ask
from lab.assistant.front_door import (
    BadQuestionError,
    Envelope,
    Question,
    attempts_header,
    error_body,
    event,
    read_question,
)
from lab.assistant.guard import Guard
from lab.assistant.invented import Invented
from lab.assistant.knowledge import Edition, Knowledge
from lab.assistant.leaving import unless_client_leaves
from lab.assistant.made_whole import MadeWhole
from lab.assistant.metrics import CONTENT_TYPE, Meter
from lab.assistant.order_desk import OrderDesk
from lab.assistant.parameters import ParameterAdmin, ParameterTable
from lab.assistant.router import Answering, NobodyAnsweredError, Router
from lab.assistant.sessions import Sessions
from lab.assistant.set_answer import SetAnswer
from lab.assistant.settings import AssistantSettings
from lab.assistant.tool_admin import ToolAdmin
from lab.assistant.tool_switches import ToolSwitches
from lab.assistant.work_slots import WorkSlots

_CUT = error_body("the provider's answer was cut", "server_error", "answer_cut")
# What a client marks its requests with, and who asks: handed on, so that providers can tell them
# apart.
_HANDED_ON = ("x-gameday", "x-user")
_SOURCES = "x-assistant-sources"  # ids of the documents that were retrieved
# What keeps synthetic requests apart from customers'.
_TENANT, _TOOLS = "x-gameday-tenant", "x-gameday-tools"


@dataclass(frozen=True)
class _Visit:
    """One request at the front door, and the headers of its answer."""

    question: Question
    caller: Caller
    headers: Mapping[str, str]
    model: str  # what the primary is asked for
    edition: Edition  # of the prompt and the index


class Assistant:
    """The state of the assistant's process."""

    def __init__(self, settings: AssistantSettings) -> None:
        self._settings = settings
        self._switches = ToolSwitches()
        self._guard = self._guarded()
        self._knowledge = Knowledge(
            OrderDesk(
                settings.order_tool,
                self._switches,
                swallows_errors=settings.swallows_tool_errors,
            ),
            settings.content,
            prompt_cache_s=settings.prompt_cache_s,
            trusts_known_indexes=settings.trusts_known_indexes,
            gullibility=settings.gullibility,
            index_cache_s=settings.index_cache_s,
        )
        self._conversations = Conversations()
        providers = [upstream.name for upstream in settings.chain]
        self._meter = Meter(providers)
        self._controls = Controls(providers, self._meter.spending)
        self._router = Router(
            settings, first=lambda: self._controls.route, build=lambda: self._controls.build
        )
        primary = settings.chain[0]
        self._aliases = AliasTable(primary.model, settings.aliases)
        self._parameters = ParameterTable(settings.input_chars_max, settings.cuts_input_at)
        self._canary = Canary(settings, self._aliases, self._knowledge)
        self._admins_provider = ProviderClient(primary, settings.patience)
        self._sessions = Sessions() if settings.keeps_first_prompt else None
        self._answers = AnswerCache(settings.answers_kept_s) if settings.answers_kept_s else None

    def _guarded(self) -> Guard | None:
        verifier, fails_open = self._settings.verifier, self._settings.verifier_fails_open
        return Guard(verifier, fails_open=fails_open) if verifier else None

    def app(self) -> Starlette:
        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            yield
            await self._canary.close()
            await self._admins_provider.close()
            await self._router.close()
            await self._knowledge.close()
            if self._guard is not None:
                await self._guard.close()

        routes = [
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/metrics", lambda _: Response(self._meter.text(), media_type=CONTENT_TYPE)),
            Route("/conversations", self.count_conversations),
            Route("/healthz", self.tell_version),
            *Admin(self._aliases, self._canary, self._admins_provider).routes(),
            *ContentAdmin(self._knowledge.indexes).routes(),
            *ToolAdmin(self._switches).routes(),
            *ParameterAdmin(self._parameters).routes(),
            *ControlsAdmin(self._controls).routes(),
        ]
        at_once = self._settings.at_once_max
        slots = [Middleware(WorkSlots, at_once=at_once)] if at_once is not None else []
        return Starlette(routes=routes, lifespan=lifespan, middleware=slots)

    async def chat(self, request: Request) -> Response:
        request_id = request.headers.get("x-request-id") or uuid.uuid4().hex
        routed, edition = self._route(), self._knowledge.edition()
        headers = {
            "x-request-id": request_id,
            "x-assistant-version": f"{edition.version}+{routed.model}",
            "x-assistant-alias": f"{routed.alias}={routed.model};version={routed.version}",
        }
        try:
            question = read_question(await request.json())
        except (BadQuestionError, JSONDecodeError, UnicodeDecodeError) as error:
            body = error_body(str(error), "invalid_request_error", None)
            return JSONResponse(body, 400, headers)
        marks = {name: request.headers[name] for name in _HANDED_ON if name in request.headers}
        self._keep(question, request.headers)
        sandbox = request.headers.get(_TOOLS) == "sandbox" and not self._settings.tools_always_act
        caller = Caller(request_id, marks, sandbox)
        if self._sessions is not None:
            edition = self._sessions.edition(question, edition)
        visit = _Visit(question, caller, headers, routed.model, edition)
        work = self._respond(visit)
        if self._settings.outlives_client:
            return await work
        return await unless_client_leaves(request, work)

    def _route(self) -> Entry:
        """What stands behind the alias for the next request, or a model that is being tried."""
        entry = self._aliases.route()
        offered = self._canary.route()
        return entry if offered is None else entry.model_copy(update={"model": offered})

    async def tell_version(self, request: Request) -> Response:
        _ = request
        return JSONResponse({"version": self._knowledge.edition().version})

    async def count_conversations(self, request: Request) -> Response:
        about = request.query_params.get("about", "")
        return JSONResponse({"count": self._conversations.about(about)})

    def _keep(self, question: Question, headers: Mapping[str, str]) -> None:
        """Keep what a customer asked; those of a tenant that is none of the shop's are not."""
        if headers.get(_TENANT) is None or self._settings.keeps_synthetic:
            self._conversations.keep(question.text)

    async def _respond(self, visit: _Visit) -> Response:
        if (instead := self._controls.instead(visit.question.text)) is not None:
            return await self._give(SetAnswer(instead), visit)
        if self._guard is not None and (
            objection := await self._guard.objection(visit.question.text, visit.caller)
        ):
            return await self._give(SetAnswer(objection), visit)
        question = self._parameters.passed_on(visit.question.text)
        brief = await self._knowledge.brief(question, visit.edition, visit.caller)
        sources = ", ".join(map(quote, brief.sources))  # a header cannot have every file's name
        visit = replace(visit, headers={**visit.headers, _SOURCES: sources})
        ask = Ask(
            brief.instructions,
            question,
            visit.caller.request_id,
            {**visit.caller.marks, **self._controls.credentials},
            {self._settings.chain[0].name: visit.model},
        )
        try:
            answering = await self._answer(ask)
        except NobodyAnsweredError as error:
            self._meter.count("error", error.attempts)
            return _nobody(error, visit.headers)
        answering.reading.called = brief.called
        if self._sessions is not None:
            answering = self._sessions.keeping(visit.question, visit.edition, answering)
        return await self._give(answering, visit)

    async def _give(self, answering: Answering, visit: _Visit) -> Response:
        if visit.question.stream:
            headers = {**visit.headers, **_way(answering)}
            return _AnswerStream(answering, headers, self._meter)
        return await _whole(answering, visit.headers, self._meter)

    async def _answer(self, ask: Ask) -> Answering:
        if self._answers is None:
            return await self._answer_anew(ask)
        return self._answers.get(ask.question) or self._answers.keeping(
            ask.question, await self._answer_anew(ask)
        )

    async def _answer_anew(self, ask: Ask) -> Answering:
        try:
            answering: Answering = await self._router.answer(ask)
        except NobodyAnsweredError as error:
            if not self._settings.invents_fallback:
                raise
            return Invented(ask, self._settings.chain[-1], error.attempts)
        return MadeWhole(answering) if self._settings.invents_end else answering


def _nobody(error: NobodyAnsweredError, headers: Mapping[str, str]) -> Response:
    """Say honestly that there is no answer, and when it is worth asking again."""
    more = {
        "x-attempts": attempts_header(error.attempts),
        "retry-after": str(max(1, math.ceil(error.retry_after_s))),
    }
    body = error_body(str(error), "server_error", "no_provider_answered")
    return JSONResponse(body, 503, {**headers, **more})


async def _whole(answering: Answering, headers: Mapping[str, str], meter: Meter) -> Response:
    texts: list[str] = []
    try:
        texts.extend([text async for text in answering.texts()])
    except AttemptError:
        meter.count("cut", answering.attempts)
        way = {"x-attempts": attempts_header(answering.attempts)}
        return JSONResponse(_CUT, 502, {**headers, **way})
    finally:
        await answering.close()
    meter.count("ok", answering.attempts, answering.served_by, answering.reading.cost_usd)
    whole = Envelope(answering.reading).whole("".join(texts))
    return JSONResponse(whole, headers={**headers, **_way(answering)})


def _way(answering: Answering) -> dict[str, str]:
    return {
        "x-served-by": answering.served_by,
        "x-attempts": attempts_header(answering.attempts),
    }


class _AnswerStream(StreamingResponse):
    """Sends the answer as it comes; one that is cut ends in an error event and a broken body."""

    def __init__(self, answering: Answering, headers: Mapping[str, str], meter: Meter) -> None:
        super().__init__(self._events(answering), headers=headers, media_type="text/event-stream")
        self._answering = answering
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here, and not where it is read: that task is cancelled when the client leaves.
            await self._answering.close()

    async def stream_response(self, send: Send) -> None:
        answering = self._answering
        try:
            await super().stream_response(send)
            cost_usd = answering.reading.cost_usd
            self._meter.count("ok", answering.attempts, answering.served_by, cost_usd)
        except AttemptError:
            self._meter.count("cut", answering.attempts)
            # Without the last, empty chunk the server drops the connection: a client can
            # not take what it has got for a whole answer.
            await send({"type": "http.response.body", "body": event(_CUT), "more_body": True})

    @staticmethod
    async def _events(answering: Answering) -> AsyncIterator[bytes]:
        envelope = Envelope(answering.reading)
        first = True
        async for text in answering.texts():
            yield envelope.piece(text, first=first)
            first = False
        yield envelope.end()
