"""Asks an endpoint that nobody has described yet, to see what it speaks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

WITHIN_S = 10.0
_BODY_BYTES_MAX = 100_000
_TEXT = "Please answer with the word: ready"
# Headers of common gateways that tell who answered.
_SERVED_BY = ("x-served-by", "x-portkey-provider", "x-litellm-model-id")

Spoken = Literal["openai", "anthropic", ""]


@dataclass(frozen=True)
class Sniffed:
    """What was found. base: the front door's URL as a target file names it."""

    base: str
    dialect: Spoken
    reached: bool
    sentence: str
    served_by_header: str = ""
    keys: tuple[str, ...] = ()  # of a JSON answer in no dialect that is known


@dataclass(frozen=True)
class _Answer:
    status: int
    document: Any  # None where it is no JSON
    headers: Mapping[str, str]


async def sniff(endpoint: str, *, key: str | None, model: str) -> Sniffed:
    """Ask at most twice, for at most `WITHIN_S` each: in OpenAI's dialect, then Anthropic's."""
    base = endpoint.rstrip("/").removesuffix("/chat/completions").removesuffix("/messages")
    asked: dict[Spoken, tuple[str, dict[str, str]]] = {
        "openai": (f"{base}/chat/completions", {"authorization": f"Bearer {key}"} if key else {}),
        "anthropic": (
            f"{base}/messages",
            {"anthropic-version": "2023-06-01", **({"x-api-key": key} if key else {})},
        ),
    }
    answers: list[str] = []
    keys: tuple[str, ...] = ()
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S) as http:
        for dialect, (url, headers) in asked.items():
            try:
                answer = await _ask(http, url, headers, model)
            except httpx.HTTPError as error:
                return Sniffed(base, "", False, f"{url} does not answer ({type(error).__name__})")
            if _speaks(dialect, answer):
                return _recognised(base, dialect, answer)
            answers.append(f"{url} answered {answer.status}")
            keys = keys or _keys(answer.document)
    said = f" with the keys {', '.join(keys)}" if keys else ""
    return Sniffed(
        base, "", True, f"{' and '.join(answers)}{said}: no dialect that is known", keys=keys
    )


async def _ask(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], model: str
) -> _Answer:
    body = {"model": model, "max_tokens": 16, "messages": [{"role": "user", "content": _TEXT}]}
    async with http.stream("POST", url, json=body, headers=headers) as response:
        content = b""
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > _BODY_BYTES_MAX:
                break
        return _Answer(response.status_code, _json(content), response.headers)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _keys(document: Any) -> tuple[str, ...]:
    return tuple(map(str, document))[:10] if isinstance(document, dict) else ()


def _speaks(dialect: Spoken, answer: _Answer) -> bool:
    """An error counts too: what is missing is a key or a model, and the way of speaking is clear.

    Not one of "no such place", which any server words as it likes.
    """
    document = answer.document
    if not isinstance(document, dict):
        return False
    if dialect == "openai" and answer.status < 400:
        return isinstance(document.get("choices"), list)
    if dialect == "anthropic" and answer.status < 400:
        return document.get("type") == "message"
    error = document.get("error")
    if answer.status in (404, 405) or not isinstance(error, dict) or "message" not in error:
        return False
    return (document.get("type") == "error") == (dialect == "anthropic")


def _recognised(base: str, dialect: Spoken, answer: _Answer) -> Sniffed:
    header = next((name for name in _SERVED_BY if name in answer.headers), "")
    told = f", and tells who served in {header}" if header else ""
    if answer.status >= 400:
        kind = str(answer.document["error"].get("type") or "an error")[:60]
        told = f", and said {answer.status} ({kind})"
    sentence = f"{base} speaks the dialect {dialect}{told}"
    return Sniffed(base, dialect, True, sentence, header)
