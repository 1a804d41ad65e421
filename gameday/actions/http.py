"""The action `http`: requests of your own do it, look at it and take it back."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gameday.components._asking import Interface, secret_of
from gameday.domain.action import Action
from gameday.domain.component import Setting
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.front_door import Extractor, RequestTemplate
from gameday.domain.names import SecretRef, Url
from gameday.domain.quantities import Seconds

_WORDS = frozenset({"secret"})


class LookRequest(RequestTemplate):
    """A request whose answer tells whether it is done: what stands at `value` is then `equals`."""

    method: Literal["GET", "POST"] = "GET"
    value: Extractor
    equals: Setting = True


class Http(Action):
    """In every request `{{secret}}` stands for the secret, and nothing else is filled in.

    `ready` is answered with a good status while the action would work. `undo` is left out where
    nothing takes it back.
    """

    url: Url
    secret: SecretRef | None = None
    act_request: Annotated[RequestTemplate, Field(alias="act")]
    verify_request: Annotated[LookRequest, Field(alias="verify")]
    undo_request: Annotated[RequestTemplate | None, Field(alias="undo")] = None
    ready_request: Annotated[RequestTemplate | None, Field(alias="ready")] = None
    timeout: Seconds = 5.0

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _only_the_secret_is_filled_in(self) -> Self:
        named = {"act": self.act_request, "verify": self.verify_request}
        for name, request in {
            **named, "undo": self.undo_request, "ready": self.ready_request,
        }.items():  # fmt: skip
            if request is None:
                continue
            try:
                request.refuse_words(_WORDS if self.secret else frozenset())
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        return self

    @property
    def what(self) -> str:
        return f"{self.act_request.method} {self.url.rstrip('/')}{self.act_request.path}"

    async def is_done(self) -> bool:
        request = self.verify_request
        found = (await self._interface().ask(request, {})).told(request.value)
        return bool(found == request.equals) and isinstance(found, bool) == isinstance(
            request.equals, bool
        )

    async def do(self) -> None:
        await self._interface().ask(self.act_request, {})

    @property
    def can_be_taken_back(self) -> bool:
        return self.undo_request is not None

    async def take_back(self) -> None:
        if self.undo_request is not None:
            await self._interface().ask(self.undo_request, {})

    @property
    def asks_ready(self) -> bool:
        return self.ready_request is not None

    async def ready(self, to: Any) -> str:  # noqa: ARG002 - the contract
        if self.ready_request is None:
            return ""
        try:
            await self._interface().ask(self.ready_request, {})
        except ComponentUnreachableError:
            raise
        except ComponentError as error:
            return error.sentence
        return ""

    def _interface(self) -> Interface:
        return Interface(self.url, self.timeout, secret_of(self.secret, self._beside))
