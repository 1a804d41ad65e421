"""What dialects write in the same way: sayings, JSON, waits, a text in pieces, token counts."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gameday.domain.quantities import plain
from gameday.domain.wire import RetryAfter, RetryStyle, WireRequest

_WORDS_PER_PIECE = 3
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Saying:
    """How a provider tells one condition."""

    status: int
    type: str | None
    code: str | int | None
    message: str
    param: str | None = None
    own_retry: RetryAfter | None = None  # where the provider tells a wait unasked
    limits: bool = False  # whether the headers tell the limits
    bare: bool = False  # the error has a code and a message, and no further field
    more: Mapping[str, Any] = field(default_factory=dict)  # further fields of the error


def to_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def from_json(data: bytes) -> dict[str, Any]:
    """The object that `data` holds, or an empty one: what is no JSON object has no fields."""
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def text_field(request: WireRequest, name: str) -> str:
    value = request.body.get(name)
    return value if isinstance(value, str) else ""


def pieces(text: str) -> list[str]:
    """`text` in pieces of a few words, which together are exactly `text`."""
    words = _WORD.findall(text)
    return [
        "".join(words[start : start + _WORDS_PER_PIECE])
        for start in range(0, len(words), _WORDS_PER_PIECE)
    ]


def tokens_in(text: str) -> int:
    """About as many tokens as a provider would count."""
    return math.ceil(len(text) / 4)


def tokens_asked(request: WireRequest) -> int:
    """The tokens of the plain texts among the messages: near enough for an answer made up."""
    messages = request.body.get("messages")
    texts = [
        message["content"]
        for message in (messages if isinstance(messages, list) else [])
        if isinstance(message, dict) and isinstance(message.get("content"), str)
    ]
    return tokens_in("".join(texts))


def with_wait(message: str, retry: RetryAfter | None, sentence: str) -> str:
    """`message`, and where the answer tells the wait, `sentence` with it in place of `{wait}`."""
    if retry is None or retry.style is RetryStyle.ABSENT:
        return message
    wait = plain(math.ceil(round(retry.seconds * 1000, 3)) / 1000)
    return f"{message.removesuffix('.')}. {sentence.format(wait=wait)}"


def multiply_tokens(usage: Any, factor: float) -> bool:
    """Multiply each count of tokens in `usage`, however deep; whether there was one."""
    if not isinstance(usage, dict):
        return False
    found = False
    for name, value in usage.items():
        if isinstance(value, dict):
            found = multiply_tokens(value, factor) or found
        elif name.endswith("_tokens") and isinstance(value, int):
            usage[name] = round(value * factor)
            found = True
    return found


def latest(messages: list[Any], kept: int) -> list[Any]:
    """The last `kept` messages, begun with one that a user wrote; all when there is no such one.

    An API refuses a conversation that begins with an answer, or with the result of a call that
    is not in it.
    """
    begin = max(0, len(messages) - kept)
    for place in range(begin, len(messages)):
        if _is_users_own(messages[place]):
            return messages[place:]
    return messages


def _is_users_own(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("role") != "user":
        return False
    content = message.get("content")
    blocks = content if isinstance(content, list) else []
    return not any(isinstance(one, dict) and one.get("type") == "tool_result" for one in blocks)


def lower(body: dict[str, Any], name: str, most: int) -> None:
    """Let the number `name` be at most `most`; what is no number becomes it."""
    found = body.get(name)
    is_lower = isinstance(found, int) and not isinstance(found, bool) and found < most
    body[name] = found if is_lower else most
