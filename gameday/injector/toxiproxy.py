"""Drives one Toxiproxy server, and is the only place that knows the toxiproxy-python client.

That client keeps its server's address in class attributes, sets no time-out and passes silently
over answers of 5xx. So every call here holds one lock, names the server, has a time-out and has
its status checked; and whatever was set is read back.
"""

import asyncio
import contextlib
import re
import threading
from typing import Any
from urllib.parse import urlsplit

import requests
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError, StartError
from gameday.domain.ports import PathState, Toxic, Undo
from gameday.injector.port import Asked, Look, PathGoneError

_CLIENT = threading.Lock()
_SENT = re.compile(r"toxiproxy_proxy_sent_bytes_total\{([^}]*)\} ([0-9.e+]+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_LET_OUT_S = 0.05
_ANY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - recognised here, never bound


class Toxiproxy:
    """One Toxiproxy server: the port called `toxiproxy`."""

    def __init__(self, url: str, *, timeout_s: float = 2.0) -> None:
        self.url = url
        self.host, self._port = _host_and_port(url)
        self.timeout_s = timeout_s

    async def ask(self, method: str, where: str, body: Any = None) -> requests.Response:
        """One call. Raises InjectorUnreachableError when it is not answered in time."""
        return await asyncio.to_thread(self._ask, method, where, body)

    def _ask(self, method: str, where: str, body: Any) -> requests.Response:
        # A proxy of the environment is for the outside; Toxiproxy stands beside us.
        options: dict[str, Any] = {"timeout": self.timeout_s, "proxies": {"http": None}}
        if body is not None:
            options["json"] = body
        with _CLIENT:
            APIConsumer.host, APIConsumer.port = self.host, self._port
            try:
                response: requests.Response = getattr(APIConsumer, method)(where, **options)
            except (ProxyExists, InvalidToxic) as error:
                said = error.args[0] if error.args else b""
                raise InjectorRefusedError(
                    f"Toxiproxy refused {method} {where}: {said!r}"
                ) from error
            except requests.RequestException as error:
                raise InjectorUnreachableError(
                    f"Toxiproxy at {self.url} did not answer {method} {where} "
                    f"within {self.timeout_s:g} s",
                    next_step="look whether Toxiproxy runs; restarting it removes every toxic",
                ) from error
        if not response.ok:
            raise InjectorRefusedError(
                f"Toxiproxy answered {response.status_code} to {method} {where}: "
                f"{response.text[:200].strip()}"
            )
        return response

    async def answers(self) -> bool:
        try:
            await self.ask("get", "/version")
        except InjectorUnreachableError:
            return False
        return True

    def path(self, name: str, asked: Asked | None = None) -> "ToxiproxyPath":  # noqa: ARG002 - a proxy does the same for every fault
        return ToxiproxyPath(self, name)

    async def look(self, name: str) -> Look:
        state = await self.path(name).read()
        return Look(state=state.model_dump(mode="json"), obstacle=_obstacle(state))

    async def survey(self) -> tuple[PathState, ...]:
        """Every proxy, in alphabetical order."""
        proxies = (await self.ask("get", "/proxies")).json()
        return tuple(_state(proxies[name]) for name in sorted(proxies))

    async def verify(self, name: str, fault_id: str, evidence: dict[str, Any]) -> None:
        """Nothing: Toxiproxy remembers neither who did a thing nor when its process began."""

    async def renew(self, name: str, fault_id: str, lease_left_s: float) -> None:
        """Nothing: Toxiproxy knows no lease."""

    async def rebuild(self, name: str, state: Undo) -> str:
        """Delete the proxy and create it as it was. Cuts its connections.

        Removing a toxic can hang for ever when a client does not read its answer; deleting the
        whole proxy mostly still works then.
        """
        before = PathState.model_validate(state)
        with contextlib.suppress(NotFound):
            await self.ask("delete", f"/proxies/{name}")
        wanted = before.model_dump(include={"name", "listen", "upstream", "enabled"})
        await self.ask("post", "/proxies", wanted)
        for toxic in before.toxics:
            await self.path(name).add_toxic(toxic)
        return "hung and was made anew, which cut its connections"


class ToxiproxyPath:
    """One proxy of a Toxiproxy server, as the `ConnectionPath` that faults work on."""

    def __init__(self, server: Toxiproxy, name: str) -> None:
        self._server = server
        self._name = name

    async def _ask(self, method: str, where: str = "", body: Any = None) -> requests.Response:
        try:
            return await self._server.ask(method, f"/proxies/{self._name}{where}", body)
        except NotFound as error:
            raise PathGoneError(
                f"Toxiproxy at {self._server.url} has no proxy {self._name!r}",
                next_step="create the proxy again, with its listen and upstream addresses",
            ) from error

    async def read(self) -> PathState:
        return _state((await self._ask("get")).json())

    async def set_enabled(self, enabled: bool) -> None:
        await self._ask("post", body={"enabled": enabled})
        if (await self.read()).enabled is not enabled:
            raise InjectorRefusedError(
                f"the proxy {self._name} did not become {'enabled' if enabled else 'disabled'}"
            )

    async def add_toxic(self, toxic: Toxic) -> None:
        there = {other.name: other for other in (await self.read()).toxics}
        if there.get(toxic.name) == toxic:
            return
        if toxic.name in there:
            await self.remove_toxic(toxic.name)
        wanted = toxic.model_dump()
        # Toxiproxy decodes whole numbers only, and `800.0` is none to it.
        wanted["attributes"] = {key: int(value) for key, value in toxic.attributes.items()}
        await self._ask("post", "/toxics", wanted)
        if toxic not in (await self.read()).toxics:
            raise InjectorRefusedError(f"the proxy {self._name} did not take toxic {toxic.name}")

    async def remove_toxic(self, name: str) -> None:
        toxic = next((toxic for toxic in (await self.read()).toxics if toxic.name == name), None)
        if toxic is None:
            return
        # Gone in the meantime is what was wanted; a lost proxy shows when it is read back.
        with contextlib.suppress(PathGoneError):
            if toxic.type == "latency":
                await self._let_delayed_data_out(name)
            await self._ask("delete", f"/toxics/{name}")
        if name in {toxic.name for toxic in (await self.read()).toxics}:
            raise InjectorRefusedError(f"the proxy {self._name} did not let go of toxic {name}")

    async def _let_delayed_data_out(self, name: str) -> None:
        """Set a delay to nothing before it is removed.

        Toxiproxy removes a toxic only once what it holds back is written, and waits 5 s for each
        piece whose client has gone, deaf to every other call meanwhile (Shopify/toxiproxy#558).
        """
        await self._ask("post", f"/toxics/{name}", {"attributes": {"latency": 0, "jitter": 0}})
        await asyncio.sleep(_LET_OUT_S)

    async def count_bytes(self) -> dict[str, int]:
        """Bytes sent by the connections that have ended; empty when metrics are off."""
        try:
            metrics = (await self._server.ask("get", "/metrics")).text
        except NotFound:  # the server was started without -proxy-metrics
            return {}
        counts = {"upstream": 0, "downstream": 0}
        for labels_text, value in _SENT.findall(metrics):
            labels = dict(_LABEL.findall(labels_text))
            if labels.get("proxy") == self._name and labels.get("direction") in counts:
                counts[labels["direction"]] += int(float(value))
        return counts

    async def dial(self) -> str:
        listen = (await self.read()).listen
        host, _, port = listen.rpartition(":")
        host = host.strip("[]")
        where = (self._server.host if host in _ANY_ADDRESS else host, int(port))
        try:
            async with asyncio.timeout(self._server.timeout_s):
                _, writer = await asyncio.open_connection(*where)
        except ConnectionRefusedError:
            return "refused"
        except OSError as error:  # TimeoutError is one
            raise InjectorUnreachableError(f"{listen} could not be dialled: {error!r}") from error
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return "accepted"


def _host_and_port(url: str) -> tuple[str, int]:
    """Raises StartError: an address that is half understood would lead to another server."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname:
            return parts.hostname, parts.port or 8474
    except ValueError:  # a port that is no number
        pass
    raise StartError(
        f"expected an address such as http://127.0.0.1:8474 for Toxiproxy, found {url!r}"
    )


def _state(proxy: dict[str, Any]) -> PathState:
    known = {"name", "listen", "upstream", "enabled"}
    toxics = tuple(Toxic.model_validate(toxic) for toxic in proxy["toxics"])
    return PathState(**{key: proxy[key] for key in known}, toxics=toxics)


def _obstacle(state: PathState) -> str:
    """Why no fault can be put on this path: somebody else has changed it already."""
    if not state.enabled:
        return f"the proxy {state.name} is disabled already, and not by Gameday"
    if state.toxics:
        names = ", ".join(toxic.name for toxic in state.toxics)
        return f"the proxy {state.name} carries toxics already that are not Gameday's now: {names}"
    return ""
