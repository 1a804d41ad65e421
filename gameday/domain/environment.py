"""Where one copy of the system runs, and the injector that stands beside it."""

import re
from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.names import SecretRef, Url
from gameday.domain.value import Value

_PRODUCTION = frozenset({"production", "prod", "live"})


def is_production(name: str) -> bool:
    """Whether an environment of this name is one with users: `production`, `eu-prod`, `live_2`."""
    return not _PRODUCTION.isdisjoint(re.split(r"[-_]", name.lower()))


class InjectorAt(Value):
    """An injector with a token of its own, where one token for all is not enough."""

    url: Url
    token: SecretRef


InjectorAddress = str | InjectorAt  # a URL alone is asked with the token of where this runs


def injector_url(at: InjectorAddress) -> str:
    """Where to ask."""
    return at if isinstance(at, str) else at.url


class Environment(Value):
    """One copy of the system."""

    injector: Annotated[Url | InjectorAt, Field(union_mode="left_to_right")]
    front_door: Url
    # The front door is that of a second copy of the gateway (`gameday twin`), which nobody else
    # asks: a fault behind it cannot reach a user.
    through: Literal["twin"] | None = None
