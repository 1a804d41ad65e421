"""The files that describe a running lab: its target, its policy, its gate file and lab.json."""

import secrets
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML

from gameday.domain.alerts import Alerts
from gameday.domain.drill import Scope
from gameday.domain.environment import Environment
from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.gate_config import NO_DIALECT, DialectName, GateConfig, Limits, Listener
from gameday.domain.isolation import CANARY, HttpJson, Isolation, PlaceKind
from gameday.domain.policy import Policy, Rule
from gameday.domain.price import Price
from gameday.domain.respond_rule import RespondRule
from gameday.domain.slo import PromQuery, Ratio, Slo, Slos
from gameday.domain.synthetic import Synthetic
from gameday.domain.target import Provider, Service, Target, Tool
from gameday.domain.value import Value
from lab.assistant.conversations import SEED as FIRST_CONVERSATION
from lab.components import make_actions, make_components
from lab.model_version import FLOATING, HERON, HERON_UPDATE, MARLIN
from lab.order_tool.tickets import SEED as FIRST_TICKET

SUITE = Path(__file__).parent / "suite.yaml"
# At the suite's mean of 307 tokens in and 19 out, a healthy secondary costs 1.2 times a primary.
PRIMARY_PRICE = Price(input_usd_per_mtok=0.40, output_usd_per_mtok=1.60)
_SECONDARY = Price(input_usd_per_mtok=0.48, output_usd_per_mtok=1.95)
# By the assistant's own counters, where a Prometheus reads them.
_ANSWERED = Slo(
    at_least=0.99,
    ratio=Ratio(
        good=PromQuery(query='sum(assistant_requests_total{outcome="ok"})'),
        total=PromQuery(query="sum(assistant_requests_total)"),
    ),
)
_DOOR = FrontDoor(
    marker=Marker(header="x-gameday"),
    # The assistant answers within 6 s or not at all, so a client need not wait any longer.
    timeout="8s",
    costs="told",
    sources_header="x-assistant-sources",
)
_BREAKABLE = ("provider", "tool", "verifier", "component", "inputs", "action")
# Rehearsed all day long: only a runbook itself asks for people here.
_ANY_RESPONSE = RespondRule(
    target="lab", environment="lab", on="*", kinds=("*",), approvals=0, per_hour=600, changes_max=20
)
_ADMIN_KEY_FILE = "gate.token"  # beside the gate file


class ProviderPlace(Value):
    """Where a provider itself is, not its proxy."""

    url: str
    log: str


class LabState(Value):
    """A running lab (`lab.json`)."""

    pid: int
    front_door: str
    toxiproxy: str
    providers: dict[str, ProviderPlace]
    pids: dict[str, int]
    defect: str
    target_file: str
    policy_file: str
    gate_file: str


class GatePlaces(Value):
    """Where the gate before the providers, the order tool and the verifier listens."""

    admin: str  # host and port, as all of these
    primary: str
    secondary: str
    orders: str
    policy: str


def make_target(  # noqa: PLR0913 - each is a place of the lab that runs
    *,
    injector: str,
    front_door: str,
    logs: dict[str, str],
    secondary_model: str,
    secondary_price_factor: float,
    order_tool: str,
    orders: str,
    alerts: Alerts | None = None,
    corpus_is_logged: bool = True,
) -> Target:
    """Describe a running lab. logs: the providers' request logs, by provider.

    order_tool: the tool itself. orders: the gate before it, by which the assistant asks it.
    """
    return Target(
        target="lab",
        environments={"lab": Environment(injector=injector, front_door=front_door)},
        front_door=_DOOR,
        providers=_providers(logs),
        tools={"orders": Tool(gate="orders", openapi=f"{orders}/openapi.json")},
        verifiers={"policy": Service(gate="policy")},
        slos=Slos(
            availability=Slo(at_least=0.995),
            latency_p95=Slo(at_most="1s"),
            ttft_p95=Slo(at_most="0.7s"),
            cost_per_success=Slo(at_most="$0.00025"),
            **({"answered": _ANSWERED} if alerts else {}),
        ),
        alerts=alerts,
        suite=str(SUITE),
        synthetic=Synthetic(
            tenant="gameday",
            tags=("synthetic",),
            tools="sandbox",
            headers={"x-user": "{{user}}"},
        ),
        isolation=_isolation(front_door.removesuffix("/v1"), order_tool),
        components=make_components(
            front_door.removesuffix("/v1"), corpus_is_logged=corpus_is_logged
        ),
        actions=make_actions(front_door.removesuffix("/v1")),
        prices={
            FLOATING: PRIMARY_PRICE,
            HERON.name: PRIMARY_PRICE,
            HERON_UPDATE.name: PRIMARY_PRICE,
            MARLIN.name: _SECONDARY,
            secondary_model: _times(_SECONDARY, secondary_price_factor),
        },
    )


