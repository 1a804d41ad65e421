"""The backend `command`: whatever your own commands read and set."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gameday.components._asking import secret_of
from gameday.components._process import Argv, Shell, filled, refuse_words, text_of
from gameday.components._value import Held, ValueBackend
from gameday.domain.errors import ComponentError
from gameday.domain.filling import words_in
from gameday.domain.names import SecretRef
from gameday.domain.ports import Undo
from gameday.domain.quantities import Seconds

_SETTING = frozenset({"to", "before"})
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,80}$")]


class Command(ValueBackend):
    """One value that commands of your own read and set, each a list of words.

    `read` prints it. In `change` and `revert`, `{{to}}` stands for the value to set and
    `{{before}}` for the one that was read; `ready` ends with 0 while a change to `{{to}}` would
    work. No shell takes part, a word stays one word, and commands run in the target file's folder.
    An end with 75 says that asking again may help, any other but 0 that it will not.
    """

    read_argv: Annotated[Argv, Field(alias="read")]
    change_argv: Annotated[Argv, Field(alias="change")]
    # As `change` unless said; `{{to}}` is the old value then.
    revert_argv: Annotated[Argv | None, Field(alias="revert")] = None
    # As `read` unless said: prints the value where it can be seen to be in force.
    verify_argv: Annotated[Argv | None, Field(alias="verify")] = None
    ready_argv: Annotated[Argv | None, Field(alias="ready")] = None
    secrets: dict[VariableName, SecretRef] = {}  # variables that the commands are given
    timeout: Seconds = 20.0

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _words_are_filled(self) -> Self:
        for name, argv, known in (
            ("read", self.read_argv, frozenset[str]()),
            ("verify", self.verify_argv, frozenset[str]()),
            ("change", self.change_argv, _SETTING),
            ("revert", self.revert_argv, _SETTING),
            ("ready", self.ready_argv, frozenset({"to"})),
        ):
            refuse_words(name, argv or (), known)
            if name in ("change", "revert") and argv and "to" not in {*words_in(argv)}:
                raise ValueError(f"{name}: {{{{to}}}} is nowhere in it, so it would set nothing")
        return self

    @property
    def what(self) -> str:
        return f"what {self.read_argv[0]} prints"

    def same(self, one: Any, other: Any) -> bool:
        """As text: a command prints nothing else."""
        return text_of(one) == text_of(other)

    async def held(self) -> Held:
        return Held(await self._printed(self.read_argv))

    async def put(self, value: Any, before: Held) -> None:
        await self._set(self.change_argv, value, before)

    async def put_back(self, undo: Undo, before: Held) -> None:
        await self._set(self.revert_argv or self.change_argv, undo["value"], before)

    async def verify(self, wanted: Any) -> str:
        return self.differs(await self._printed(self.verify_argv or self.read_argv), wanted)

    @property
    def asks_ready(self) -> bool:
        return self.ready_argv is not None

    async def ready(self, to: Any) -> str:
        if self.ready_argv is None:
            return ""
        return await self._shell().probe(filled(self.ready_argv, {"to": to}), to)

    async def _printed(self, argv: Argv) -> str:
        out = await self._shell().good(argv)
        try:
            return out.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise ComponentError(f"what {argv[0]} prints is not UTF-8") from error

    async def _set(self, argv: Argv, value: Any, before: Held) -> None:
        await self._shell().good(filled(argv, {"to": value, "before": before.value}))

    def _shell(self) -> Shell:
        secrets = {name: secret_of(at, self._beside) for name, at in self.secrets.items()}
        return Shell(self._beside, self.timeout, secrets)
