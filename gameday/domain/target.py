"""What a target file says: one AI system as its operator describes it."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.action import ActionSpec
from gameday.domain.alerts import Alerts
from gameday.domain.calendar import Freeze, TimeZone
from gameday.domain.channel import Channel
from gameday.domain.component import Component, ComponentName
from gameday.domain.environment import Environment
from gameday.domain.evidence import Evidence
from gameday.domain.front_door import FrontDoor
from gameday.domain.isolation import Isolation
from gameday.domain.names import Name, Url
from gameday.domain.price import Price
from gameday.domain.shift import INPUTS, INPUTS_PORT
from gameday.domain.slo import PromQuery, Slos
from gameday.domain.synthetic import Synthetic
from gameday.domain.value import Value
from gameday.domain.watch import WatchSettings


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


class Service(Value):
    """What the system asks beside its models, behind a listener of the gate (`dialect: none`)."""

    gate: Name | None = None

    @property
    def ports(self) -> dict[str, Name]:
        return {} if self.gate is None else {"gate": self.gate}


class Tool(Service):
    """A tool, and where it tells its contract: an OpenAPI document, or an MCP server."""

    openapi: Url | None = None
    mcp: Url | None = None  # its endpoint for streamable HTTP

    @model_validator(mode="after")
    def _one_contract(self) -> Self:
        if self.openapi is not None and self.mcp is not None:
            raise ValueError("a tool tells its contract once: expected openapi or mcp")
        return self


class Target(Value):
    """A target file (`gameday.yaml`)."""

    target: Name
    environments: Annotated[dict[Name, Environment], Field(min_length=1)]
    front_door: FrontDoor = FrontDoor()
    synthetic: Synthetic = Synthetic()
    providers: Annotated[dict[Name, Provider], Field(min_length=1)]
    tools: dict[Name, Tool] = {}
    verifiers: dict[Name, Service] = {}  # guardrails and policy checks
    slos: Slos = Slos()
    alerts: Alerts | None = None
    suite: str  # a path, relative to the target file
    prices: dict[str, Price] = {}  # by the model name that an answer carries
    components: dict[ComponentName, Component] = {}
    actions: dict[Name, ActionSpec] = {}  # that a runbook may name, and nothing more
    isolation: Isolation | None = None
    watch: WatchSettings = WatchSettings()
    # One, or several. Told of every drill that has ended, and asked where it waits for people.
    notify: Channel | tuple[Channel, ...] | None = None
    time_zone: TimeZone = "UTC"  # whose days those of its freezes are
    freezes: tuple[Freeze, ...] = ()  # on these days no drill begins
    evidence: Evidence = Evidence()  # what its runs leave for others to check

    @property
    def changeable(self) -> dict[str, Component]:
        """What a step can be on, as it is written: its components, and its actions."""
        components = {f"component/{name}": one for name, one in self.components.items()}
        return components | {
            f"action/{name}": one.as_component for name, one in self.actions.items()
        }

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Where its people are."""
        if self.notify is None:
            return ()
        return (self.notify,) if isinstance(self.notify, Channel) else self.notify

    @property
    def gates(self) -> dict[Name, Name]:
        """The gate's listener before each provider that has one."""
        return {name: one.gate for name, one in self.providers.items() if one.gate is not None}

    def ports_at(self, resource: str) -> dict[str, Name] | None:
        """What stands before `tool/orders`, say, by port; None where there is no such thing."""
        if resource == INPUTS:
            return {INPUTS_PORT: "load"}  # every drill has one of its own
        sort, _, name = resource.partition("/")
        places = self.places.get(sort, {})
        return places[name].ports if name in places else None

    @property
    def places(self) -> dict[str, Mapping[Name, Provider | Service]]:
        """What a fault can be on that stands on the system's way, by the first word of `on`."""
        return {"provider": self.providers, "tool": self.tools, "verifier": self.verifiers}

    @model_validator(mode="after")
    def _the_mark_is_the_drills_own(self) -> Self:
        marker = self.front_door.marker
        if marker and marker.header in self.synthetic.request_headers(user="anybody"):
            raise ValueError(f"the header {marker.header} is the marker's; synthetic sets it too")
        if marker and marker.key and self.synthetic.key:
            raise ValueError("the front door is asked with the marker's key; synthetic has one too")
        if marker and marker.body in self.synthetic.body:
            raise ValueError(f"the field {marker.body} is the marker's; synthetic sets it too")
        return self

    @model_validator(mode="after")
    def _providers_that_serve_are_declared(self) -> Self:
        for said, name in self.front_door.served_as.items():
            if name not in self.providers:
                raise ValueError(f"served_as: {said} stands for {name}, which is no provider here")
        return self

    @model_validator(mode="after")
    def _queries_have_a_prometheus(self) -> Self:
        for name, slo in self.slos.items():
            for source in slo.parts.values():
                asks = isinstance(source, PromQuery) and source.prometheus is None
                if asks and self.alerts is None:
                    raise ValueError(
                        f"slo {name}: which Prometheus is asked? name it there, or in `alerts:`"
                    )
        return self
