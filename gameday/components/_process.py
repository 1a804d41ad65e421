"""Runs an operator's command: no shell, in time, with an end to what it may print."""

import asyncio
import json
import os
import re
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from gameday.components._orphans import VARIABLE, mark
from gameday.domain.component import shown
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.filling import fill, words_in
from gameday.store.redaction import redact

BYTES_MAX = 1_000_000
_SAID_MAX = 120  # characters of what was printed that a sentence has
_LAST_WORDS_S = 2.0
_NOT_NOW = 75  # EX_TEMPFAIL of sysexits.h: asking again may help
_LOGIN = re.compile(r"://[^/@\s]+@")  # in an address

Argv = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=4000)], ...],
    Field(min_length=1, max_length=100, examples=[["scripts/alias", "set", "{{to}}"]]),
]


@dataclass(frozen=True)
class Printed:
    """What a command that ended left. said: its last line, of errors if there is one."""

    code: int
    out: bytes
    said: str


@dataclass(frozen=True)
class Shell:
    """Where commands run, for how long at most, with which variables on top of one's own.

    No sentence has the value of one of `secrets`.
    """

    folder: Path
    timeout_s: float
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)

    def with_variables(self, more: Mapping[str, str]) -> "Shell":
        return replace(self, variables={**self.variables, **more})

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"") -> Printed:
        """Whatever it ends with. Raises ComponentUnreachableError when it does not in time."""
        process = await self._start(argv)
        try:
            async with asyncio.timeout(self.timeout_s):
                out, err, _ = await asyncio.gather(
                    _read(process, process.stdout), _read(process, process.stderr),
                    _give(process.stdin, stdin),
                )  # fmt: skip
                code = await process.wait()
        except TimeoutError:
            raise ComponentUnreachableError(
                f"{argv[0]} did not end within {self.timeout_s:g} s and was killed"
            ) from None
        finally:
            await _end(process)
        if max(len(out), len(err)) > BYTES_MAX:
            raise ComponentError(f"{argv[0]} printed more than {BYTES_MAX:,} bytes; killed")
        said = (err.strip() or out.strip()).decode(errors="replace").splitlines()[-1:]
        return Printed(code, out, redact(self.hide(" ".join(" ".join(said).split())))[:_SAID_MAX])

    async def good(self, argv: Sequence[str], *, stdin: bytes = b"") -> bytes:
        """What it printed, if it ended well. Raises ComponentError as well."""
        printed = await self.run(argv, stdin=stdin)
        if printed.code == 0:
            return printed.out
        ended = f"{argv[0]} ended with {printed.code}: {printed.said or 'it said nothing'}"
        raise (
            ComponentUnreachableError(ended) if printed.code == _NOT_NOW else ComponentError(ended)
        )

    async def probe(self, argv: Sequence[str], to: Any) -> str:
        """Why a change to `to` cannot work, by a command that says so; '' when it ends well."""
        try:
            await self.good(argv)
        except ComponentUnreachableError:
            raise
        except ComponentError as error:
            return f"{shown(to)} is not to be had: {error.sentence}"
        return ""

    def hide(self, text: str) -> str:
        for secret in self.secrets.values():
            text = text.replace(secret, "[secret]") if secret else text
        return _LOGIN.sub("://", text)

    async def _start(self, argv: Sequence[str]) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *argv,
                cwd=self.folder,
                env={**os.environ, **self.variables, **self.secrets, VARIABLE: mark()},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,  # so that all that it starts can be ended with it
            )
        except (OSError, ValueError) as error:
            if not self.folder.is_dir():
                raise ComponentUnreachableError(f"{self.folder} is not there") from error
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise ComponentError(f"{argv[0]} cannot be run in {self.folder}: {why}") from error


def filled(argv: Sequence[str], words: Mapping[str, Any]) -> list[str]:
    """`argv` with its placeholders replaced, each word staying one word.

    Raises ComponentError for a value that the command would take for an option of its own.
    """
    texts = {name: text_of(value) for name, value in words.items()}
    made = [fill(word, texts) for word in argv]
    for word, template in zip(made, argv, strict=True):
        if word.startswith("-") and not template.startswith("-"):
            raise ComponentError(f"{shown(word)} would be taken for an option of {argv[0]}")
        if "\0" in word:
            raise ComponentError(f"{shown(word)} has a NUL in it, which no command can be given")
    return made


def refuse_words(name: str, argv: Sequence[str], known: frozenset[str]) -> None:
    """Raise ValueError for a placeholder that nothing fills."""
    for word in sorted({*words_in(list(argv))} - known):
        raise ValueError(f"{name}: unknown {{{{{word}}}}}; expected {', '.join(sorted(known))}")


def text_of(value: Any) -> str:
    """A value as a command is given it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


async def _give(pipe: asyncio.StreamWriter | None, content: bytes) -> None:
    assert pipe is not None
    # One that reads nothing has its reasons; how it ends tells.
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(content)
        await pipe.drain()
    pipe.close()


async def _read(process: asyncio.subprocess.Process, pipe: asyncio.StreamReader | None) -> bytes:
    """All that comes; of what is too much only so much that this can be told."""
    assert pipe is not None
    content = b""
    while piece := await pipe.read(65_536):
        if len(content) <= BYTES_MAX:
            content += piece
        else:
            _kill(process)
    return content


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it and all that it started, if anything is left."""
    _kill(process)
    # What nobody reads any more must be read all the same, or its end is never noticed. Whatever
    # has left the group may hold the pipes for ever, and is not waited for.
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORDS_S):
            await asyncio.gather(_read(process, process.stdout), _read(process, process.stderr))
            await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
