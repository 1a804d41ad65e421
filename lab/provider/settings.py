"""What one provider process is told when it starts."""

from typing import Literal

from gameday.domain.value import Value


class ProviderSettings(Value):
    """Settings of one provider. Passed as one JSON argument."""

    port: int
    dialect: Literal["openai", "anthropic"]
    model: str  # the name that it serves its version under
    seed: int
    speed_factor: float = 1.0
    blind_share: float = 0.0
