"""Logs in at the front door before a load, and again when the login is over."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx

from gameday.domain.errors import RefusedError
from gameday.domain.filling import fill, fill_all
from gameday.domain.front_door import FromHeader, Login
from gameday.domain.json_path import look, split_path
from gameday.probes.origin import trust

_WITHIN_S = 30.0
_RENEW_AT = 0.8  # of the token's time: a request under way must not outlive it
_RENEW_S_MIN = 1.0


class Session:
    """What a login gave, for as long as it is good."""

    def __init__(self, url: str, login: Login, *, secret: str | None, ca_file: str | None) -> None:
        """url: the front door's, which the login's path is below unless it says otherwise."""
        self._login = login
        self._url = (login.at or url).rstrip("/") + login.request.path
        self._secret = secret or ""
        self._ca_file = ca_file
        self._renewing: asyncio.Task[None] | None = None
        self.renew_at: float | None = None  # time.monotonic(); None while nobody said how long
        self.headers: Mapping[str, str] = {}  # what every request carries

    async def renew(self) -> None:
        """Log in. Whoever asks while somebody does waits for that. Raises RefusedError."""
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._log_in())
        await asyncio.shield(self._renewing)

    async def _log_in(self) -> None:
        response = await self._ask()
        if response.is_error:
            raise self._refusal(f"answered with status {response.status_code}")
        token = self._token(response)
        if not token:
            raise self._refusal("gave no token where the target file says that it is")
        carried = self._login.carried_as.replace("{{token}}", token)
        if self._login.cookie is not None:
            self.headers = {"cookie": f"{self._login.cookie}={token}"}
        else:
            self.headers = {self._login.header: carried}
        lasts_s = self._lasts_s(response)
        self.renew_at = (
            None if lasts_s is None else time.monotonic() + max(_RENEW_S_MIN, _RENEW_AT * lasts_s)
        )

    async def _ask(self) -> httpx.Response:
        request, words = self._login.request, {"secret": self._secret}
        # trust_env off: a proxy variable of the operator's shell must not take part in a drill.
        async with httpx.AsyncClient(
            timeout=_WITHIN_S, trust_env=False, verify=trust(self._ca_file)
        ) as http:
            try:
                return await http.request(
                    request.method,
                    fill(self._url, words),
                    headers={name: fill(text, words) for name, text in request.headers.items()},
                    json=fill_all(request.json_, words),
                    data=fill_all(request.form, words),
                )
            except httpx.HTTPError as error:
                raise self._refusal(f"did not answer: {type(error).__name__}") from error

    def _token(self, response: httpx.Response) -> str:
        login = self._login
        if login.cookie is not None:
            return response.cookies.get(login.cookie) or ""
        if isinstance(login.token, FromHeader):
            return str(response.headers.get(login.token.header, ""))
        assert login.token is not None
        token = look(_document(response), split_path(login.token))
        return token if isinstance(token, str) else ""

    def _lasts_s(self, response: httpx.Response) -> float | None:
        if self._login.expires_in is None:
            return self._login.lasts
        seconds = look(_document(response), split_path(self._login.expires_in))
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0:
            return float(seconds)
        raise self._refusal("does not say how long its token lasts, where it should")

    def _refusal(self, what: str) -> RefusedError:
        """The address without its query: that may hold the secret."""
        return RefusedError(
            f"the login at {self._url.partition('?')[0]} {what}",
            next_step="look at front_door.login in the target file, and at its secret",
        )


def _document(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
