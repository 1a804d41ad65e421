"""What one provider process is told when it starts."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gameday.domain.price import Price
from gameday.domain.value import Value
from lab.model_version import MODELS
from lab.provider.rate_meter import REQUESTS_PER_MINUTE_MAX


def _known(name: str) -> str:
    if name not in MODELS:
        raise ValueError(f"there is no model {name!r}; there are {', '.join(MODELS)}")
    return name


Known = Annotated[str, AfterValidator(_known)]


class ProviderSettings(Value):
    """Settings of one provider. Passed as one JSON argument."""

    port: int
    dialect: Literal["openai", "anthropic"]
    models: Annotated[tuple[Known, ...], Field(min_length=1)]
    renamed: dict[str, Known] = {}  # served, and called, by names of their own as well
    seed: int
    speed_factor: float = 1.0
    blind_share: float = 0.0
    weights: dict[str, Path] = {}  # of real models, by version; without any, the lab's own engine
    price: Price | None = None  # told in its answers where its dialect has a place for that
    requests_per_minute_max: Annotated[int, Field(ge=1)] = REQUESTS_PER_MINUTE_MAX
