"""What the assistant's operators set in an emergency: whether it answers, by whom, for how much."""

from collections import deque
from collections.abc import Callable, Sequence
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.assistant.admin import refused
from lab.assistant.spending import Spending

ON, OFF, QUEUE = "on", "off", "queue"
KEYS = ("first", "second")
BUILDS = ("running", "pinned")
USD_PER_MINUTE = 1000.0  # as good as no bound
_OFF_SAYS = "The assistant is switched off at the moment. Please write to our support team."
_QUEUE_SAYS = "One of our people will answer this. Your question is number {} in the queue."
_SPENT_SAYS = "The assistant can answer no more questions this minute. Please ask again later."
_WAITING_MAX = 1000


class SetMeanwhileError(Exception):
    """A control does not stand where the writer had read it."""


class Control:
    """One value, and how often it has been set."""

    def __init__(self, value: Any, allows: Callable[[Any], bool]) -> None:
        self.value = value
        self.allows = allows
        self._version = 1

    @property
    def etag(self) -> str:
        return f'"{self._version}"'

    def write(self, value: Any, if_match: str | None = None) -> None:
        """Raises SetMeanwhileError."""
        if if_match not in (None, "*", self.etag):
            raise SetMeanwhileError(f"it is {self.value} by now")
        self.value = value
        self._version += 1


class Controls:
    """What can be set, by name.

    feature: `on`, `off` (a set answer) or `queue` (a person answers). route: the provider that is
    asked first. budget: dollars a minute; once they are spent, answers are set ones too.
    keys: which of the two keys that each provider knows is presented there. build: which build of
    the way to providers is in use; the pinned one is made anew, with nothing of the running one.
    """

    def __init__(self, providers: Sequence[str], spending: Spending) -> None:
        self._spending = spending
        self.waiting: deque[str] = deque(maxlen=_WAITING_MAX)
        self._queued = 0
        self.by_name = {
            "feature": Control(ON, lambda value: value in (ON, OFF, QUEUE)),
            "route": Control(providers[0], lambda value: value in providers),
            "budget": Control(USD_PER_MINUTE, _is_amount),
            "keys": Control(KEYS[0], lambda value: value in KEYS),
            "build": Control(BUILDS[0], lambda value: value in BUILDS),
        }

    @property
    def route(self) -> str:
        return str(self.by_name["route"].value)

    @property
    def build(self) -> str:
        return str(self.by_name["build"].value)

    @property
    def credentials(self) -> dict[str, str]:
        """What shows providers who asks."""
        return {"authorization": f"Bearer lab-{self.by_name['keys'].value}"}

    def instead(self, question: str) -> str | None:
        """What is said instead of an answer; None where the question is answered."""
        state = self.by_name["feature"].value
        if state == QUEUE:
            self.waiting.append(question)
            self._queued += 1
            return _QUEUE_SAYS.format(self._queued)
        if state == OFF:
            return _OFF_SAYS
        spent = self._spending.usd_per_minute() >= self.by_name["budget"].value
        return _SPENT_SAYS if spent else None


class ControlsAdmin:
    """The admin port's paths about them. A write is conditional where `If-Match` says so."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def routes(self) -> list[Route]:
        return [
            Route("/admin/controls/{name}", self.read),
            Route("/admin/controls/{name}", self.write, methods=["PUT"]),
            Route("/admin/controls/{name}/{value}", self.could_be),
            Route("/admin/queue", self.queue),
        ]

    async def read(self, request: Request) -> Response:
        control = self._find(request)
        return _unknown(request) if control is None else _told(control)

    async def write(self, request: Request) -> Response:
        control = self._find(request)
        if control is None:
            return _unknown(request)
        value = await _value_in(request)
        if not control.allows(value):
            return refused(
                400, f"the body must be an object with a 'value' that it can be: {value}"
            )
        try:
            control.write(value, request.headers.get("if-match"))
        except SetMeanwhileError as error:
            return refused(412, str(error), {"etag": control.etag})
        return _told(control)

    async def could_be(self, request: Request) -> Response:
        """Whether it could be set to this: 200, or 404."""
        control, value = self._find(request), request.path_params["value"]
        if control is None or not (control.allows(value) or control.allows(_number(value))):
            return refused(404, f"{request.path_params['name']} cannot be {value}")
        return JSONResponse({"value": value})

    async def queue(self, request: Request) -> Response:
        """The questions that wait for a person; those about `?about=` alone, if it is said."""
        about = request.query_params.get("about", "")
        waiting = [question for question in self._controls.waiting if about in question]
        return JSONResponse({"count": len(waiting)})

    def _find(self, request: Request) -> Control | None:
        return self._controls.by_name.get(request.path_params["name"])


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


async def _value_in(request: Request) -> Any:
    try:
        body: Any = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return None
    return body.get("value") if isinstance(body, dict) else None


def _told(control: Control) -> Response:
    return JSONResponse({"value": control.value}, headers={"etag": control.etag})


def _unknown(request: Request) -> Response:
    return refused(404, f"there is no control {request.path_params['name']}")
