"""Runs the operator's own queries, which say how often a place holds an id."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from gameday.domain.errors import GamedayError
from gameday.domain.isolation import CANARY, CommandQuery, HttpJson, PlaceQuery, PrometheusQuery
from gameday.supervisor.secrets import read_secret

_WITHIN_S = 10.0


class SearchError(GamedayError):
    """The place could not be asked, or what it said is no number."""


@asynccontextmanager
async def searching(beside: Path) -> AsyncIterator["Searcher"]:
    """A searcher for as long as it lasts. beside: the target file's folder, where commands run."""
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Searcher(http, beside)


class Searcher:
    """Asks the places, over one client."""

    def __init__(self, http: httpx.AsyncClient, beside: Path) -> None:
        self._http = http
        self._beside = beside

    async def count(self, query: PlaceQuery, wanted: str) -> float:
        """How often the place holds `wanted`. Raises SearchError."""
        match query:
            case HttpJson():
                return await self._http_json(query, wanted)
            case PrometheusQuery():
                return await self._prometheus(query, wanted)
            case CommandQuery():
                return await self._command(query, wanted)

    async def _http_json(self, query: HttpJson, wanted: str) -> float:
        url = query.url.replace(CANARY, quote(wanted, safe=""))
        return count_in(await self._get(url, query.key, {}), query.path)

    async def _prometheus(self, query: PrometheusQuery, wanted: str) -> float:
        url = f"{query.url.rstrip('/')}/api/v1/query"
        # In a label matcher of double quotes, as PromQL writes them.
        text = query.query.replace(CANARY, wanted.replace("\\", "\\\\").replace('"', '\\"'))
        answer = await self._get(url, query.key, {"query": text})
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise SearchError(f"Prometheus at {query.url} did not answer the query with success")
        return _total(answer.get("data"))

    async def _get(self, url: str, key: str | None, params: dict[str, str]) -> Any:
        try:
            headers = {"authorization": f"Bearer {read_secret(key)}"} if key else {}
            response = await self._http.get(
                url, params=params or None, headers=headers, timeout=_WITHIN_S
            )
            response.raise_for_status()
            return response.json()
        except httpx.HTTPStatusError as error:
            raise SearchError(f"{url} answered {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise SearchError(f"{url} does not answer ({type(error).__name__})") from error
        except ValueError as error:
            raise SearchError(f"{url} did not answer with JSON") from error
        except GamedayError as error:
            raise SearchError(error.sentence) from error

    async def _command(self, query: CommandQuery, wanted: str) -> float:
        argv = [word.replace(CANARY, wanted) for word in query.argv]
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                cwd=self._beside,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise SearchError(f"{argv[0]} cannot be run: {error.strerror}") from error
        try:
            said, _ = await asyncio.wait_for(process.communicate(), _WITHIN_S)
        except TimeoutError as error:
            process.kill()
            await process.wait()
            raise SearchError(f"{argv[0]} did not end within {_WITHIN_S:g} s") from error
        if process.returncode != 0:
            raise SearchError(f"{argv[0]} ended with {process.returncode}")
        return _number(said.decode(errors="replace").strip(), f"what {argv[0]} printed")


def count_in(document: Any, path: str) -> float:
    """What stands at `path` (`data.0.total`) as a count; a list counts its entries."""
    here = document
    for part in filter(None, path.split(".")):
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            raise SearchError(f"the answer has no {part!r} on the way {path!r}")
    return float(len(here)) if isinstance(here, list) else _number(here, f"what is at {path!r}")


def _number(found: Any, where: str) -> float:
    try:
        number = float(found)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(found, bool) or not math.isfinite(number):
        raise SearchError(f"{where} is no number: {json.dumps(found)[:60]}")
    return number


def _total(data: Any) -> float:
    """The sum over an instant vector, or a scalar. No series at all is none found."""
    try:
        kind, result = data["resultType"], data["result"]
        values = [result] if kind == "scalar" else [series["value"] for series in result]
        return sum(_number(text, "Prometheus's answer") for _, text in values)
    except (KeyError, TypeError, ValueError) as error:
        raise SearchError("Prometheus's answer is no vector and no scalar") from error
