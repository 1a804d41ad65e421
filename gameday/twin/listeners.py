"""Finds the gate's listener that stands for a provider's base URL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from gameday.domain.errors import FileError
from gameday.domain.gate_config import GateConfig, Listener

DIRECT = "direct"  # in --map: leave it as it is
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Endpoint:
    """One provider as a gateway's configuration names it."""

    label: str  # for people, e.g. "gpt-4o (openai/gpt-4o)"
    names: tuple[str, ...]  # that --map may call it by
    dialect: str | None = None  # None where the gate speaks none of its dialects
    url: str | None = None  # its base URL; None where the configuration does not say
    usual_url: str | None = None  # the gateway's own default
    is_variable: bool = False  # a base URL that only the gateway's process knows
    # The path of a base URL by dialect, for one whose URL the configuration does not tell.
    usual_paths: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where an endpoint is reached by the twin."""

    listener: str
    url: str  # the base URL there; empty where it is reached directly

    def __str__(self) -> str:
        return f"{self.listener}, {self.url}" if self.url else "directly, as before"


class Listeners:
    """The listeners of one gate file, and what the operator said about them."""

    def __init__(self, gate: GateConfig, mapping: Mapping[str, str]) -> None:
        """mapping: a model's or target's name -> a listener, or DIRECT. Raises FileError."""
        self._listeners = gate.listeners
        self._mapping = mapping
        self._used: set[str] = set()
        for name, listener in mapping.items():
            if listener not in gate.listeners and listener != DIRECT:
                raise FileError(
                    f"--map {name}={listener}: the gate has the listeners "
                    f"{', '.join(gate.listeners)}",
                    next_step=f"name one of them, or {DIRECT} to leave {name} as it is",
                )

    def place(self, endpoint: Endpoint) -> Place:
        """Where the twin reaches it. Raises FileError when that cannot be told for certain."""
        named = next((name for name in endpoint.names if name in self._mapping), None)
        if named is not None:
            self._used.add(named)
            found = self._mapping[named]
        else:
            found = self._by_url(endpoint) or self._by_dialect(endpoint)
        if found == DIRECT:
            return Place(DIRECT, "")
        return Place(found, _url(self._listeners[found], endpoint))

    def require_all_used(self) -> None:
        """Raises FileError for a --map whose name nothing has: it is a slip of the pen."""
        if unused := sorted(self._mapping.keys() - self._used):
            raise FileError(
                f"--map {unused[0]}: nothing in the configuration is called {unused[0]!r}",
                next_step="name a model or target of the configuration",
            )

    def _by_url(self, endpoint: Endpoint) -> str:
        url = endpoint.url or endpoint.usual_url
        if url is None or endpoint.is_variable:
            return ""
        fitting = {
            name: len(_path(urlsplit(one.upstream)))
            for name, one in self._listeners.items()
            if _is_below(urlsplit(url), urlsplit(one.upstream))
        }
        # The longest path is the closest; the same URL twice is nobody's guess.
        closest = [name for name, length in fitting.items() if length == max(fitting.values())]
        if len(closest) > 1:
            raise _unplaced(endpoint, f"the listeners {' and '.join(closest)} both stand for {url}")
        if not closest and endpoint.url is not None:
            raise _unplaced(endpoint, f"no listener of the gate has the upstream {_origin(url)}")
        return closest[0] if closest else ""

    def _by_dialect(self, endpoint: Endpoint) -> str:
        if endpoint.dialect is None:
            raise _unplaced(endpoint, "its provider speaks no dialect that the gate knows")
        speaking = [
            name for name, one in self._listeners.items() if one.dialect == endpoint.dialect
        ]
        if len(speaking) != 1:
            raise _unplaced(
                endpoint,
                f"{len(speaking)} listeners of the gate speak its dialect, {endpoint.dialect}",
            )
        return speaking[0]


def _unplaced(endpoint: Endpoint, why: str) -> FileError:
    name = endpoint.names[0]
    return FileError(
        f"{endpoint.label} has no one place at the gate: {why}",
        next_step=f"add a listener with its upstream to the gate file, or --map {name}=LISTENER, "
        f"or --map {name}={DIRECT} to leave it as it is",
    )


def _is_below(url: SplitResult, upstream: SplitResult) -> bool:
    if _server(url) != _server(upstream):
        return False
    path = _path(upstream)
    return _path(url) == path or _path(url).startswith(f"{path}/")


def _url(listener: Listener, endpoint: Endpoint) -> str:
    """The listener's own URL with the part of the path that its upstream does not bring."""
    url = endpoint.url or endpoint.usual_url
    path = _path(urlsplit(url)) if url else endpoint.usual_paths.get(listener.dialect, "")
    brought = _path(urlsplit(listener.upstream))
    if path == brought or path.startswith(f"{brought}/"):
        path = path[len(brought) :]
    host, _, port = listener.listen.rpartition(":")
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}{path}"  # noqa: S104 - read, not bound


def _server(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)


def _path(url: SplitResult) -> str:
    return url.path.rstrip("/")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    # Without the part before @, which may hold a password.
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
