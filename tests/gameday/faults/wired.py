"""Runs the methods of a gate fault over a whole answer, as the gate does, without a gate."""

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gameday.domain.wire import End, Event, Finish, Hit, Send, Step, WireRequest
from gameday.faults._gate import GateFault
from gameday.gate.dialects import find

DIALECTS = ("anthropic", "azure_openai", "openai")
TEXT = "Refunds take up to thirty days and go back to the card that paid for the order at first."
COST_USD = 0.004
_PATHS = {
    "anthropic": "/v1/messages",
    "azure_openai": "/openai/deployments/heron-1/chat/completions",
    "openai": "/v1/chat/completions",
}


def asked(dialect: str, *, stream: bool = True, **headers: str) -> WireRequest:
    body: dict[str, Any] = {
        "model": "heron-1",
        "messages": [{"role": "user", "content": "How long do refunds take?"}],
        "stream": stream,
        "stream_options": {"include_usage": True},
    }
    return WireRequest("POST", _PATHS[dialect], headers, body, "req-1")


def hit_of(dialect: str, *, stream: bool = True, seed: int = 0) -> Hit:
    request = asked(dialect, stream=stream)
    return Hit(request, find(dialect), now_s=100.0, draw=random.Random(seed).random)


@functools.cache  # an answer carries the second in which it was made: two calls may differ
def body_of(dialect: str, *, stream: bool = False) -> bytes:
    """A whole answer, the same one each time."""
    made = find(dialect).completion(asked(dialect, stream=stream), TEXT, Finish.STOP)
    return priced(made.body)


def priced(body: bytes) -> bytes:
    """An answer that tells what it cost, as a router's does."""
    return body.replace(b'"usage":{', b'"usage":{"cost":%s,' % str(COST_USD).encode())


def events_of(dialect: str) -> list[Event]:
    """The events of a streamed answer; the dialect's own, so that its counting is tried too."""
    body = body_of(dialect, stream=True)
    return [event_of(dialect, raw + b"\n\n") for raw in body.split(b"\n\n") if raw]


def event_of(dialect: str, raw: bytes) -> Event:
    lines = [line for line in raw.splitlines() if line.startswith(b"data:")]
    data = b"\n".join(line.removeprefix(b"data:").removeprefix(b" ") for line in lines)
    return Event(raw, data, find(dialect).is_content(data))


@dataclass(frozen=True)
class Wired:
    """What went out for one answer: the steps for each event, up to one that ends it."""

    steps: tuple[tuple[Step, ...], ...]

    @property
    def flat(self) -> list[Step]:
        return [step for steps in self.steps for step in steps]

    @property
    def sent(self) -> bytes:
        return b"".join(step.data for step in self.flat if isinstance(step, Send))

    def events(self, dialect: str) -> list[Event]:
        return [event_of(dialect, raw + b"\n\n") for raw in self.sent.split(b"\n\n") if raw]

    def contents(self, dialect: str) -> int:
        return sum(event.is_content for event in self.events(dialect))


def wire(fault: GateFault, dialect: str, events: Sequence[Event] | None = None) -> Wired:
    hit = hit_of(dialect)
    out: list[tuple[Step, ...]] = []
    for event in events_of(dialect) if events is None else events:
        out.append(tuple(fault.on_event(hit, event)))
        hit.tokens += event.is_content
        hit.events += 1
        if any(isinstance(step, End) for step in out[-1]):
            break
    return Wired(tuple(out))
