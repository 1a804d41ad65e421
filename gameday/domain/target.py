"""What a target file says: one AI system as its operator describes it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.component import Component, ComponentName
from gameday.domain.environment import Environment
from gameday.domain.isolation import Isolation
from gameday.domain.names import Name, SecretRef, Url
from gameday.domain.quantities import Seconds
from gameday.domain.slo import Slo, SloName
from gameday.domain.synthetic import Synthetic
from gameday.domain.value import Value


class Marker(Value):
    """How the drill's own requests are told from others' where they reach a provider.

    A header or a body field that the system passes on, or a key of its own: `key` is what the
    front door is asked with, `key_at_provider` what the system then uses there.
    """

    header: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$")] | None = None
    body: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,120}$")] | None = None
    key: SecretRef | None = None
    key_at_provider: SecretRef | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(form is not None for form in (self.header, self.body, self.key)) != 1:
            raise ValueError("expected exactly one of header, body and key")
        if self.key_at_provider is not None and self.key is None:
            raise ValueError("key_at_provider belongs to key")
        return self


class FrontDoor(Value):
    """How to ask the system a question, and where it says who answered."""

    dialect: Literal["openai"] = "openai"
    model: str = "assistant"
    key: SecretRef | None = None
    marker: Marker | None = None
    timeout: Seconds = 30.0
    served_by_header: str = "x-served-by"
    attempts_header: str = "x-attempts"
    version_header: str = "x-assistant-version"


class Provider(Value):
    """One model provider behind the system."""

    dialect: Literal["openai", "anthropic", "azure_openai"]
    toxiproxy: Name | None = None
    gate: Name | None = None  # the gate's listener before it
    request_log: Url | None = None  # the provider's own list of requests, to check headers against

    @property
    def ports(self) -> dict[str, Name]:
        """What stands before it, by the port that faults name."""
        named = {"toxiproxy": self.toxiproxy, "gate": self.gate}
        return {port: name for port, name in named.items() if name is not None}


class Price(Value):
    """US dollars per million tokens."""

    input_usd_per_mtok: Annotated[float, Field(ge=0)]
    output_usd_per_mtok: Annotated[float, Field(ge=0)]


class Target(Value):
    """A target file (`gameday.yaml`)."""

    target: Name
    environments: Annotated[dict[Name, Environment], Field(min_length=1)]
    front_door: FrontDoor = FrontDoor()
    synthetic: Synthetic = Synthetic()
    providers: Annotated[dict[Name, Provider], Field(min_length=1)]
    slos: dict[SloName, Slo] = {}
    suite: str  # a path, relative to the target file
    prices: dict[str, Price] = {}  # by the model name that an answer carries
    components: dict[ComponentName, Component] = {}
    isolation: Isolation | None = None

    @property
    def gates(self) -> dict[Name, Name]:
        """The gate's listener before each provider that has one."""
        return {name: one.gate for name, one in self.providers.items() if one.gate is not None}

    @model_validator(mode="after")
    def _the_mark_is_the_drills_own(self) -> Self:
        marker = self.front_door.marker
        if marker and marker.header in self.synthetic.request_headers():
            raise ValueError(f"the header {marker.header} is the marker's; synthetic sets it too")
        if marker and marker.key and self.synthetic.key:
            raise ValueError("the front door is asked with the marker's key; synthetic has one too")
        if marker and marker.body in self.synthetic.body:
            raise ValueError(f"the field {marker.body} is the marker's; synthetic sets it too")
        return self

    @model_validator(mode="after")
    def _slos_have_fitting_bounds(self) -> Self:
        for name, slo in self.slos.items():
            if (name == "availability") != (slo.at_least is not None):
                raise ValueError(f"slo {name}: availability takes at_least, a time takes at_most")
        return self
