"""Asks one question with each official client library, and writes down what it makes of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import anthropic
import openai

QUESTION: list[Any] = [{"role": "user", "content": "How long do refunds take?"}]
MODEL = "heron-1"
KEY = "sk-not-a-real-key"


@dataclass
class Seen:
    """What one call of a client came to."""

    text: str = ""
    refusal: str = ""
    finish: str | None = None
    tokens: int = 0
    returned: str = "answer"  # or what stands in its place: "text", "no choices"
    raised: str = ""  # ClassName of the library's own, else package.ClassName
    status: int | None = None
    said: str | None = None  # the code (OpenAI) or type (Anthropic) that names the cause
    waits_s: list[float] = field(default_factory=list)  # before the client's own retries


@dataclass(frozen=True)
class Call:
    """How a client is to ask."""

    stream: bool
    retries: int = 0
    timeout_s: float = 20.0


class Client:
    """One official client, made as its users make it, at one base URL."""

    def __init__(self, dialect: str, url: str) -> None:
        self._library: Any = anthropic if dialect == "anthropic" else openai
        self._client = _MAKERS[dialect](url)
        self._ask = _ask_messages if dialect == "anthropic" else _ask_chat

    def close(self) -> None:
        self._client.close()

    def ask(self, call: Call, on_text: Callable[[], None] = lambda: None) -> Seen:
        """One call; nothing is raised, all is told.

        on_text: called after each piece of text that has arrived.
        """
        seen = Seen()
        base = self._library._base_client
        real_time = base.time
        base.time = SimpleNamespace(**{**vars(time), "sleep": seen.waits_s.append})
        client = self._client.with_options(max_retries=call.retries, timeout=call.timeout_s)
        try:
            self._ask(client, call, seen, on_text)
        except Exception as error:  # noqa: BLE001 - whatever it raises is what is asked here
            seen.raised = _name(self._library, error)
            seen.status = getattr(error, "status_code", None)
            said = "type" if self._library is anthropic else "code"
            seen.said = getattr(error, said, None)
        finally:
            base.time = real_time
        return seen


def _openai(url: str) -> Any:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=KEY)


def _azure(url: str) -> Any:
    return openai.AzureOpenAI(azure_endpoint=url, api_version="2024-10-21", api_key=KEY)


def _anthropic(url: str) -> Any:
    return anthropic.Anthropic(base_url=url, api_key=KEY)


_MAKERS = {"anthropic": _anthropic, "azure_openai": _azure, "openai": _openai}


def _name(library: Any, error: Exception) -> str:
    kind = type(error)
    package = kind.__module__.partition(".")[0]
    return kind.__name__ if package == library.__name__ else f"{package}.{kind.__name__}"


def _ask_chat(client: Any, call: Call, seen: Seen, on_text: Callable[[], None]) -> None:
    if call.stream:
        options: Any = {"include_usage": True}
        with client.chat.completions.create(
            model=MODEL, messages=QUESTION, stream=True, stream_options=options
        ) as chunks:
            for chunk in chunks:
                _take_chunk(chunk, seen, on_text)
        return
    answer: Any = client.chat.completions.create(model=MODEL, messages=QUESTION)
    if isinstance(answer, str):
        seen.returned = "text"
    elif not getattr(answer, "choices", None):  # the attribute itself may be missing
        seen.returned = "no choices"
    else:
        choice = answer.choices[0]
        seen.text, seen.finish = choice.message.content or "", choice.finish_reason
        seen.refusal = choice.message.refusal or ""
        seen.tokens = answer.usage.total_tokens if answer.usage else 0


def _take_chunk(chunk: Any, seen: Seen, on_text: Callable[[], None]) -> None:
    if chunk.usage:
        seen.tokens = chunk.usage.total_tokens
    for choice in chunk.choices or []:
        seen.finish = choice.finish_reason or seen.finish
        seen.refusal += choice.delta.refusal or ""
        if choice.delta.content:
            seen.text += choice.delta.content
            on_text()


def _ask_messages(client: Any, call: Call, seen: Seen, on_text: Callable[[], None]) -> None:
    if call.stream:
        with client.messages.create(
            model=MODEL, messages=QUESTION, max_tokens=100, stream=True
        ) as events:
            for event in events:
                _take_event(event, seen, on_text)
        return
    answer: Any = client.messages.create(model=MODEL, messages=QUESTION, max_tokens=100)
    if isinstance(answer, str):
        seen.returned = "text"
    elif not getattr(answer, "content", None):
        seen.returned = "no choices"
    else:
        seen.text, seen.finish = answer.content[0].text, answer.stop_reason
        seen.tokens = answer.usage.input_tokens + answer.usage.output_tokens


def _take_event(event: Any, seen: Seen, on_text: Callable[[], None]) -> None:
    if event.type == "message_start":
        seen.tokens = event.message.usage.input_tokens
    elif event.type == "content_block_delta" and event.delta.type == "text_delta":
        seen.text += event.delta.text
        on_text()
    elif event.type == "message_delta":
        seen.finish = event.delta.stop_reason
        seen.tokens += event.usage.output_tokens
