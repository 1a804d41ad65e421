"""What a fault of the HTTP gate may see of a request, and what it may do to the answer.

Everything here is handed in or given back: a fault never touches a socket, a clock or a source
of chance of its own.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from gameday.domain.quantities import plain


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One request as it came to the gate."""

    method: str
    path: str  # without the query
    headers: Mapping[str, str]  # names in lower case
    body: Mapping[str, Any]  # the JSON body; empty when it is none, or when nobody asked for it
    id: str  # names the request in an injected answer: the client's own id, else a new one


class Condition(StrEnum):
    """What a provider says is wrong. A dialect knows how its provider words each."""

    REQUESTS_PER_MINUTE = "requests_per_minute"
    TOKENS_PER_MINUTE = "tokens_per_minute"
    RAMP = "ramp"  # load rose too fast, inside every limit
    CREDIT = "credit"  # prepaid credit is used up
    SPEND_CAP = "spend_cap"
    USAGE_LIMIT = "usage_limit"
    PER_DAY = "per_day"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    INVALID_REQUEST = "invalid_request"  # 4xx of no further kind
    KEY_REVOKED = "key_revoked"
    PERMISSION = "permission"
    UNKNOWN_USER = "unknown_user"  # a 401 that hides a failure of the provider's own
    MODEL_RETIRED = "model_retired"
    CONTEXT_OVERFLOW = "context_overflow"
    PROMPT_FILTERED = "prompt_filtered"


class RetryStyle(StrEnum):
    """Where an answer says when to come again."""

    HEADER = "header"  # `retry-after`, in seconds
    MILLISECONDS = "milliseconds"  # `retry-after-ms`, beside the header in whole seconds
    BODY = "body"  # in the message alone
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class RetryAfter:
    seconds: float
    style: RetryStyle = RetryStyle.HEADER

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What HTTP says of it, whatever the body is; never sooner than `seconds`."""
        # Rounded first: 1.1 * 1000 is a little more than 1100.
        wait_ms = math.ceil(round(self.seconds * 1000, 3))
        match self.style:
            case RetryStyle.HEADER:
                return (("retry-after", plain(wait_ms / 1000)),)
            case RetryStyle.MILLISECONDS:
                whole_s = math.ceil(wait_ms / 1000)
                return (("retry-after-ms", str(wait_ms)), ("retry-after", str(whole_s)))
            case RetryStyle.BODY | RetryStyle.ABSENT:
                return ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """A provider's limits as its answers tell them: what there is, what is left, until when."""

    requests_max: int
    requests_left: int
    tokens_max: int | None  # None where tokens are not limited
    tokens_left: int | None
    resets_in_s: float

    def limits(self) -> Iterator[tuple[str, int, int]]:
        """Each limit there is: its name, how much of it there is, and how much is left."""
        yield "requests", self.requests_max, self.requests_left
        if self.tokens_max is not None and self.tokens_left is not None:
            yield "tokens", self.tokens_max, self.tokens_left


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer that is given in the provider's place. Framing is the gate's business."""

    status: int
    headers: tuple[tuple[str, str], ...]  # content-type among them; no length, no encoding
    body: bytes
    after_s: float = 0.0  # the request is held so long first


@dataclass(frozen=True, slots=True)
class Onward:
    """A request as it goes on to its provider, where a fault has changed it on the way."""

    path: str  # without the query, which stays as it was
    body: Mapping[str, Any]
    upstream: str = ""  # by name, one of the listener's alternates; '' is the provider itself


@dataclass(frozen=True, slots=True)
class Identity:
    """By what name an answer says that it was made."""

    model: str
    fingerprint: str | None = None  # of the weights and the serving, where a dialect tells it


class Effort(StrEnum):
    """How hard a model is to think, where it can be told."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Finish(StrEnum):
    """Why an answer that a dialect makes up has ended."""

    STOP = "stop"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    NO_CHOICES = "no_choices"  # a whole document with nothing in it


