"""What a client does and costs, looked at from outside: the same for every client.

The server counts what it has served, the kernel what the client's processes have used. Both are
read twice while the client is at work, so that neither its start nor its end is in the figures,
and no client is asked what it thinks of itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.load.running import Running
from gameday.domain.errors import StartError

_STARTS_WITHIN_S = 30.0
_LOOK_S = 0.02


@dataclass(frozen=True)
class Cost:
    """Of one window. served: requests, or events of streams."""

    served: int
    elapsed_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        return self.served / self.elapsed_s

    @property
    def cpu_us_each(self) -> float:
        return 1e6 * self.cpu_s / self.served

    @property
    def cpu_share(self) -> float:
        return self.cpu_s / self.elapsed_s


def watch(client: Running, served: Callable[[], int], *, warm_s: float, window_s: float) -> Cost:
    """Wait until it sends, let it get warm, and measure for `window_s`.

    Raises StartError when it sends nothing, or ends before the window does.
    """
    _wait_for_first(client, served)
    client.pause(warm_s)
    before, before_s, since_s = served(), client.cpu_s(), time.perf_counter()
    client.pause(window_s)
    after, after_s, until_s = served(), client.cpu_s(), time.perf_counter()
    if after == before:
        raise StartError(f"{client.command.name} sent nothing within {window_s:g} s")
    return Cost(after - before, until_s - since_s, after_s - before_s)


def _wait_for_first(client: Running, served: Callable[[], int]) -> None:
    at_first, until_s = served(), time.monotonic() + _STARTS_WITHIN_S
    while served() == at_first:
        if client.ended():
            client.result(within_s=0)  # says why, where it failed
            raise StartError(f"{client.command.name} ended and had sent nothing")
        if time.monotonic() > until_s:
            raise StartError(f"{client.command.name} sent nothing within {_STARTS_WITHIN_S:g} s")
        time.sleep(_LOOK_S)
