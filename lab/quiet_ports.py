"""Free ports that nobody takes while they are not listened on.

A proxy that a drill disables gives up its port and wants it back. Ports of the kernel's ephemeral
range may by then be the local end of somebody's connection, so these lie below it.
"""

import random

from gameday.domain.errors import StartError
from gameday.supervisor.ports import require_free

_RANGE = range(20_000, 30_000)
_TRIES = 200


def quiet_ports(count: int) -> list[int]:
    """Find `count` different free ports. Raises StartError when there are none."""
    found: list[int] = []
    # Not seeded: two labs that start at once must not try the same ports in the same order.
    for port in random.SystemRandom().sample(_RANGE, _TRIES):
        if len(found) == count:
            break
        try:
            require_free(port, "the lab")
        except StartError:
            continue
        found.append(port)
    if len(found) < count:
        raise StartError(
            f"found {len(found)} of {count} free ports between {_RANGE.start} and {_RANGE.stop}",
            next_step="end what holds them",
        )
    return found
