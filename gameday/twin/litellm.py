"""LiteLLM's proxy configuration, a YAML file: its twin, with the operator's comments kept."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gameday.domain.errors import FileError
from gameday.twin.listeners import DIRECT, Endpoint
from gameday.twin.made import NAME, Source, Twin, Wish, unused
from gameday.twin.own_keys import OwnKeys, hint_of, is_secret

Where = tuple[str | int, ...]

_VARIABLE = "os.environ/"
# What LiteLLM takes for granted where a model says nothing: dialect, base URL, key's variable.
_PROVIDERS = {
    "openai": ("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    "anthropic": ("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    "azure": ("azure_openai", None, "AZURE_API_KEY"),
}
_PATHS = {"openai": "/v1"}  # that it expects in a base URL
_BARE = {
    "openai": ("gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-"),
    "anthropic": ("claude-",),
}
_OTHER_LOGIN = ("azure_ad_token", "client_id", "tenant_id", "litellm_credential_name")
_CALLBACKS = ("callbacks", "success_callback", "failure_callback", "service_callbacks")
_NAMESPACED = frozenset({"redis", "redis-semantic", "valkey-semantic", "local"})


@dataclass(frozen=True)
class _Deployment:
    """What reaches one provider."""

    label: str
    names: tuple[str, ...]  # that --map knows it by
    provider: str  # LiteLLM's name of it, '' where it cannot be told
    params: Any


def read(source: Source) -> Any:
    """The document, to be written with its comments; None when it is of another kind."""
    try:
        document = _yaml().load(source.text)
    except YAMLError as error:
        first = str(error).strip().splitlines()[0]
        raise FileError(f"{source.path} is not valid YAML: {first}") from error
    if not isinstance(document, dict) or not {"model_list", "include"} & document.keys():
        return None
    if "include" in document:
        raise FileError(
            f"{source.path} includes other files, and a twin is made from one",
            next_step="put what it includes into the file itself, then make the twin",
        )
    return document


def make(document: Any, source: Source, wish: Wish) -> Twin:
    """The twin of what `read` gave. Raises FileError where it cannot be told for certain."""
    return _Twinning(document, source, wish).make()


def endpoints(document: Any) -> list[Endpoint]:
    """The providers that it asks, in its order."""
    return [_endpoint(deployment) for deployment in _deployments(document)]


class _Twinning:
    def __init__(self, document: Any, source: Source, wish: Wish) -> None:
        self._document = document
        self._source = source
        self._wish = wish
        self._keys = OwnKeys(lambda variable: f"{_VARIABLE}{variable}", _variable_in)
        self._placed: dict[str, str] = {}
        self._notes: list[str] = []

    def make(self) -> Twin:
        self._place_all()
        self._own_state()
        # Twice: a secret may stand, under some other name, before the place that tells that it
        # is one.
        self._own_secrets(self._document, ())
        self._own_secrets(self._document, ())
        self._own_cache()
        self._forward_marker()
        self._tell_apart()
        return Twin(
            gateway="LiteLLM",
            text=self._written(),
            keys=self._keys.purposes,
            placed=self._placed,
            notes=tuple(self._notes),
        )

    def _section(self, name: str) -> Any:
        return self._document.get(name) or {}

    # --- where the providers are reached ------------------------------------------------------

    def _place_all(self) -> None:
        done: set[int] = set()  # an alias makes one mapping stand in several places
        for deployment in _deployments(self._document):
            if id(deployment.params) not in done:
                done.add(id(deployment.params))
                self._place(deployment)
        self._wish.listeners.require_all_used()

    def _place(self, deployment: _Deployment) -> None:
        params = deployment.params
        place = self._wish.listeners.place(_endpoint(deployment))
        label = unused(deployment.label, self._placed)
        self._placed[label] = str(place)
        if place.url:
            params["base_url" if "base_url" in params else "api_base"] = place.url
        at = deployment.names[0] if place.listener == DIRECT else place.listener
        purpose = f"{label}, at {place.listener}"
        usual = _PROVIDERS.get(deployment.provider)
        if params.get("api_key"):
            params["api_key"] = self._keys.own(params["api_key"], f"{at}_key", purpose)
        elif usual and not any(params.get(name) for name in _OTHER_LOGIN):
            params["api_key"] = self._keys.own(f"{_VARIABLE}{usual[2]}", f"{at}_key", purpose)

    # --- nothing of the original's own --------------------------------------------------------

    def _own_secrets(self, node: Any, path: Where) -> None:
        """Put a variable in the place of each secret, wherever it stands."""
        pairs = list(node.items() if isinstance(node, dict) else enumerate(node))
        for key, tagged in pairs:
            here = (*path, key)
            value = getattr(tagged, "value", tagged)
            if isinstance(value, dict | list):
                self._own_secrets(value, here)
            elif is_secret(_name(here), value) or self._keys.holds(str(value)):
                purpose = ".".join(str(part) for part in here)
                node[key] = self._keys.own(value, hint_of(here), purpose)

    def _own_cache(self) -> None:
        settings = self._section("litellm_settings")
        if not settings.get("cache"):
            return
        if not settings.get("cache_params"):
            settings["cache_params"] = {}
        params = settings["cache_params"]
        kind = str(params.get("type") or "redis")
        params["namespace"] = NAME
        if "qdrant_collection_name" in params:
            params["qdrant_collection_name"] = f"{params['qdrant_collection_name']}-{NAME}"
        elif kind not in _NAMESPACED:
            self._notes.append(f"cache: {kind} knows no namespaces; give the twin one of its own")
        if kind.startswith(("redis", "valkey")):
            self._notes.append(
                f"cache: it has the namespace {NAME} in the same server; a server or database of "
                "its own keeps it further apart"
            )

    def _own_state(self) -> None:
        """Cooldowns and fail counts are shared by Redis: a drill's would reach the original."""
        router = self._section("router_settings")
        for name in ("redis_host", "redis_url"):
            if router.get(name):
                purpose = f"router_settings.{name}: a Redis of its own, which keeps the cooldowns"
                router[name] = self._keys.variable(name, purpose)
        if self._section("general_settings").get("store_model_in_db"):
            self._notes.append("models that are kept in the database are not in the twin")

    # --- marked, and told apart ---------------------------------------------------------------

    def _forward_marker(self) -> None:
        header = self._wish.marker_header
        if not header.startswith("x-") or header.startswith("x-stainless-"):
            raise FileError(
                f"LiteLLM passes on headers that begin with x- alone, and not {header!r}",
                next_step="choose another header for the target's marker, such as x-gameday",
            )
        if not self._document.get("general_settings"):
            self._document["general_settings"] = {}
        self._document["general_settings"]["forward_client_headers_to_llm_api"] = True

    def _tell_apart(self) -> None:
        """Tag what goes to dashboards where LiteLLM can, and name the rest."""
        settings = self._section("litellm_settings")
        for name in sorted({str(one) for key in _CALLBACKS for one in _listed(settings.get(key))}):
            self._notes.append(
                f"callback {name}: let it report to a project or job of the twin's own, or tell "
                f"the twin's calls by the tag {NAME}"
            )
        for name in _listed(self._section("general_settings").get("alerting")):
            self._notes.append(f"alerting {name}: what the twin meets in a drill is alerted too")
        if self._section("router_settings").get("enable_tag_filtering"):
            self._notes.append("models are chosen by their tags here, so none was added")
            return
        for deployment in _deployments(self._document):
            tags = _listed(deployment.params.get("tags"))
            if "model" in deployment.params and NAME not in tags:  # a credential has no tags
                deployment.params["tags"] = [*tags, NAME]

    def _written(self) -> str:
        out = io.StringIO()
        _yaml().dump(self._document, out)
        lines = [self._commented(line) for line in out.getvalue().splitlines(keepends=True)]
        head = "# A twin for drills: its providers are reached by way of the gate (gameday twin).\n"
        return self._keys.require_none(head + "".join(lines), self._source.path)

    def _commented(self, line: str) -> str:
        """A line with the secrets of its comment taken out."""
        found = re.search(r"(?:^|\s)#", line)
        if found is None:
            return line
        return line[: found.start()] + self._keys.without_secrets(line[found.start() :])


