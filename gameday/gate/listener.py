"""One provider's place in the gate: where clients connect, and everything that is theirs."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gameday.domain.errors import FileError
from gameday.domain.gate_config import Limits
from gameday.domain.gate_config import Listener as ListenerConfig
from gameday.gate.client_side import ClientConnection
from gameday.gate.clock import Clock
from gameday.gate.exchange import Exchange
from gameday.gate.framing import Origin
from gameday.gate.pool import Pool
from gameday.gate.upstream_side import UpstreamConnection

if TYPE_CHECKING:
    from gameday.gate.delays import Delays
    from gameday.gate.rules import ArmedRule
    from gameday.gate.watches import Watch

_BACKLOG = 4096
_PORT_MAX = 65_535


class Alternate(NamedTuple):
    """Another upstream, to which requests go when a fault says so and never else."""

    pool: Pool
    key: str | None


class Listener:
    """Rule and watches stand here as one value each, so that a change is seen whole or not yet.

    Raises FileError for an upstream that cannot be.
    """

    delays: "Delays"  # of the whole gate; there when rules are

    def __init__(
        self,
        name: str,
        config: ListenerConfig,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """keys: of the alternates that have one, by name."""
        self.name = name
        self.config = config
        self.limits = limits
        self.loop = loop
        self.clock = clock
        self.pool = self._pool(config.upstream, config.ca_file)
        self.alternates = {
            other: Alternate(self._pool(one.upstream, one.ca_file), (keys or {}).get(other))
            for other, one in config.alternates.items()
        }
        self.clients: set[ClientConnection] = set()
        self.upstreams: set[UpstreamConnection] = set()
        self.rule: ArmedRule | None = None  # one at most, so that no two faults overlap
        self.watches: tuple[Watch, ...] = ()
        # What a request meets while there is a rule or a watch; set when those can be had.
        self.consider: Callable[[Exchange], None] = Exchange.pass_on
        self.requests = 0
        self.draining = False
        self._server: asyncio.AbstractServer | None = None

    def _pool(self, upstream: str, ca_file: str | None) -> Pool:
        origin = _origin(self.name, upstream)
        return Pool(self, origin, _tls(self.name, ca_file) if origin.tls else None)

    @property
    def _pools(self) -> tuple[Pool, ...]:
        return (self.pool, *(one.pool for one in self.alternates.values()))

    async def open(self) -> None:
        """Raises OSError when the address is taken."""
        host, port = address(self.config.listen)
        self._server = await self.loop.create_server(
            lambda: ClientConnection(self), host, port, backlog=_BACKLOG
        )

    def sweep(self, now: float) -> None:
        """Let go of what takes longer than the limits allow."""
        for client in tuple(self.clients):
            client.sweep(now)
        for upstream in tuple(self.upstreams):
            upstream.sweep(now)
        for pool in self._pools:
            pool.sweep(now)

    def drain(self) -> None:
        """Take no more connections; let what is under way come to its end."""
        self.draining = True
        if self._server is not None:
            self._server.close()
        for pool in self._pools:
            pool.close()
        for client in tuple(self.clients):
            client.drain()

    def close(self) -> None:
        """End every connection at once."""
        for client in tuple(self.clients):
            client.transport.abort()
        for upstream in tuple(self.upstreams):
            upstream.transport.abort()


def address(text: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[host]:port`. Raises ValueError for no such port."""
    host, _, port = text.rpartition(":")
    if int(port) > _PORT_MAX:  # the loop would take the rest of a division for it
        raise ValueError(f"there is no port beyond {_PORT_MAX}")
    return host.strip("[]"), int(port)


def _origin(name: str, upstream: str) -> Origin:
    try:
        return Origin.parse(upstream)
    except ValueError as error:
        raise FileError(
            f"listener {name}: upstream {upstream} is no address: {error}",
            next_step="gameday schema gate",
        ) from error


def _tls(name: str, ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # ssl's own errors are some
            raise FileError(
                f"listener {name}: ca_file {ca_file} cannot be read: {error.strerror or error}",
                next_step="name a file of PEM certificates by its whole path",
            ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context
