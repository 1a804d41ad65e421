"""The connections of one listener to one upstream: those that stand idle, and new ones."""

import asyncio
import ssl
from typing import TYPE_CHECKING

from gameday.gate.framing import Origin
from gameday.gate.upstream_side import UpstreamConnection

if TYPE_CHECKING:
    from gameday.gate.exchange import Exchange
    from gameday.gate.listener import Listener

_IDLE_MAX = 512
_IDLE_S_MAX = 55.0  # below the minute after which many servers give a connection up


class Pool:
    """Last in, first out: the connection used last is the least likely to have been given up."""

    __slots__ = ("_connects", "_idle", "_tls", "listener", "origin")

    def __init__(self, listener: "Listener", origin: Origin, tls: ssl.SSLContext | None) -> None:
        self.listener = listener
        self.origin = origin
        self._tls = tls
        self._idle: list[UpstreamConnection] = []
        self._connects: set[asyncio.Task[None]] = set()  # the loop itself keeps no hold of a task

    def take(self) -> UpstreamConnection | None:
        while self._idle:
            connection = self._idle.pop()
            connection.pooled = False
            if not connection.transport.is_closing():
                return connection
        return None

    def give_back(self, connection: UpstreamConnection) -> None:
        if len(self._idle) >= _IDLE_MAX or self.listener.draining:
            connection.transport.abort()
            return
        connection.pooled = True
        connection.resume_reading()
        self._idle.append(connection)

    def forget(self, connection: UpstreamConnection) -> None:
        if connection.pooled:
            connection.pooled = False
            self._idle.remove(connection)

    def connect(self, exchange: "Exchange") -> None:
        """Make a new connection; the exchange is told."""
        task = self.listener.loop.create_task(self._connect(exchange))
        self._connects.add(task)
        task.add_done_callback(self._connects.discard)

    async def _connect(self, exchange: "Exchange") -> None:
        listener, origin = self.listener, self.origin
        try:
            async with asyncio.timeout(listener.limits.connect_within):
                _, connection = await listener.loop.create_connection(
                    lambda: UpstreamConnection(self),
                    origin.host,
                    origin.port,
                    ssl=self._tls,
                    server_hostname=origin.host if self._tls else None,
                )
        except TimeoutError:
            exchange.unreachable(f"no connection to {origin.host}:{origin.port} in time")
        except OSError as error:
            exchange.unreachable(f"no connection to {origin.host}:{origin.port}: {error}")
        else:
            if exchange.connecting:
                exchange.connected(connection)
            else:
                self.give_back(connection)

    def sweep(self, now: float) -> None:
        """Close what has stood idle for long. The oldest are in front."""
        limit = min(self.listener.limits.idle, _IDLE_S_MAX)
        for connection in self._idle:
            if now - connection.seen <= limit:
                break
            connection.transport.abort()

    def close(self) -> None:
        for connection in self._idle:
            connection.transport.abort()