def _providers(logs: dict[str, str]) -> dict[str, Provider]:
    return {
        "primary": Provider(
            dialect="openai",
            toxiproxy="primary",
            gate="primary",
            request_log=logs["primary"],
        ),
        "secondary": Provider(
            dialect="anthropic",
            toxiproxy="secondary",
            gate="secondary",
            request_log=logs["secondary"],
        ),
    }


def _times(price: Price, factor: float) -> Price:
    return Price(
        input_usd_per_mtok=price.input_usd_per_mtok * factor,
        output_usd_per_mtok=price.output_usd_per_mtok * factor,
    )


def _isolation(assistant: str, order_tool: str) -> Isolation:
    """Where the lab keeps what was asked, and acts on it."""
    tickets = f"{order_tool}/tickets"
    return Isolation(
        mutating_tools=("tickets",),
        question=f"Please open a ticket about order TW-1042: {CANARY}",
        settle="0.2s",
        queries={
            "tickets": HttpJson(
                kind="http_json",
                place=PlaceKind.TOOLS,
                url=f"{tickets}/real?about={CANARY}",
                path="count",
                known=FIRST_TICKET,
                reached="sandbox-tickets",
            ),
            "sandbox-tickets": HttpJson(
                kind="http_json",
                place=PlaceKind.TOOLS,
                url=f"{tickets}/sandbox?about={CANARY}",
                path="count",
                expect="found",
            ),
            "conversations": HttpJson(
                kind="http_json",
                place=PlaceKind.STORES,
                url=f"{assistant}/conversations?about={CANARY}",
                path="count",
                known=FIRST_CONVERSATION,
            ),
        },
    )


def make_policy() -> Policy:
    """Everything is allowed here: the lab is there to be broken."""
    return Policy(
        policy="lab",
        allow=tuple(_anything_on(what) for what in _BREAKABLE),
        respond=(_ANY_RESPONSE,),
    )


def _anything_on(what: str) -> Rule:
    return Rule(
        target="lab",
        environment="lab",
        on=f"{what}/*",
        kinds=("*",),
        scopes=tuple(Scope),
        lease_max="60s",
        deadline_max="30m",
    )


def make_gate(places: GatePlaces, upstreams: dict[str, str]) -> GateConfig:
    """The gate between Toxiproxy and the providers, and before the order tool and the verifier.

    Its token lies beside its file. upstreams: by listener.
    """
    listeners: dict[str, tuple[str, DialectName | Literal["none"]]] = {
        "primary": (places.primary, "openai"),
        "secondary": (places.secondary, "anthropic"),
        "orders": (places.orders, NO_DIALECT),
        "policy": (places.policy, NO_DIALECT),
    }
    return GateConfig(
        gate="lab",
        admin=places.admin,
        token=f"file:{_ADMIN_KEY_FILE}",
        listeners={
            name: Listener(listen=listen, upstream=upstreams[name], dialect=dialect)
            for name, (listen, dialect) in listeners.items()
        },
        # A lab that is told to end does so at once; nobody waits for its answers.
        limits=Limits(drain_within="0.5s"),
    )


def write_token(folder: Path) -> None:
    """Write a new token for the gate's admin port, for this user's eyes only."""
    file = folder / _ADMIN_KEY_FILE
    file.unlink(missing_ok=True)  # one that is there may be readable by others
    file.touch(mode=0o600)
    file.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")


def _never_an_alias(_value: object) -> bool:
    return True


def write_yaml(path: Path, value: Value, about: str) -> None:
    """Write `value` as plain YAML: no anchor, alias or tag. about: its first line."""
    yaml = YAML()
    yaml.representer.ignore_aliases = _never_an_alias
    with path.open("w", encoding="utf-8") as file:
        file.write(f"# {about}\n")
        document = value.model_dump(mode="json", exclude_none=True, by_alias=True)
        for one in (
            *document.get("components", {}).values(),
            *document.get("actions", {}).values(),
        ):
            one.update(one.pop("settings"))  # as somebody would write them
        yaml.dump(document, file)
