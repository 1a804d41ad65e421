"""One provider: reads a request, lets the engine answer, and streams at a model's pace."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from json import JSONDecodeError

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gameday.domain.sample import Outcome
from lab.engine import Answer
from lab.model_version import MODELS, ModelVersion
from lab.provider.anthropic_wire import AnthropicWire
from lab.provider.engines import ClientLeftError, Engine, Practice, Real
from lab.provider.openai_wire import OpenAIWire
from lab.provider.rate_meter import RateMeter, RateState
from lab.provider.request_log import RequestLog
from lab.provider.settings import ProviderSettings
from lab.provider.wire import Asked, BadRequestError, Reply, Wire

_CLIENT_LEFT = 499  # nobody reads it
_PIECE_S = 0.02  # pieces closer together than this go out as one event: it spares the CPU
_WIRES: dict[str, Wire] = {"openai": OpenAIWire(), "anthropic": AnthropicWire()}


class Provider:
    """The state of one provider process."""

    def __init__(self, settings: ProviderSettings, meter: RateMeter | None = None) -> None:
        self.wire = _WIRES[settings.dialect]
        self.models = {name: _as_served(MODELS[name], settings) for name in settings.models}
        for name, model in settings.renamed.items():
            self.models[name] = replace(_as_served(MODELS[model], settings), name=name)
        self.log = RequestLog()
        self.meter = meter or RateMeter(settings.requests_per_minute_max)
        self._engine: Engine = Real(settings.weights) if settings.weights else Practice()
        self._price = settings.price
        self._draws = random.Random(settings.seed)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(self.wire.path, self.complete, methods=["POST"]),
                Route("/log", self.read_log),
                Route("/v1/models", lambda _: JSONResponse(self.wire.models(self.models))),
                Route("/healthz", lambda _: JSONResponse({"models": list(self.models)})),
            ]
        )

    async def read_log(self, request: Request) -> Response:
        since = float(request.query_params.get("since", 0))
        return JSONResponse(self.log.since(datetime.fromtimestamp(since, UTC)))

    async def complete(self, request: Request) -> Response:
        request_id = request.headers.get("x-request-id") or f"req_{uuid.uuid4().hex}"
        try:
            body = await request.json()
            asked = self.wire.read(body if isinstance(body, dict) else {})
        except (BadRequestError, JSONDecodeError, UnicodeDecodeError) as error:
            return self._refuse(400, str(error), request_id)
        version = self.models.get(asked.model)
        if version is None:
            message = f"The model {asked.model!r} does not exist."
            return self._refuse(404, message, request_id, asked.model)
        draw = random.Random(self._draws.random() if asked.seed is None else asked.seed)
        try:
            said = await self._engine.answer(asked.prompt, version, draw, request.is_disconnected)
        except ClientLeftError:
            return Response(status_code=_CLIENT_LEFT)
        reply = Reply(
            request_id=request_id,
            model=version.name,  # whatever name it was asked by
            fingerprint=self._engine.fingerprint(version),
            created=int(time.time()),
            answer=said,
            cost_usd=self._cost_usd(said),
        )
        state = self.meter.take(said.tokens_in + said.tokens_out)
        if not state.allowed:
            return self._refuse(429, "Rate limit reached.", request_id, reply.model, state)
        headers = {
            self.wire.request_id_header: request_id,
            **self.wire.rate_headers(self.meter, state),
        }
        texts = _paced(said, version, draw)
        if asked.stream:
            events = self._events(reply, asked, texts)
            return StreamingResponse(events, media_type="text/event-stream", headers=headers)
        async for _ in texts:
            pass
        self._remember(reply, Outcome.OK)
        return JSONResponse(self.wire.whole(reply), headers=headers)

    async def _events(
        self, reply: Reply, asked: Asked, texts: AsyncIterator[str]
    ) -> AsyncIterator[bytes]:
        outcome = Outcome.CUT  # until the last event has gone out
        try:
            yield b"".join(self.wire.opening(reply))
            async for text in texts:
                yield self.wire.piece(reply, text)
            yield b"".join(self.wire.closing(reply, usage=asked.usage_in_stream))
            outcome = Outcome.OK
        finally:
            self._remember(reply, outcome)

    def _cost_usd(self, said: Answer) -> float | None:
        if self._price is None:
            return None
        return self._price.input_usd(said.tokens_in) + self._price.output_usd(said.tokens_out)

    def _remember(self, reply: Reply, outcome: Outcome) -> None:
        self.log.add(
            reply.request_id,
            outcome,
            reply.model,
            reply.answer.tokens_in,
            reply.answer.tokens_out,
        )

    def _refuse(
        self,
        status: int,
        message: str,
        request_id: str,
        model: str = "",
        state: RateState | None = None,
    ) -> Response:
        headers = {self.wire.request_id_header: request_id}
        if state is not None:
            headers |= self.wire.rate_headers(self.meter, state)
            headers["retry-after"] = str(max(1, round(state.resets_in_s)))
        self.log.add(request_id, Outcome.HTTP_ERROR, model, 0, 0)
        return JSONResponse(self.wire.error(status, message, request_id), status, headers)


def _as_served(version: ModelVersion, settings: ProviderSettings) -> ModelVersion:
    return replace(version.at_speed(settings.speed_factor), blind_share=settings.blind_share)


async def _paced(said: Answer, version: ModelVersion, draw: random.Random) -> AsyncIterator[str]:
    """Utter an answer as a model does: a wait, then pieces at its pace."""
    clock = asyncio.get_running_loop().time
    per_event = max(1, round(version.tokens_per_s * _PIECE_S))
    next_at = clock() + draw.uniform(*version.first_token_s)
    for start in range(0, len(said.pieces), per_event):
        await asyncio.sleep(max(0.0, next_at - clock()))
        group = said.pieces[start : start + per_event]
        yield "".join(group)
        next_at += len(group) / version.tokens_per_s
