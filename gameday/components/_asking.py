"""Asks an operator's interface over HTTP, in time, and says in one sentence what went wrong.

The secret that it is asked with is in no sentence, whoever wrote it there.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from gameday.components._value import MovedOnError
from gameday.domain.errors import ComponentError, ComponentUnreachableError, FileError
from gameday.domain.filling import fill, fill_all
from gameday.domain.front_door import Extractor, FromHeader, RequestTemplate
from gameday.domain.json_path import look, split_path
from gameday.store.redaction import redact
from gameday.supervisor.secrets import read_secret

BYTES_MAX = 1_000_000
_SAID_MAX = 120  # characters of an answer that a sentence has
_NOT_NOW = frozenset({408, 425, 429, 500, 502, 503, 504})  # asking again may help
_MOVED_ON = frozenset({409, 412})  # RFC 9110: what was compared with has changed


@dataclass(frozen=True)
class Answer:
    """What came. place: where from, without a query. said: its beginning, for a sentence."""

    place: str
    status: int
    headers: httpx.Headers
    text: str
    said: str

    def told(self, extractor: Extractor) -> Any:
        """What stands there; None where nothing does."""
        if isinstance(extractor, FromHeader):
            return self.headers.get(extractor.header)
        return look(self._document(), split_path(extractor))

    def find(self, extractor: Extractor) -> Any:
        """What stands there. Raises ComponentError where nothing does."""
        found = self.told(extractor)
        if found is None:
            raise ComponentError(f"{self.place} answers without {named(extractor)}: {self.said}")
        return found

    def _document(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError as error:
            raise ComponentError(f"{self.place} does not answer with JSON: {self.said}") from error


@dataclass(frozen=True)
class Interface:
    """One interface below `url`, asked with `secret`, each time within `timeout_s`.

    hidden: what else no sentence may have in it.
    """

    url: str
    timeout_s: float
    secret: str = field(default="", repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    async def ask(self, request: RequestTemplate, words: Mapping[str, Any]) -> Answer:
        """The answer to a request that changes nothing. words: without the secret.

        Raises ComponentUnreachableError, and ComponentError when the status is no good one.
        """
        return self._good(request, await self._answer(request, words))

    async def set(self, request: RequestTemplate, words: Mapping[str, Any]) -> None:
        """Like `ask`, for a request that sets something. Raises MovedOnError as well."""
        answer = await self._answer(request, words)
        if answer.status in _MOVED_ON:
            raise MovedOnError
        self._good(request, answer)

    def _good(self, request: RequestTemplate, answer: Answer) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        said = f"{answer.place} answers {request.method} with {answer.status}: {answer.said}"
        raise ComponentUnreachableError(said) if answer.status in _NOT_NOW else ComponentError(said)

    async def _answer(self, request: RequestTemplate, words: Mapping[str, Any]) -> Answer:
        words = {"secret": self.secret, **words}
        in_path = {name: quote(str(word), safe="") for name, word in words.items()}
        url = self.url.rstrip("/") + fill(request.path, in_path)
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._send(request, words, url)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, UnicodeError) as error:
            why = f"nothing within {self.timeout_s:g} s"
            if not isinstance(error, TimeoutError | httpx.TimeoutException):
                why = self._hide(str(error) or type(error).__name__)
            raise ComponentUnreachableError(
                f"{self._place(url)} does not answer {request.method}: {why}"
            ) from None  # the chain would show the request, and with it the secret

    async def _send(self, request: RequestTemplate, words: Mapping[str, Any], url: str) -> Answer:
        # trust_env off: a proxy variable of the shell must not take part.
        async with (
            httpx.AsyncClient(timeout=self.timeout_s, trust_env=False, verify=_tls(url)) as http,
            http.stream(
                request.method,
                url,
                headers={name: fill(text, words) for name, text in request.headers.items()},
                json=fill_all(request.json_, words),
                data=fill_all(request.form, words),
            ) as response,
        ):
            content = b""
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > BYTES_MAX:
                    raise ComponentError(
                        f"{self._place(url)} answers with more than {BYTES_MAX:,} bytes"
                    )
        text = content.decode("utf-8", errors="replace")
        said = self._hide(" ".join(text.split()))[:_SAID_MAX] or "nothing"
        return Answer(self._place(url), response.status_code, response.headers, text, said)

    def _place(self, url: str) -> str:
        """The address without what may hold a secret: a query, and a name and password."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return self._hide(urlunsplit((parts.scheme, host, parts.path, "", "")))

    def _hide(self, text: str) -> str:
        secrets = {self.secret, *self.hidden} - {""}
        for form in secrets | {quote(secret, safe="") for secret in secrets}:
            text = text.replace(form, "[secret]")
        return redact(text)


def named(extractor: Extractor) -> str:
    """Where it looks, as a sentence has it."""
    return f"the header {extractor.header}" if isinstance(extractor, FromHeader) else extractor


def moment_of(told: Any) -> datetime | None:
    """A date and time as an interface tells it, of UTC unless said; None for anything else."""
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def secret_of(reference: str | None, beside: Path) -> str:
    """The secret behind a reference; '' for none. Raises ComponentError when it is not there."""
    if reference is None:
        return ""
    try:
        return read_secret(reference, beside=beside)
    except FileError as error:
        raise ComponentError(error.sentence, next_step=error.next_step) from error


@cache
def _system_authorities() -> ssl.SSLContext:
    return ssl.create_default_context()


def _tls(url: str) -> ssl.SSLContext | bool:
    """Reading the system's certificates takes long; plain HTTP needs none."""
    return _system_authorities() if url.startswith("https:") else False
