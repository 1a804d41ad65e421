"""What a gate file says: where one HTTP fault gate listens, and what is behind each listener."""

from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.names import Address, Name, SecretRef, Url
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

DialectName = Literal["openai", "anthropic", "azure_openai"]
NO_DIALECT: Literal["none"] = "none"  # who answers there is no model provider


class Alternate(Value):
    """Another place that a fault may send a provider's requests to. It speaks the same dialect.

    The client's own key never goes there.
    """

    upstream: Url
    key: SecretRef | None = None  # shown there; without it, none is
    ca_file: str | None = None


class Listener(Value):
    """One place in the gate: base URLs that named the provider now name `listen`.

    A tool or a guardrail has such a place too, under the dialect `none`.
    """

    listen: Address
    upstream: Url  # scheme, host, port and a path to put before every request's
    dialect: DialectName | Literal["none"]
    ca_file: str | None = None  # to trust beside the system's, for an upstream with its own
    alternates: dict[Name, Alternate] = {}  # by the names that a fault's `to_upstream` may say


class Limits(Value):
    """What the gate bears. The defaults suit chat completions."""

    body_bytes_max: Annotated[int, Field(ge=1_000, le=1_000_000_000)] = 32_000_000
    head_bytes_max: Annotated[int, Field(ge=1_000, le=1_000_000)] = 64_000
    head_within: Seconds = 15.0  # a request's head must be here after its first byte
    body_within: Seconds = 60.0  # between two pieces of a request's body
    idle: Seconds = 75.0  # a client's connection without a request
    connect_within: Seconds = 5.0
    answer_within: Seconds = 600.0  # between two bytes of the provider's answer
    drain_within: Seconds = 20.0  # what is under way when the gate is asked to end


class GateConfig(Value):
    """A gate file (`gate.yaml`)."""

    gate: Name
    admin: Address  # for the injector alone
    token: SecretRef
    listeners: Annotated[dict[Name, Listener], Field(min_length=1)]
    limits: Limits = Limits()
