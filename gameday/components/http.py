"""The backend `http`: whatever has an HTTP interface that reads and sets one value."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gameday.components._asking import Interface, moment_of, named, secret_of
from gameday.components._value import Held, ValueBackend
from gameday.domain.component import Version, shown, version_of
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.filling import words_in
from gameday.domain.front_door import Extractor, RequestTemplate
from gameday.domain.names import SecretRef, Url
from gameday.domain.ports import Undo
from gameday.domain.quantities import Seconds

_READING = frozenset({"secret"})
_SETTING = frozenset({"to", "before", "etag", "secret"})
_PROBING = frozenset({"to", "secret"})


class ReadRequest(RequestTemplate):
    """A request whose answer has the value: a path into its JSON, or a header.

    by, changed_at: where it has who set the value, and when (a date and time of ISO 8601).
    """

    method: Literal["GET", "POST"] = "GET"
    value: Extractor
    etag: Extractor | None = None
    by: Extractor | None = None
    changed_at: Extractor | None = None


class ReadyRequest(RequestTemplate):
    """A request that works only while a change to `{{to}}` would.

    With `value`, what stands there must be `{{to}}` as well: the model that answered, say.
    """

    method: Literal["GET", "POST"] = "GET"
    value: Extractor | None = None


class Http(ValueBackend):
    """One value behind an HTTP interface, read and set by requests of your own.

    In every request `{{secret}}` stands for the secret; in `change` and `revert` also `{{to}}` for
    the value to set, `{{before}}` for the one that is there, and `{{etag}}` for its mark, so that
    `if-match: "{{etag}}"` lets the interface compare as well. Statuses 409 and 412 are taken for
    its no. In JSON, a text that is a placeholder alone becomes the value itself.
    """

    url: Url
    secret: SecretRef | None = None
    read_request: Annotated[ReadRequest, Field(alias="read")]
    change_request: Annotated[RequestTemplate, Field(alias="change")]
    # As `change` unless said; `{{to}}` is the old value then.
    revert_request: Annotated[RequestTemplate | None, Field(alias="revert")] = None
    # As `read` unless said: where it can be seen that the change is in force.
    verify_request: Annotated[ReadRequest | None, Field(alias="verify")] = None
    ready_request: Annotated[ReadyRequest | None, Field(alias="ready")] = None
    timeout: Seconds = 5.0

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _words_are_filled(self) -> Self:
        for name, request, known in self._requests():
            try:
                request.refuse_words(known)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
            used = {*words_in([request.path, request.headers, request.json_, request.form])}
            if name in ("change", "revert") and "to" not in used:
                raise ValueError(f"{name}: {{{{to}}}} is nowhere in it, so it would set nothing")
            if "etag" in used and self.read_request.etag is None:
                raise ValueError(f"{name}: {{{{etag}}}} needs read.etag, which says where it is")
            if "secret" in used and self.secret is None:
                raise ValueError(f"{name}: {{{{secret}}}} needs secret, which says where it is")
        return self

    def _requests(self) -> list[tuple[str, RequestTemplate, frozenset[str]]]:
        named = [
            ("read", self.read_request, _READING),
            ("verify", self.verify_request, _READING),
            ("change", self.change_request, _SETTING),
            ("revert", self.revert_request, _SETTING),
            ("ready", self.ready_request, _PROBING),
        ]
        return [(name, request, known) for name, request, known in named if request is not None]

    @property
    def what(self) -> str:
        return f"{named(self.read_request.value)} of {self.url.rstrip('/')}{self.read_request.path}"

    async def held(self) -> Held:
        return await self._asked(self.read_request)

    async def read(self) -> Version:
        request = self.read_request
        answer = await self._interface().ask(request, {})
        by = answer.told(request.by) if request.by else None
        at = answer.told(request.changed_at) if request.changed_at else None
        return version_of(answer.find(request.value), by=str(by or ""), changed_at=moment_of(at))

    async def put(self, value: Any, before: Held) -> None:
        await self._set(self.change_request, value, before)

    async def put_back(self, undo: Undo, before: Held) -> None:
        await self._set(self.revert_request or self.change_request, undo["value"], before)

    async def verify(self, wanted: Any) -> str:
        found = await self._asked(self.verify_request or self.read_request)
        return self.differs(found.value, wanted)

    @property
    def asks_ready(self) -> bool:
        return self.ready_request is not None

    async def ready(self, to: Any) -> str:
        request = self.ready_request
        if request is None:
            return ""
        try:
            answer = await self._interface().ask(request, {"to": to})
        except ComponentUnreachableError:
            raise
        except ComponentError as error:
            return f"{shown(to)} is not to be had: {error.sentence}"
        if request.value is None:
            return ""
        found = answer.find(request.value)
        return "" if found == to else f"{shown(to)} is not to be had: {shown(found)} answered"

    async def _asked(self, request: ReadRequest) -> Held:
        answer = await self._interface().ask(request, {})
        etag = "" if request.etag is None else str(answer.find(request.etag))
        return Held(answer.find(request.value), etag)

    async def _set(self, request: RequestTemplate, value: Any, before: Held) -> None:
        words = {"to": value, "before": before.value, "etag": before.tag}
        await self._interface().set(request, words)

    def _interface(self) -> Interface:
        return Interface(self.url, self.timeout, secret_of(self.secret, self._beside))
