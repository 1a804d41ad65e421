"""How long after its lease's end a rule still touches traffic, when nobody renews or clears it.

That is all that is left of a fault once the control process has been killed.
"""

import asyncio
import time

from bench.gate.asking import Asker
from bench.gate.bench import Bench
from bench.gate.peers.gate import rule
from bench.goals import Figures
from bench.numbers import at, rounded
from bench.wire import request
from gameday.domain.errors import StartError

LEASE_S = 0.5
_WITHIN_S = 20.0


async def measure(bench: Bench) -> Figures:
    """Lateness of the last touched answer, from when the rule was asked for plus its lease."""
    late_ms = [await _late_ms(bench) for _ in range(bench.sizes.leases)]
    return {
        "lease_s": LEASE_S,
        "leases": len(late_ms),
        "late_p50_ms": rounded(at(late_ms, 0.5)),
        "late_max_ms": rounded(max(late_ms)),
    }


async def _late_ms(bench: Bench) -> float:
    asker, error = Asker(bench.gate_lane.port), rule("http_error", status=503, lease_s=LEASE_S)
    # Before it is put, so that the lease's own end is not earlier than what it is compared with.
    put_ns = time.monotonic_ns()
    await bench.gate.admin.put(error)
    touched = 0
    try:
        async with asyncio.timeout(_WITHIN_S):
            while (got := await asker.ask(request())).status != 200:
                touched += 1
    finally:
        asker.close()
    ended = await bench.gate.admin.read(error.id)
    if not touched or ended.ended != "lease":
        raise StartError(
            f"a rule with a lease of {LEASE_S:g} s touched {touched} requests "
            f"and ended by {ended.ended!r}"
        )
    return (got.done_ns - put_ns) / 1e6 - 1e3 * LEASE_S
