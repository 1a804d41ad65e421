"""The files that describe a running lab to Gameday: the target, the policy and lab.json."""

from pathlib import Path

from ruamel.yaml import YAML

from gameday.domain.drill import Scope
from gameday.domain.policy import Policy, Rule
from gameday.domain.target import Environment, Price, Provider, Slo, Target
from gameday.domain.value import Value
from lab.model_version import HERON, MARLIN

SUITE = Path(__file__).parent / "suite.yaml"
# At the suite's mean of 307 tokens in and 19 out, a healthy secondary costs 1.2 times a primary.
_PRIMARY = Price(input_usd_per_mtok=0.40, output_usd_per_mtok=1.60)
_SECONDARY = Price(input_usd_per_mtok=0.48, output_usd_per_mtok=1.95)


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


def make_target(
    *,
    injector: str,
    front_door: str,
    logs: dict[str, str],
    secondary_model: str,
    secondary_price_factor: float,
) -> Target:
    """Describe a running lab. logs: the providers' request logs, by provider."""
    priced_up = Price(
        input_usd_per_mtok=_SECONDARY.input_usd_per_mtok * secondary_price_factor,
        output_usd_per_mtok=_SECONDARY.output_usd_per_mtok * secondary_price_factor,
    )
    return Target(
        target="lab",
        environments={"lab": Environment(injector=injector, front_door=front_door)},
        providers={
            "primary": Provider(dialect="openai", toxiproxy="primary", request_log=logs["primary"]),
            "secondary": Provider(
                dialect="anthropic", toxiproxy="secondary", request_log=logs["secondary"]
            ),
        },
        slos={
            "availability": Slo(at_least=0.995),
            "latency_p95": Slo(at_most="1s"),
            "ttft_p95": Slo(at_most="0.7s"),
        },
        suite=str(SUITE),
        prices={HERON.name: _PRIMARY, MARLIN.name: _SECONDARY, secondary_model: priced_up},
    )


def make_policy() -> Policy:
    kinds = ("connection_refused", "connection_reset", "blackhole", "latency", "bandwidth")
    rule = Rule(
        target="lab",
        environment="lab",
        on="provider/*",
        kinds=kinds,
        scopes=(Scope.ALL,),
        lease_max="60s",
        deadline_max="15m",
    )
    return Policy(policy="lab", allow=(rule,))


def _never_an_alias(_value: object) -> bool:
    return True


def write_yaml(path: Path, value: Value, about: str) -> None:
    """Write `value` as plain YAML: no anchor, alias or tag. about: its first line."""
    yaml = YAML()
    yaml.representer.ignore_aliases = _never_an_alias
    with path.open("w", encoding="utf-8") as file:
        file.write(f"# {about}\n")
        yaml.dump(value.model_dump(mode="json", exclude_none=True, by_alias=True), file)
