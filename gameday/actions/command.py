"""The action `command`: commands of your own do it, look at it and take it back."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gameday.components._asking import secret_of
from gameday.components._process import Argv, Shell, refuse_words
from gameday.components.command import VariableName
from gameday.domain.action import Action
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.names import SecretRef
from gameday.domain.quantities import Seconds

_NOT_NOW = 75  # EX_TEMPFAIL of sysexits.h
_NO_WORDS = frozenset[str]()


class Command(Action):
    """Each a list of words; no shell takes part, and they run in the target file's folder.

    `verify` ends with 0 while the action is in force, and with 1 while it is not; any other end
    means that nobody can tell. `ready` ends with 0 while it would work. `undo` is left out where
    nothing takes it back.
    """

    act_argv: Annotated[Argv, Field(alias="act", examples=[["scripts/rotate-keys"]])]
    verify_argv: Annotated[Argv, Field(alias="verify", examples=[["scripts/keys-are-new"]])]
    undo_argv: Annotated[
        Argv | None, Field(alias="undo", examples=[["scripts/old-keys-again"]])
    ] = None
    ready_argv: Annotated[Argv | None, Field(alias="ready")] = None
    secrets: dict[VariableName, SecretRef] = {}  # variables that the commands are given
    timeout: Seconds = 20.0

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _nothing_is_filled_in(self) -> Self:
        named = {"act": self.act_argv, "verify": self.verify_argv, "undo": self.undo_argv}
        for name, argv in {**named, "ready": self.ready_argv}.items():
            refuse_words(name, argv or (), _NO_WORDS)
        return self

    @property
    def what(self) -> str:
        return f"what {self.act_argv[0]} does"

    async def is_done(self) -> bool:
        printed = await self._shell().run(self.verify_argv)
        if printed.code in (0, 1):
            return printed.code == 0
        said = f"{self.verify_argv[0]} ended with {printed.code}: {printed.said or 'nothing said'}"
        if printed.code == _NOT_NOW:
            raise ComponentUnreachableError(said)
        raise ComponentError(said, next_step="let it end with 0 for done and 1 for not done")

    async def do(self) -> None:
        await self._shell().good(self.act_argv)

    @property
    def can_be_taken_back(self) -> bool:
        return self.undo_argv is not None

    async def take_back(self) -> None:
        await self._shell().good(self.undo_argv or ())

    @property
    def asks_ready(self) -> bool:
        return self.ready_argv is not None

    async def ready(self, to: Any) -> str:
        return "" if self.ready_argv is None else await self._shell().probe(self.ready_argv, to)

    def _shell(self) -> Shell:
        secrets = {name: secret_of(at, self._beside) for name, at in self.secrets.items()}
        return Shell(self._beside, self.timeout, secrets)