def _yaml() -> YAML:
    """Comments, order, quotes and anchors stay as they are."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    return yaml


def _deployments(document: Any) -> Iterator[_Deployment]:
    """Models, and credentials that hold the URL for models."""
    for number, model in enumerate(document.get("model_list") or ()):
        params = model.get("litellm_params") if isinstance(model, dict) else None
        if not params or not params.get("model"):
            raise FileError(f"model_list.{number} has no litellm_params with a model")
        if params.get("litellm_credential_name") and not _base(params):
            continue  # it is reached where the credential says
        asked = str(params["model"])
        name = str(model.get("model_name") or asked)
        own_id = str((model.get("model_info") or {}).get("id") or name)
        yield _Deployment(f"{name} ({asked})", (name, asked, own_id), _provider(params), params)
    for credential in document.get("credential_list") or ():
        values = credential.get("credential_values") or {}
        if _base(values):
            name = str(credential.get("credential_name"))
            provider = str((credential.get("credential_info") or {}).get("custom_llm_provider", ""))
            yield _Deployment(f"credential {name}", (name,), provider, values)


def _endpoint(deployment: _Deployment) -> Endpoint:
    dialect, usual_url, _ = _PROVIDERS.get(deployment.provider, (None, None, ""))
    base = _base(deployment.params)
    is_variable = base.startswith(_VARIABLE)
    return Endpoint(
        label=deployment.label,
        names=deployment.names,
        dialect=dialect,
        url=None if is_variable else base or None,
        usual_url=usual_url,
        is_variable=is_variable,
        usual_paths=_PATHS,
    )


def _provider(params: Any) -> str:
    """LiteLLM's name of the provider: said apart, before the slash, or told by the model's name."""
    if params.get("custom_llm_provider"):
        return str(params["custom_llm_provider"])
    before, slash, _ = str(params["model"]).partition("/")
    if slash:
        return before
    return next((name for name, starts in _BARE.items() if before.startswith(starts)), "")


def _base(params: Any) -> str:
    return str(params.get("api_base") or params.get("base_url") or "")


def _variable_in(text: str) -> str:
    return text.removeprefix(_VARIABLE) if text.startswith(_VARIABLE) else ""


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _name(path: Where) -> str:
    """The nearest name in a path: that of the list for what stands in one."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")
