"""What a target file says of its front door: how to ask it, and where its answers say what."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.names import SecretRef
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value


class Marker(Value):
    """How the drill's own requests are told from others' where they reach a provider.

    A header or a body field that the system passes on, or a key of its own: `key` is what the
    front door is asked with, `key_at_provider` what the system then uses there.
    """

    header: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$")] | None = None
    body: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,120}$")] | None = None
    key: SecretRef | None = None
    key_at_provider: SecretRef | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(form is not None for form in (self.header, self.body, self.key)) != 1:
            raise ValueError("expected exactly one of header, body and key")
        if self.key_at_provider is not None and self.key is None:
            raise ValueError("key_at_provider belongs to key")
        return self


class FrontDoor(Value):
    """How to ask the system a question, and where it says who answered."""

    dialect: Literal["openai"] = "openai"
    model: str = "assistant"
    key: SecretRef | None = None
    marker: Marker | None = None
    timeout: Seconds = 30.0  # for a whole answer, from when the request is sent
    ca_file: str | None = None  # certificates to trust besides the host's own; an absolute path
    served_by_header: str = "x-served-by"
    attempts_header: str = "x-attempts"
    version_header: str = "x-assistant-version"
