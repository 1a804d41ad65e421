"""Runs the operator's own queries, which say how often a place holds an id."""

import asyncio
import json
import math
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gameday.domain.errors import GamedayError, SourceError
from gameday.domain.isolation import CANARY, CommandQuery, HttpJson, PlaceQuery, PrometheusQuery
from gameday.sources.asking import ask
from gameday.sources.prometheus import Prometheus
from gameday.supervisor.secrets import read_secret

_WITHIN_S = 10.0


class Searcher:
    """Asks the places. beside: the target file's folder, from which commands run."""

    def __init__(self, beside: Path) -> None:
        self._beside = beside

    async def count(self, query: PlaceQuery, wanted: str) -> float:
        """How often the place holds `wanted`. Raises SourceError."""
        match query:
            case HttpJson():
                url = query.url.replace(CANARY, quote(wanted, safe=""))
                document, _ = await ask(url, key=_key(query.key))
                return count_in(document, query.path)
            case PrometheusQuery():
                return await _prometheus(query, wanted)
            case CommandQuery():
                return await self._command(query, wanted)

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
            raise SourceError(f"{argv[0]} cannot be run: {error.strerror}") from error
        try:
            said, _ = await asyncio.wait_for(process.communicate(), _WITHIN_S)
        except TimeoutError as error:
            process.kill()
            await process.wait()
            raise SourceError(f"{argv[0]} did not end within {_WITHIN_S:g} s") from error
        if process.returncode != 0:
            raise SourceError(f"{argv[0]} ended with {process.returncode}")
        return _number(said.decode(errors="replace").strip(), f"what {argv[0]} printed")


async def _prometheus(query: PrometheusQuery, wanted: str) -> float:
    # In a label matcher of double quotes, as PromQL writes them.
    text = query.query.replace(CANARY, wanted.replace("\\", "\\\\").replace('"', '\\"'))
    series = await Prometheus(query.url, _key(query.key)).query(text, time.time())
    # Unlike an SLO's query, this one counts: no series at all is none found.
    return sum(_number(point[1], "Prometheus's answer") for point in series.points)


def _key(reference: str | None) -> str | None:
    try:
        return read_secret(reference) if reference else None
    except GamedayError as error:
        raise SourceError(error.sentence) from error


def count_in(document: Any, path: str) -> float:
    """What stands at `path` (`data.0.total`) as a count; a list counts its entries."""
    here = document
    for part in filter(None, path.split(".")):
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            raise SourceError(f"the answer has no {part!r} on the way {path!r}")
    return float(len(here)) if isinstance(here, list) else _number(here, f"what is at {path!r}")


def _number(found: Any, where: str) -> float:
    try:
        number = float(found)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(found, bool) or not math.isfinite(number):
        raise SourceError(f"{where} is no number: {json.dumps(found)[:60]}")
    return number
