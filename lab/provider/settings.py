"""What one provider process is told when it starts."""

from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.value import Value
from lab.provider.rate_meter import REQUESTS_PER_MINUTE_MAX


class ProviderSettings(Value):
    """Settings of one provider. Passed as one JSON argument."""

    port: int
    dialect: Literal["openai", "anthropic"]
    model: str  # the name that it serves its version under
    seed: int
    speed_factor: float = 1.0
    blind_share: float = 0.0
    requests_per_minute_max: Annotated[int, Field(ge=1)] = REQUESTS_PER_MINUTE_MAX
