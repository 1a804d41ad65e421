"""What a dialect must be able to say, so that one provider application can speak either."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lab.engine import EFFORTS, Answer, Prompt
from lab.provider.rate_meter import RateMeter, RateState


class BadRequestError(Exception):
    """The request's body is not one that this dialect knows."""


@dataclass(frozen=True)
class Asked:
    """One request, read from its dialect."""

    model: str
    prompt: Prompt
    stream: bool
    seed: int | None = None
    usage_in_stream: bool = True


@dataclass(frozen=True)
class Reply:
    """One answer with what its envelope needs."""

    request_id: str
    model: str
    fingerprint: str
    created: int
    answer: Answer
    cost_usd: float | None = None  # where this provider tells what it bills


class Wire(Protocol):
    """One dialect. Events are whole server-sent events, ready to send."""

    path: str
    request_id_header: str

    def read(self, body: Mapping[str, Any]) -> Asked:
        """Read one request. Raises BadRequestError."""

    def whole(self, reply: Reply) -> dict[str, Any]: ...

    def opening(self, reply: Reply) -> Iterable[bytes]: ...

    def piece(self, reply: Reply, text: str) -> bytes: ...

    def closing(self, reply: Reply, *, usage: bool) -> Iterable[bytes]: ...

    def models(self, names: Iterable[str]) -> dict[str, Any]:
        """The list of what is served."""

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]: ...

    def rate_headers(self, meter: RateMeter, state: RateState) -> dict[str, str]: ...


def require_text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise BadRequestError(f"{key!r} must be a string")
    return value


def require_content(body: Mapping[str, Any], key: str) -> str:
    """Text, or the texts of a list of text blocks: both dialects allow either."""
    value = body.get(key)
    if not isinstance(value, list):
        return require_text(body, key)
    if not all(isinstance(block, Mapping) and block.get("type") == "text" for block in value):
        raise BadRequestError(f"{key!r} must be a string or a list of text blocks")
    return "\n".join(require_text(block, "text") for block in value)


def require_messages(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Read the messages as (role, text). Raises BadRequestError."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequestError("'messages' must be a list with at least one message")
    read = []
    for message in messages:
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            raise BadRequestError("each message must have a 'role'")
        read.append((message["role"], require_content(message, "content")))
    return read


def last_question(messages: Iterable[tuple[str, str]]) -> str:
    questions = [text for role, text in messages if role == "user"]
    if not questions:
        raise BadRequestError("there is no message of the role 'user'")
    return questions[-1]


def read_number(body: Mapping[str, Any], key: str, default: float) -> float:
    value = body.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequestError(f"{key!r} must be a number")
    return float(value)


def read_effort(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key, EFFORTS[-1])
    if value not in EFFORTS:
        raise BadRequestError(f"{key!r} must be one of {', '.join(EFFORTS)}")
    return str(value)
