"""The connections to one front door: those that stand idle, and new ones."""

import asyncio
import ssl
import time
from collections import deque

from gameday.domain.sample import Outcome
from gameday.probes.connection import Connection
from gameday.probes.exchange import Exchange
from gameday.probes.origin import Origin

_CONNECTS_A_TURN = 16


class Pool:
    """Last in, first out: the connection used last is the least likely to have been given up.

    An exchange that finds none idle gets a new one. Only so many are begun in one turn of the
    event loop: a new connection costs as much time as several requests, and a burst would
    otherwise open hundreds while the answers that free the first ones lie unread.
    """

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._idle: list[Connection] = []
        self._waiting: deque[Exchange] = deque()  # for whatever comes first
        self._closed = False

    def carry(self, exchange: Exchange) -> None:
        """Send the exchange's request; it is told what comes of it."""
        while self._idle:
            connection = self._idle.pop()
            connection.idle = False
            if not connection.transport.is_closing():
                connection.carry(exchange)
                return
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._connect_some)
        self._waiting.append(exchange)

    def connect(self, exchange: Exchange) -> None:
        """Send the exchange's request on a new connection."""
        exchange.connecting = asyncio.create_task(self._connect(exchange))

    def give_back(self, connection: Connection) -> None:
        if self._closed:
            connection.transport.abort()
            return
        exchange = self._first_waiting() if self._waiting else None
        if exchange is not None:
            connection.carry(exchange)
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

    def _connect_some(self) -> None:
        for _ in range(_CONNECTS_A_TURN):
            exchange = self._first_waiting()
            if exchange is None:
                return
            self.connect(exchange)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._connect_some)

    def _first_waiting(self) -> Exchange | None:
        """The first that is still wanted. What it has waited for us is our lateness."""
        while self._waiting:
            exchange = self._waiting.popleft()
            if exchange.finished_at is None:
                exchange.sent_at = time.monotonic()
                return exchange
        return None

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
