"""A gate file's value with four listeners, and what a twin is made with."""

from gameday.domain.gate_config import GateConfig
from gameday.twin.gateways import make_twin
from gameday.twin.listeners import Listeners
from gameday.twin.made import Source, Wish

LISTENERS = {
    "primary": ("127.0.0.1:8481", "https://api.openai.com", "openai"),
    "secondary": ("127.0.0.1:8482", "https://api.anthropic.com", "anthropic"),
    "azure-eu": ("127.0.0.1:8483", "https://prod-eu.openai.azure.com", "azure_openai"),
    "azure-us": ("127.0.0.1:8484", "https://prod-us.openai.azure.com", "azure_openai"),
}


def gate(**listeners):
    described = {
        name: {"listen": listen, "upstream": upstream, "dialect": dialect}
        for name, (listen, upstream, dialect) in (listeners or LISTENERS).items()
    }
    return GateConfig.model_validate(
        {"gate": "g", "admin": "127.0.0.1:1", "token": "env:T", "listeners": described}
    )


def twin_of(text, mapping=None, marker="x-gameday", **listeners):
    wish = Wish(Listeners(gate(**listeners), mapping or {}), marker)
    return make_twin(Source("config.yaml", text), wish)
