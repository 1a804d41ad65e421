"""Who is told: a program or an address of the operator's own."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.names import SecretRef, Url
from gameday.domain.value import Value


class Address(Value):
    """A command, given each notice as JSON on its standard input, or an address.

    command: its words, run without a shell in the folder of the target file. post: where each
    notice is sent as JSON; key: sent there as a bearer token. sign: what each is signed with, as
    Standard Webhooks has it: a `gameday serve` then knows the alarms of a watch.
    """

    command: (
        Annotated[
            tuple[Annotated[str, Field(min_length=1, max_length=4000)], ...],
            Field(min_length=1, max_length=100, examples=[["scripts/page"]]),
        ]
        | None
    ) = None
    post: Url | None = None
    key: SecretRef | None = None
    sign: SecretRef | None = None

    @model_validator(mode="after")
    def _post_has_its_own(self) -> Self:
        if (self.key or self.sign) and self.post is None:
            raise ValueError("key and sign belong to post")
        return self


class Hook(Address):
    """Who is told of a watch: exactly one command or address."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.command is None) == (self.post is None):
            raise ValueError("expected exactly one of command and post")
        return self