class Dialect(Protocol):
    """How one provider words requests, answers, streams and errors. One file each."""

    name: str

    def model(self, request: WireRequest) -> str:
        """The model that is asked, '' when the request does not say."""

    def wants_stream(self, request: WireRequest) -> bool: ...

    def asks_for_text(self, request: WireRequest) -> bool:
        """Whether `completion` would be an answer to it, as it is not to a list of models."""

    def says(self, condition: Condition) -> bool:
        """Whether this provider has such a condition at all."""

    def failure(
        self,
        condition: Condition,
        request: WireRequest,
        *,
        retry: RetryAfter | None = None,
        allowance: Allowance | None = None,
    ) -> Answer:
        """The answer by which this provider says so: status, headers, body.

        retry: None for what this provider says of its own accord, which is mostly nothing.
        """

    def error_event(self, condition: Condition, request: WireRequest) -> bytes:
        """The event by which it says so in the middle of a stream that began with a 200."""

    def completion(self, request: WireRequest, text: str, finish: Finish) -> Answer:
        """A 200 with `text`; as a stream of events when the request asked for one."""

    def is_content(self, data: bytes) -> bool:
        """Whether the data of one stream event carries content for the user."""

    def identity(self, document: Mapping[str, Any]) -> Identity | None:
        """What a body or an event says of the model that made it; None when it says nothing."""

    def identify(self, document: dict[str, Any], identity: Identity) -> bool:
        """Put `identity` where a body or an event tells its own; whether it tells one."""

    def rewrite_text(self, document: dict[str, Any], change: Callable[[str], str]) -> bool:
        """Change each text for the user in a body or an event, in place; whether there was one."""

    def usages(self, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What a body or an event tells of tokens and their cost, to be changed in place."""

    def inflate_usage(self, document: dict[str, Any], factor: float) -> bool:
        """Multiply every token count of a body or an event, in place; whether there was one."""

    def uncache(self, usage: dict[str, Any]) -> bool:
        """Count what was read from the provider's cache as read anew; whether there was any."""

    # --- a request, changed on its way --------------------------------------------------------

    def of_model(self, request: WireRequest, model: str) -> Onward:
        """The request as it would be made of another model."""

    def instruct(self, body: dict[str, Any], text: str) -> None:
        """Add to what the model is instructed to do, behind what the request itself says."""

    def forget(self, body: dict[str, Any], kept: int) -> None:
        """Drop the conversation but for its last `kept` messages; instructions stay."""

    def think_less(self, body: dict[str, Any], effort: Effort) -> None: ...

    def cut_answers(self, body: dict[str, Any], tokens_max: int) -> None:
        """Let the answer have at most so many tokens, however many the request allows."""

    def show_key(self, key: str) -> tuple[str, str]:
        """The header, name and value, by which a client shows its key."""

    def allowance_headers(self, allowance: Allowance) -> tuple[tuple[str, str], ...]: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event of an answer."""

    raw: bytes  # with the empty line that ends it
    data: bytes  # of its `data:` lines; empty for a comment
    is_content: bool


class Ending(StrEnum):
    """How an answer's connection ends before the answer does."""

    RST = "rst"
    FIN = "fin"
    CLEAN = "clean"  # the body is properly ended, as if nothing were missing


@dataclass(frozen=True, slots=True)
class Send:
    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing more for so long; clearing the fault ends the wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing more until the fault is cleared; `alive`, if any, is sent every `every_s`."""

    alive: bytes = b""
    every_s: float = 0.0


@dataclass(frozen=True, slots=True)
class End:
    how: Ending


Step = Send | Wait | Stall | End


@dataclass(slots=True)
class Hit:
    """One request that a fault was chosen for, and what the fault may ask about it.

    memory: of the armed fault, empty at first, shared by all that it touches.
    onward: what the fault made of the request; None where it went on as it came.
    """

    request: WireRequest
    speaks: Dialect | None  # None: who answers there is no model provider
    now_s: float  # a monotonic clock, when the request came
    draw: Callable[[], float]  # uniform in [0, 1), repeatable by the fault's seed
    memory: dict[str, Any] = field(default_factory=dict)
    onward: Onward | None = None
    tokens: int = 0  # content events of this answer that came before
    events: int = 0  # events of this answer that came before

    @property
    def dialect(self) -> Dialect:
        """The provider's. A fault that needs one is never armed where none is spoken."""
        assert self.speaks is not None
        return self.speaks


Steps = Iterable[Step]
