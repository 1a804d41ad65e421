"""Loopback ports: find a free one, say clearly when a wanted one is taken."""

import socket

from gameday.domain.errors import StartError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


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
