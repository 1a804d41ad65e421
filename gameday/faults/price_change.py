"""The fault `price_change`: the provider bills more for the same tokens."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from gameday.domain.fault import Felt
from gameday.domain.sample import Sample
from gameday.domain.window import Window
from gameday.domain.wire import Hit
from gameday.faults._attempts import Effect
from gameday.faults._documents import DocumentFault
from gameday.faults._per_case import usual_of
from gameday.faults._streams import answered_by

_COSTS = ("cost", "cost_details")


class PriceChange(DocumentFault):
    """Bill more for the same tokens.

    On the wire: a new price list is nowhere in an answer. Two of its marks are. `cost_factor`
    multiplies the cost that a router tells, `usage.cost` and all of `usage.cost_details`.
    `cache_lost` bills what the provider read from its cache as read anew: OpenAI's
    `cached_tokens` become 0, Anthropic's `cache_read_input_tokens` become
    `cache_creation_input_tokens`. All token counts together, the text and the timing are as they
    were. An answer that has neither mark is left alone; then the fault is not felt.

    In reports: answers that cost more than the usual of their case in the baseline, by half of
    the surplus or more; with `cache_lost`, answers without a cached token where the baseline's had
    some. The check `cost_per_success` sees the first where the target says `costs: told` for its
    front door, for then it is the told cost that counts and not our own price list; the second by
    the price of cached input in `prices:`.

    Source: OpenRouter's usage accounting, which tells each answer's cost in `usage.cost`;
    anthropics/claude-code#46829: prompts were kept for five minutes in place of an hour, unsaid,
    and what had been cache reads was billed as cache writes; anthropics/claude-code#14628: three
    minutes in place of five.
    """

    model_config = {"json_schema_extra": {"examples": [{"cost_factor": 2}]}}
    key: ClassVar[bytes] = b'"usage"'
    legend: ClassVar[str] = "dearer tokens"

    cost_factor: Annotated[float, Field(gt=1, le=10_000)] | None = None
    cache_lost: bool = False

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.cost_factor is None and not self.cache_lost:
            raise ValueError("expected cost_factor, or cache_lost: true")
        return self

    def change(self, hit: Hit, document: dict[str, Any]) -> bool:
        found = [self._bill(hit, usage) for usage in hit.dialect.usages(document)]
        return any(found)

    def _bill(self, hit: Hit, usage: dict[str, Any]) -> bool:
        lost = self.cache_lost and hit.dialect.uncache(usage)
        factor = self.cost_factor
        return (factor is not None and _multiply(usage, _COSTS, factor)) or lost

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:
        if self.cost_factor is None:
            return _cache_lost(provider, baseline)
        usual = usual_of(answered_by(provider, baseline), _cost)
        if usual is None:
            return Felt(0, f"what {provider} answered in the baseline cost nothing that was told")
        # Half of the surplus: answers to one question differ in length.
        times = 1 + (self.cost_factor - 1) / 2
        return Effect(
            ends=lambda _: False,
            one=f"cost {times:g} times the usual of its case, or more",
            many=f"cost {times:g} times the usual of their cases, or more",
            beyond_baseline=2.0,
            shows_in_answer=lambda sample: _cost(sample) >= times * usual(sample),
        )


def _multiply(costs: dict[str, Any], names: Iterable[str], factor: float) -> bool:
    """Multiply the costs of these names, and all that are inside them; whether there was one."""
    found = False
    for name in names:
        value = costs.get(name)
        if isinstance(value, dict):
            found = _multiply(value, tuple(value), factor) or found
        elif isinstance(value, int | float) and not isinstance(value, bool) and value:
            costs[name] = value * factor
            found = True
    return found


def _cache_lost(provider: str, baseline: Window) -> Effect | Felt:
    if not any(sample.tokens_in_cached for sample in answered_by(provider, baseline)):
        return Felt(0, f"{provider} read nothing from its cache in the baseline: none can be lost")
    return Effect(
        ends=lambda _: False,
        one="had nothing read from the cache",
        many="had nothing read from the cache",
        beyond_baseline=2.0,
        shows_in_answer=lambda sample: sample.good and not sample.tokens_in_cached,
    )


def _cost(sample: Sample) -> float:
    return sample.cost_usd
