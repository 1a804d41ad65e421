"""The HTTP door of the injector: checks the token, reads the body, maps a no to its status."""

import contextlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, TypeVar

import uvicorn
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gameday.domain.act import ActOrder
from gameday.domain.errors import GamedayError, InjectorError, InjectorUnreachableError
from gameday.domain.gate import Call, WatchOrder
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState, Injection
from gameday.domain.proof import NotProvenError
from gameday.domain.statement import Given, Statement
from gameday.domain.value import Value
from gameday.injector.acts import ActKeeper
from gameday.injector.drivers import Drivers
from gameday.injector.health import Health
from gameday.injector.keeper import FaultKeeper
from gameday.injector.port import PathGoneError
from gameday.injector.prover import Prover
from gameday.injector.refusal import RefusalError, Why
from gameday.injector.segment import segment

_BODY_BYTES_MAX = 64 * 1024
# The id becomes part of a toxic's name, and of addresses at Toxiproxy and at the gates.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_CALLS = TypeAdapter(list[Call])
_HEARD_WITHIN_S = "86400"

Body = TypeVar("Body", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


class Saying(Value):
    """A statement, and what shows whose it is; without people in the policy, only a name."""

    statement: Statement
    by: Annotated[str, Field(max_length=200)] = ""
    proof: Given | None = None


@dataclass(frozen=True)
class Door:
    """The routes of one injector."""

    keeper: FaultKeeper
    acts: ActKeeper
    drivers: Drivers
    prover: Prover
    token: str
    began_s: float

    def app(self) -> Starlette:
        guarded = [
            ("/faults", "GET", self.faults),
            ("/faults/{id}", "PUT", self.arm),
            ("/faults/{id}", "GET", self.fault),
            ("/faults/{id}", "DELETE", self.clear),
            ("/faults/{id}/renew", "POST", self.renew),
            ("/check", "POST", self.check),
            ("/acts", "GET", self.acts_of_run),
            ("/acts/check", "POST", self.outlook),
            ("/acts/{id}", "PUT", self.act),
            ("/acts/{id}", "GET", self.act_record),
            ("/acts/{id}/verify", "POST", self.verify_act),
            ("/acts/{id}/undo", "POST", self.undo_act),
            ("/stop", "POST", self.stop),
            ("/resume", "POST", self.resume),
            ("/approvals", "POST", self.hear),
            ("/approvals/{id}", "GET", self.heard),
            ("/journal", "GET", self.journal),
            ("/watches/{id}", "PUT", self.watch),
            ("/watches/{id}", "GET", self.watched),
            ("/watches/{id}", "DELETE", self.unwatch),
            ("/watches/{id}/calls", "GET", self.calls),
        ]
        routes = [Route("/health", _answering(self.health), methods=["GET"])]
        routes += [
            Route(where, _answering(self._with_token(handler)), methods=[method])
            for where, method, handler in guarded
        ]
        return Starlette(routes=routes)

    def _with_token(self, handler: Handler) -> Handler:
        wanted = f"Bearer {self.token}".encode()

        async def handle(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, wanted):
                return _no(401, "the token is missing or wrong", "read it from the state folder")
            return await handler(request)

        return handle

    async def arm(self, request: Request) -> Response:
        wanted = await _body(request, Injection)
        return _record(await self.keeper.arm(_id(request), wanted))

    async def renew(self, request: Request) -> Response:
        return _record(await self.keeper.renew(_id(request)))

    async def clear(self, request: Request) -> Response:
        by = request.query_params.get("by", ClearedBy.RESTORE)
        if by not in set(ClearedBy):
            known = ", ".join(ClearedBy)
            raise RefusalError(Why.MALFORMED, f"unknown ?by={by}; expected one of {known}")
        return _record(await self.keeper.clear(_id(request), ClearedBy(by)))

    async def fault(self, request: Request) -> Response:
        return _record(self.keeper.get(_id(request)))

    async def faults(self, request: Request) -> Response:
        return _values(self.keeper.faults(request.query_params.get("run_id")))

    async def check(self, request: Request) -> Response:
        return JSONResponse({"refusal": await self.keeper.check(await _body(request, Injection))})

    async def act(self, request: Request) -> Response:
        order = await _body(request, ActOrder)
        return _value(await self.acts.carry_out(_id(request), order))

    async def act_record(self, request: Request) -> Response:
        return _value(self.acts.get(_id(request)))

    async def acts_of_run(self, request: Request) -> Response:
        return _values(self.acts.acts(request.query_params.get("run")))

    async def outlook(self, request: Request) -> Response:
        return _value(await self.acts.outlook(await _body(request, ActOrder)))

    async def verify_act(self, request: Request) -> Response:
        return _value(await self.acts.verify(_id(request)))

    async def undo_act(self, request: Request) -> Response:
        return _value(await self.acts.undo(_id(request)))

    async def stop(self, request: Request) -> Response:  # noqa: ARG002 - a route's signature
        return _values(await self.keeper.stop())

    async def resume(self, request: Request) -> Response:  # noqa: ARG002 - a route's signature
        self.keeper.resume()
        return JSONResponse({"stopped": False})

    async def hear(self, request: Request) -> Response:
        saying = await _body(request, Saying)
        try:
            word = await self.prover.word(saying.statement, saying.by, saying.proof)
        except NotProvenError as error:
            raise RefusalError(
                Why.POLICY, f"not believed: {error.sentence}", next_step=error.next_step
            ) from error
        self.keeper.hear(word)
        return _value(word)

    async def heard(self, request: Request) -> Response:
        asked = request.query_params
        heard = self.keeper.admission.words.heard(
            _id(request),
            run_id=asked.get("run_id", ""),
            asked_by=asked.get("asked_by", ""),
            within_s=_seconds(asked.get("within_s", _HEARD_WITHIN_S)),
        )
        return _value(heard)

    async def journal(self, request: Request) -> Response:
        return _values(segment(self.keeper, self.acts, request.query_params.get("run_id", "")))

    async def watch(self, request: Request) -> Response:
        order = await _body(request, WatchOrder)
        return _value(await self.drivers.gates.watch(_id(request), order))

    async def watched(self, request: Request) -> Response:
        return _value(await self.drivers.gates.watched(_id(request)))

    async def calls(self, request: Request) -> Response:
        # Straight to text: a long run has tens of thousands.
        calls = _CALLS.dump_json(await self.drivers.gates.calls(_id(request)))
        return Response(calls, media_type="application/json")

    async def unwatch(self, request: Request) -> Response:
        await self.drivers.gates.unwatch(_id(request))
        return JSONResponse({"watched": False})

    async def health(self, request: Request) -> Response:  # noqa: ARG002 - a route's signature
        records = self.keeper.faults()
        toxiproxy = self.drivers.toxiproxy
        return _value(
            Health(
                version=version("ai-gameday"),
                uptime_s=time.monotonic() - self.began_s,
                stopped=self.keeper.stopped,
                policy=self.keeper.admission.policy.policy,
                people=bool(self.keeper.admission.policy.people),
                toxiproxy=toxiproxy is not None and await toxiproxy.answers(),
                gates=await self.drivers.gates.health(),
                armed=sum(record.state is FaultState.ARMED for record in records),
                stuck=sum(record.state is FaultState.STUCK for record in records),
            )
        )


class QuietServer(uvicorn.Server):
    """Without handlers of its own: to this process a signal means restore first, then end."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


def _answering(handler: Handler) -> Handler:
    """Turn what the handler raises into a status, a sentence and a next step."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusalError as error:
            return _no(error.why, error.sentence, error.next_step)
        except PathGoneError as error:
            return _no(Why.CONFLICT, error.sentence, error.next_step)
        except InjectorUnreachableError as error:
            return _no(503, error.sentence, error.next_step)
        except (InjectorError, GamedayError) as error:
            return _no(500, error.sentence, error.next_step)

    return handle


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise RefusalError(Why.MALFORMED, f"within_s: {text!r} is no number") from error


def _id(request: Request) -> str:
    """The id of a fault or of a run, or a digest."""
    given = str(request.path_params["id"])
    if not _ID.fullmatch(given):
        raise RefusalError(
            Why.MALFORMED, "an id is 1 to 101 letters, digits, dots, dashes or underscores"
        )
    return given


async def _body(request: Request, wanted: type[Body]) -> Body:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _BODY_BYTES_MAX:
            raise RefusalError(Why.MALFORMED, f"the body is over {_BODY_BYTES_MAX} bytes")
    try:
        return wanted.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise RefusalError(
            Why.MALFORMED, f"not a valid {wanted.__name__.lower()}: {where}: {first['msg']}"
        ) from error


def _no(status: int, sentence: str, next_step: str) -> Response:
    return JSONResponse({"error": sentence, "next": next_step}, status_code=status)


def _record(record: FaultRecord) -> Response:
    """202 when it is not verified yet that the fault is gone: the injector goes on trying."""
    return _value(record, status=202 if record.state is FaultState.STUCK else 200)


def _value(value: Value, *, status: int = 200) -> Response:
    return JSONResponse(value.model_dump(mode="json"), status_code=status)


def _values(values: Sequence[Value]) -> Response:
    return JSONResponse([value.model_dump(mode="json") for value in values])
