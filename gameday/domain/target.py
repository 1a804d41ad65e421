"""What a target file says: one AI system as its operator describes it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.drill import Name
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$", examples=["http://127.0.0.1:8480/v1"])]
SecretRef = Annotated[str, Field(pattern=r"^(env|file):.+$", examples=["env:OPENAI_KEY"])]


class Environment(Value):
    """Where one copy of the system runs, and the injector that stands beside it."""

    injector: Url
    front_door: Url


class FrontDoor(Value):
    """How to ask the system a question, and where it says who answered."""

    dialect: Literal["openai"] = "openai"
    model: str = "assistant"
    key: SecretRef | None = None
    timeout: Seconds = 30.0
    served_by_header: str = "x-served-by"
    attempts_header: str = "x-attempts"
    version_header: str = "x-assistant-version"


class Provider(Value):
    """One model provider behind the system."""

    dialect: Literal["openai", "anthropic"]
    toxiproxy: Name | None = None
    request_log: Url | None = None  # the provider's own list of requests, to check headers against


class Slo(Value):
    """One objective: a share that must be reached, or a time that must not be passed."""

    at_least: Annotated[float, Field(gt=0, lt=1)] | None = None
    at_most: Seconds | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("expected exactly one of at_least (a share) and at_most (a time)")
        return self


SloName = Literal[
    "availability", "latency_p50", "latency_p95", "latency_p99", "ttft_p50", "ttft_p95", "ttft_p99"
]


class Price(Value):
    """US dollars per million tokens."""

    input_usd_per_mtok: Annotated[float, Field(ge=0)]
    output_usd_per_mtok: Annotated[float, Field(ge=0)]


class Target(Value):
    """A target file (`gameday.yaml`)."""

    target: Name
    environments: Annotated[dict[Name, Environment], Field(min_length=1)]
    front_door: FrontDoor = FrontDoor()
    providers: Annotated[dict[Name, Provider], Field(min_length=1)]
    slos: dict[SloName, Slo] = {}
    suite: str  # a path, relative to the target file
    prices: dict[str, Price] = {}  # by the model name that an answer carries

    @model_validator(mode="after")
    def _slos_have_fitting_bounds(self) -> Self:
        for name, slo in self.slos.items():
            if (name == "availability") != (slo.at_least is not None):
                raise ValueError(f"slo {name}: availability takes at_least, a time takes at_most")
        return self
