"""Portkey's gateway config, a JSON document: its twin."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gameday.twin.listeners import DIRECT, Endpoint
from gameday.twin.made import Source, Twin, Wish, unused
from gameday.twin.own_keys import OwnKeys, hint_of, is_secret

# What Portkey takes for granted where a target says nothing: dialect and base URL.
_PROVIDERS = {
    "openai": ("openai", "https://api.openai.com/v1"),
    "anthropic": ("anthropic", "https://api.anthropic.com/v1"),
    "azure-openai": ("azure_openai", None),
}
_PATHS = {"openai": "/v1", "anthropic": "/v1", "azure_openai": "/openai"}
_KEYS = frozenset({"provider", "strategy", "targets", "virtual_key", "virtualKey", "config"})
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class _Target:
    """One target that asks a provider, with what it has from those around it."""

    path: str
    node: dict[str, Any]
    custom_host: str = ""
    forward_headers: tuple[str, ...] = ()


def read(source: Source) -> Any:
    """The document; None when it is of another kind."""
    try:
        document = json.loads(source.text)
    except ValueError:
        return None
    return document if isinstance(document, dict) and _KEYS & document.keys() else None


def make(document: Any, source: Source, wish: Wish) -> Twin:
    """The twin of what `read` gave. Raises FileError where it cannot be told for certain."""
    return _Twinning(document, source, wish).make()


def endpoints(document: Any) -> list[Endpoint]:
    """The providers that it asks, in its order."""
    return [_endpoint(target) for target in _targets(document, _Target("config", document))]


class _Twinning:
    def __init__(self, document: Any, source: Source, wish: Wish) -> None:
        self._document = document
        self._source = source
        self._wish = wish
        # JSON has no variables: they are written as a shell's, for `envsubst` to fill in.
        self._keys = OwnKeys(lambda variable: f"${{{variable}}}", _variable_in)
        self._placed: dict[str, str] = {}
        self._notes: list[str] = [
            "fill in the variables before use, e.g. with  envsubst < TWIN > FILLED",
            "Portkey's hosted service, where it is used, logs by the key that it is asked with",
        ]

    def make(self) -> Twin:
        for target in list(_targets(self._document, _Target("config", self._document))):
            self._place(target)
        self._wish.listeners.require_all_used()
        self._own_secrets(self._document, ())
        self._own_secrets(self._document, ())
        self._own_cache(self._document)
        text = json.dumps(self._document, indent=2, ensure_ascii=False) + "\n"
        return Twin(
            gateway="Portkey",
            text=self._keys.require_none(text, self._source.path),
            keys=self._keys.purposes,
            placed=self._placed,
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def _place(self, target: _Target) -> None:
        node = target.node
        endpoint = _endpoint(target)
        place = self._wish.listeners.place(endpoint)
        self._placed[unused(endpoint.label, self._placed)] = str(place)
        if place.url:
            node[_spelt(node, "custom_host")] = place.url
            if not place.url.removeprefix("http://").startswith(_LOOPBACK):
                self._notes.append(
                    "start Portkey with TRUSTED_CUSTOM_HOSTS naming the gate's host: it refuses "
                    "private addresses else"
                )
        header = self._wish.marker_header
        node[_spelt(node, "forward_headers")] = [
            *(name for name in target.forward_headers if name != header),
            header,
        ]
        at = endpoint.names[0] if place.listener == DIRECT else place.listener
        for key in ("api_key", "virtual_key"):
            if _get(node, key):
                hint = f"{at}_{key.removeprefix('api_')}"
                own = self._keys.own(
                    _get(node, key), hint, f"{endpoint.label}, at {place.listener}"
                )
                node[_spelt(node, key)] = own

    def _own_secrets(self, node: Any, path: tuple[str | int, ...]) -> None:
        """Put a variable in the place of each secret, wherever it stands."""
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            here = (*path, key)
            if isinstance(value, dict | list):
                self._own_secrets(value, here)
                continue
            name = next((part for part in reversed(here) if isinstance(part, str)), "")
            if is_secret(name, value) or self._keys.holds(str(value)):
                purpose = ".".join(str(part) for part in here)
                node[key] = self._keys.own(value, hint_of(here), purpose)

    def _own_cache(self, node: dict[str, Any]) -> None:
        """Portkey's simple cache is its process's own; a semantic one is shared by key."""
        cache = node.get("cache")
        if isinstance(cache, dict) and cache.get("mode") == "semantic":
            node["cache"] = {**cache, "mode": "simple"}
        if cache:
            self._notes.append(
                "cache: simple, in the twin's own process; where that is not the twin's alone, ask "
                "with the header x-portkey-cache-namespace: gameday-twin"
            )
        for target in node.get("targets") or ():
            self._own_cache(target)


def _targets(node: dict[str, Any], around: _Target) -> Iterator[_Target]:
    """The targets that ask a provider, with the base URL and the headers that they inherit."""
    here = replace(
        around,
        node=node,
        custom_host=str(_get(node, "custom_host") or around.custom_host),
        forward_headers=tuple(_get(node, "forward_headers") or around.forward_headers),
    )
    inner = node.get("targets")
    if not inner:
        yield here
        return
    for number, target in enumerate(inner):
        yield from _targets(target, replace(here, path=f"{around.path}.targets[{number}]"))
    # What was inherited stands in each target now, and a URL around them would be the original's.
    node.pop("custom_host", None)
    node.pop("customHost", None)


def _endpoint(target: _Target) -> Endpoint:
    provider = str(target.node.get("provider") or "")
    dialect, usual_url = _PROVIDERS.get(provider, (None, None))
    resource = _get(target.node, "resource_name")
    if provider == "azure-openai" and resource:
        usual_url = f"https://{resource}.openai.azure.com/openai"
    name = str(target.node.get("name") or target.path)
    asked = provider or str(_get(target.node, "virtual_key") or "?")
    return Endpoint(
        label=f"{name} ({asked})",
        names=(name, target.path, *((provider,) if provider else ())),
        dialect=dialect,
        url=target.custom_host or (usual_url if resource else None) or None,
        usual_url=usual_url,
        usual_paths=_PATHS,
    )


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _get(node: dict[str, Any], name: str) -> Any:
    """A setting under either of the spellings that Portkey reads."""
    return node.get(name, node.get(_camel(name)))


def _spelt(node: dict[str, Any], name: str) -> str:
    """The spelling that the document has already."""
    return _camel(name) if _camel(name) in node else name


def _variable_in(text: str) -> str:
    is_variable = text.startswith("${") and text.endswith("}")
    return text[2:-1] if is_variable else ""
