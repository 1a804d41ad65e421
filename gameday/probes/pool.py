"""The connections to one front door: those that stand idle, and new ones."""

import asyncio
import ssl

from gameday.domain.sample import Outcome
from gameday.probes.connection import Connection
from gameday.probes.exchange import Exchange
from gameday.probes.origin import Origin


class Pool:
    """Last in, first out: the connection used last is the least likely to have been given up.

    It never waits for a connection: an exchange that finds none idle gets a new one.
    """

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._idle: list[Connection] = []
        self._closed = False

    def carry(self, exchange: Exchange) -> None:
        """Send the exchange's request; it is told what comes of it."""
        while self._idle:
            connection = self._idle.pop()
            connection.idle = False
            if not connection.transport.is_closing():
                connection.carry(exchange)
                return
        self.connect(exchange)

    def connect(self, exchange: Exchange) -> None:
        """Send the exchange's request on a new connection."""
        exchange.connecting = asyncio.create_task(self._connect(exchange))

    def give_back(self, connection: Connection) -> None:
        if self._closed:
            connection.transport.abort()
            return
        connection.idle = True
        self._idle.append(connection)

    def forget(self, connection: Connection) -> None:
        if connection.idle:
            connection.idle = False
            self._idle.remove(connection)

    def close(self) -> None:
        self._closed = True
        for connection in self._idle:
            connection.transport.abort()

    async def _connect(self, exchange: Exchange) -> None:
        host, port, tls = self._origin
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self), host, port, ssl=tls, server_hostname=host if tls else None
            )
        except OSError as error:
            exchange.connecting = None
            exchange.lost(Outcome.REFUSED, f"no connection to {host}:{port}: {_why(error)}")
            return
        exchange.connecting = None
        connection.carry(exchange)


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return error.strerror or str(error) or type(error).__name__
