"""Loopback ports: find a free one, say clearly when a wanted one is taken."""

import os
import random
import socket
import time
from collections import deque

from gameday.domain.errors import StartError

LOOPBACK = "127.0.0.1"
_RANGE = range(20_000, 30_000)
_TRIES = 200
_CLAIMED_S = 60.0  # as long as a program may take to listen on a port that was found for it
_claims: deque[tuple[float, int]] = deque()  # time.monotonic(), and the descriptor that holds it


def free_ports(count: int) -> list[int]:
    """Find `count` different free ports. Raises StartError when there are none.

    Below the kernel's ephemeral range: a proxy that a drill disables gives up its port and wants
    it back, and by then an ephemeral one may be the local end of somebody's connection.
    What is found here is found by no other process of Gameday's for a minute, or until this one
    ends: the UDP port of the same number, which nobody else wants, says that it is taken.
    """
    while _claims and time.monotonic() - _claims[0][0] > _CLAIMED_S:
        os.close(_claims.popleft()[1])
    found: list[int] = []
    # Not seeded: two stacks that start at once must not try the same ports in the same order.
    for port in random.SystemRandom().sample(_RANGE, min(_TRIES, len(_RANGE))):
        if len(found) == count:
            break
        try:
            require_free(port, "a test of whether it is free")
        except StartError:
            continue
        if _claim(port):
            found.append(port)
    if len(found) < count:
        raise StartError(
            f"found {len(found)} of {count} free ports between {_RANGE.start} and {_RANGE.stop}",
            next_step="end what holds them",
        )
    return found


def free_port() -> int:
    return free_ports(1)[0]


def _claim(port: int) -> bool:
    holder = socket.socket(type=socket.SOCK_DGRAM)
    try:
        holder.bind((LOOPBACK, port))
    except OSError:
        holder.close()
        return False
    _claims.append((time.monotonic(), holder.detach()))
    return True


def require_free(port: int, what: str) -> None:
    """Raises StartError when something already listens on `port`."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError as error:
            raise StartError(
                f"port {port}, wanted for {what}, is taken",
                next_step="end the program that holds it, or choose another port",
            ) from error


def answers(port: int, *, timeout_s: float = 0.3) -> bool:
    """Whether something accepts connections on `port`."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout_s):
            return True
    except OSError:
        return False
