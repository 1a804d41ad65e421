"""The fault `model_degraded`: the same model answers worse, for it is asked otherwise."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from gameday.domain.layer import Layer
from gameday.domain.wire import Effort, Hit, Onward
from gameday.faults._silent import SilentFault


class ModelDegraded(SilentFault):
    """Make the same model answer worse: what it is asked is changed on the way.

    On the wire: the request's body has what is said here of five changes, and the model's name,
    the weights and the form of the answer stay. `instruction` is one more system message;
    `effort` is OpenAI's `reasoning_effort` and Anthropic's `output_config.effort`, which a model
    that cannot be told refuses with a 400; `history_max` leaves so many of the last messages,
    begun with one of the user's, beside all instructions; `temperature` replaces the request's;
    `tokens_max` lets the answer have no more. A request that none of them changes passes.

    In reports: good answers to requests that the gate has changed, by their ids. Whether they are
    worse is the suite's to say.

    Source: Anthropic's report of 23 April 2026 on Claude Code: a lower default effort, history
    dropped at each turn by a slip in a cache, and a line in the prompt that asked for 25 words at
    the most, all three with the same API and the same weights.
    """

    model_config = {"json_schema_extra": {"examples": [{"temperature": 1.5}]}}
    touched: ClassVar[str] = "requests"
    reads_request: ClassVar[bool] = True
    legend: ClassVar[str] = "model degraded"
    layer: ClassVar[Layer | None] = "model"

    instruction: (
        Annotated[
            str,
            Field(min_length=1, max_length=2_000, examples=["Use at most 25 words."]),
        ]
        | None
    ) = None
    effort: Effort | None = None
    history_max: Annotated[int, Field(ge=1, le=1_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    tokens_max: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        changes = ("instruction", "effort", "history_max", "temperature", "tokens_max")
        if all(getattr(self, name) is None for name in changes):
            raise ValueError(f"expected at least one of {', '.join(changes)}")
        return self

    def on_request(self, hit: Hit) -> Onward | None:
        if not hit.dialect.asks_for_text(hit.request) or not hit.request.body:
            return None
        body = self._degraded(hit)
        return None if body == hit.request.body else Onward(hit.request.path, body)

    def _degraded(self, hit: Hit) -> dict[str, Any]:
        body, dialect = dict(hit.request.body), hit.dialect
        if self.instruction is not None:
            dialect.instruct(body, self.instruction)
        if self.effort is not None:
            dialect.think_less(body, self.effort)
        if self.history_max is not None:
            dialect.forget(body, self.history_max)
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.tokens_max is not None:
            dialect.cut_answers(body, self.tokens_max)
        return body
