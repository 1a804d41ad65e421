"""One request as the client saw it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Literal, NamedTuple


class Outcome(StrEnum):
    """How one attempt at a provider, or one request at the front door, ended."""

    OK = "ok"
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    CUT = "cut"  # an answer that began and never came to its end
    HTTP_ERROR = "http_error"
    MALFORMED = "malformed"
    UNSENT = "unsent"  # scheduled, and the generator never came to send it
    LEFT = "left"  # the client hung up early, as the drill told it to


class Attempt(NamedTuple):
    """One try at one provider, as the front door's attempts header tells it."""

    provider: str
    outcome: Outcome
    elapsed_ms: float


Way = tuple[tuple[str, Outcome], ...]  # of a request: each provider tried, and how that ended

Group = Literal["experiment", "control"]


# Not frozen, and checked by nobody: a load generator makes thousands a second, and freezing alone
# would take longer than everything else about it.
@dataclass(slots=True, kw_only=True, eq=False)
class Sample:
    """One request. Times are UTC of the generator's host; durations are monotonic.

    Latency and time to first token count from `intended_at`, the moment the schedule had fixed:
    a generator that is late must not make the system look quick.
    """

    seq: int  # of the schedule, over all generators
    case: str
    case_group: str = ""  # of the suite: retrieval, long, short, tool
    group: Group = "experiment"
    generator: int = 0  # which of the load's processes sent it
    turn: int = 0  # of a conversation; 0 is the first
    turns_left: int = 0  # that follow when this one is answered; only the last answer is scored
    # Since its conversation's first request was due; None for that one.
    talk_ms: float | None = None
    tenant: str = ""
    user: str = ""  # who asked, where the load has users
    feature: str = ""
    intended_at: datetime
    finished_at: datetime
    send_lag_ms: float
    latency_ms: float
    ttft_ms: float | None = None  # first *content* token
    gap_ms_mean: float | None = None  # between content events, from the second one on
    gap_ms_max: float | None = None
    outcome: Outcome
    detail: str = ""
    status: int | None = None
    finish_reason: str | None = None
    served_by: str | None = None
    attempts: tuple[Attempt, ...] = ()
    model: str | None = None
    fingerprint: str | None = None
    version: str | None = None
    request_id: str = ""
    tokens_in: int = 0  # cached ones included
    tokens_in_cached: int = 0
    tokens_out: int = 0  # reasoning included
    tokens_out_reasoning: int = 0
    cost_usd: float = 0.0
    # By scorer; None where it could not tell.
    scores: Mapping[str, float | None] = field(default_factory=dict)
    # What checks asked to be scored beside the suite, by check name.
    seals: Mapping[str, float] = field(default_factory=dict)
    quality: float | None = None  # mean of the scores; None without an answer, or a score
    passed: bool | None = None  # the suite; None where nobody can tell
    answer_chars: int = 0  # of the whole answer
    answer_excerpt: str = ""  # its beginning; stored of some samples only, and redacted
    # Of a scored answer's beginning, where a check asked for it: gameday/domain/sketch.py.
    sketch: str = ""

    @property
    def good(self) -> bool:
        """A whole answer came. Its quality is another question."""
        return self.outcome is Outcome.OK

    @property
    def left(self) -> bool:
        """The client hung up as it was told to: how the answer would have ended, nobody knows."""
        return self.outcome is Outcome.LEFT

    @property
    def way(self) -> Way:
        return tuple([attempt[:2] for attempt in self.attempts])

    def tried(self, provider: str) -> bool:
        return any(attempt.provider == provider for attempt in self.attempts)

    def changed(self, **changes: Any) -> "Sample":
        """Another sample, which differs in `changes`."""
        return Sample(**{**self.as_dict(), **changes})

    def as_dict(self) -> dict[str, Any]:
        """Its fields in their order, as they are."""
        return dict(zip(FIELDS, values_of(self), strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sample) and bool(values_of(self) == values_of(other))

    __hash__ = None  # type: ignore[assignment] # it has dicts


FIELDS = tuple(one.name for one in fields(Sample))
# All that a sample holds, in the order of FIELDS; a time may be in microseconds since 1970. To make
# a sample of it takes as long as to find it out, so that a load generator hands on just this.
Values = tuple[Any, ...]
values_of: Callable[[Sample], Values] = attrgetter(*FIELDS)
