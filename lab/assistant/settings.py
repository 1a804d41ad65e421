"""What the assistant's process is told when it starts."""

import math
from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.value import Value


class Upstream(Value):
    """One provider of the fallback chain, as the assistant reaches it: through its proxy."""

    name: str
    dialect: Literal["openai", "anthropic"]
    url: str
    model: str


class Patience(Value):
    """How long one attempt may take, and what one request may spend on attempts."""

    connect_s: float = 0.3
    first_token_s: float = 0.4
    total_s: float = 4.0
    # The retry budget: one request never costs the providers more than this.
    attempts_max: int = 2
    attempts_s: float = 6.0


class AssistantSettings(Value):
    """Settings of the assistant. Passed as one JSON argument."""

    port: int
    chain: Annotated[tuple[Upstream, ...], Field(min_length=1)]
    order_tool: str
    patience: Patience = Patience()
    failures_to_open: int = 3
    cooldown_s: float | None = 0.5  # None: a provider that was left is never tried again
    switch_over_s: float = 0.0  # the first fallback answer is held back for so long
    invents_fallback: bool = False  # answers by itself and names the fallback as who served

    @property
    def breaker_cooldown_s(self) -> float:
        return math.inf if self.cooldown_s is None else self.cooldown_s
