"""Asks a URL for JSON, with one sentence for whatever comes instead."""

from collections.abc import Mapping
from typing import Any

import httpx

from gameday.domain.errors import SourceError

ANSWER_WITHIN_S = 5.0
BYTES_MAX = 4_000_000


async def ask(
    url: str, params: Mapping[str, str] | None = None, *, key: str | None = None
) -> tuple[Any, str]:
    """The JSON that `url` answers with, and its text. Raises SourceError."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False) as http:
            answer = await http.get(url, params=params, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
        raise SourceError(f"{url} does not answer: {said}") from error
    if len(answer.content) > BYTES_MAX:
        raise SourceError(f"{url} answers with {len(answer.content):,} bytes; that is too much")
    if not answer.is_success:
        raise SourceError(f"{url} answers {answer.status_code}: {_short(answer.text)}")
    try:
        return answer.json(), answer.text
    except ValueError as error:
        raise SourceError(f"{url} does not answer with JSON: {_short(answer.text)}") from error


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line[:120] or "nothing"
