"""What the assistant asks its model with, as its operators set it while it runs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gameday.domain.value import Value
from lab.assistant.admin import refused


class Parameters(Value):
    """How much of a question is passed on, and since when.

    version: how often it has been changed, so that nobody overwrites what they have not read.
    """

    input_chars_max: int
    version: int = 1
    changed_at: datetime

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


class ParametersChangedError(Exception):
    """They are not those that the writer had read."""

    def __init__(self, now: Parameters) -> None:
        super().__init__(f"input_chars_max is {now.input_chars_max}, version {now.version}, by now")
        self.now = now


class ParameterTable:
    """The parameters in force."""

    def __init__(self, input_chars_max: int, cuts_input_at: int | None = None) -> None:
        """cuts_input_at: of a gateway in between that cuts more, and tells nobody."""
        self.now = Parameters(input_chars_max=input_chars_max, changed_at=datetime.now(UTC))
        self._cuts_input_at = cuts_input_at

    def write(self, input_chars_max: int, if_match: str | None = None) -> Parameters:
        """Raises ParametersChangedError."""
        if if_match not in (None, "*", self.now.etag):
            raise ParametersChangedError(self.now)
        self.now = Parameters(
            input_chars_max=input_chars_max,
            version=self.now.version + 1,
            changed_at=datetime.now(UTC),
        )
        return self.now

    def passed_on(self, question: str) -> str:
        """As much of the question as the model is given."""
        return question[: self.now.input_chars_max][: self._cuts_input_at]


class ParameterAdmin:
    """The admin port's paths about them. A write is conditional where `If-Match` says so."""

    def __init__(self, table: ParameterTable) -> None:
        self._table = table

    def routes(self) -> list[Route]:
        return [
            Route("/admin/parameters", self.read),
            Route("/admin/parameters", self.write, methods=["PUT"]),
        ]

    async def read(self, request: Request) -> Response:
        _ = request
        return _told(self._table.now)

    async def write(self, request: Request) -> Response:
        chars = await _chars_in(request)
        if chars is None:
            return refused(400, "the body must be an object with an 'input_chars_max' of 1 or more")
        try:
            return _told(self._table.write(chars, request.headers.get("if-match")))
        except ParametersChangedError as error:
            return refused(412, str(error), {"etag": error.now.etag})


async def _chars_in(request: Request) -> int | None:
    try:
        body: Any = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return None
    chars = body.get("input_chars_max") if isinstance(body, Mapping) else None
    return chars if isinstance(chars, int) and not isinstance(chars, bool) and chars > 0 else None


def _told(parameters: Parameters) -> Response:
    return JSONResponse(parameters.model_dump(mode="json"), headers={"etag": parameters.etag})
