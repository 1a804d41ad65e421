"""Whether the gate does what it was asked to: a delay's length, and a share's exact count."""

import asyncio

from bench.gate.asking import Asker
from bench.gate.bench import Bench
from bench.gate.closed_loop import times_s
from bench.gate.peers.gate import rule
from bench.goals import Figures
from bench.numbers import at, rounded
from bench.wire import request

DELAY_MS = 200
SHARE = 0.1
SHARED_REQUESTS = 1_000
_IN_FLIGHT = 10


async def measure(bench: Bench) -> Figures:
    return {"delay": await _delay(bench), "share": await _share(bench)}


async def _delay(bench: Bench) -> Figures:
    """How far each delayed answer is from the delay and the time that it takes without one."""
    port = bench.gate_lane.port
    usual_ms = 1e3 * at(await times_s(port, request(), 200), 0.5)
    delay = rule("slow_first_token", latency_ms=DELAY_MS, before="headers")
    await bench.gate.admin.put(delay)
    try:
        took_ms = await _delayed_ms(port, bench.sizes.delays)
    finally:
        await bench.gate.admin.clear(delay.id)
    errors_ms = [abs(took - DELAY_MS - usual_ms) for took in took_ms]
    return {
        "delay_ms": DELAY_MS,
        "requests": len(errors_ms),
        "usual_p50_ms": rounded(usual_ms),
        "error_p50_ms": rounded(at(errors_ms, 0.5)),
        "error_p99_ms": rounded(at(errors_ms, 0.99)),
    }


async def _delayed_ms(port: int, count: int) -> list[float]:
    async def some(order: int) -> list[float]:
        # Spread over one delay, or all of them would be due in the same millisecond.
        await asyncio.sleep(order * DELAY_MS / 1000 / _IN_FLIGHT)
        asker = Asker(port)
        try:
            return [(await asker.ask(request())).took_ms for _ in range(count // _IN_FLIGHT)]
        finally:
            asker.close()

    runs = await asyncio.gather(*(some(order) for order in range(_IN_FLIGHT)))
    return [took for run in runs for took in run]


async def _share(bench: Bench) -> Figures:
    """How many of the requests were answered by the fault: by its own count and by the client's."""
    error = rule("http_error", status=503, share=SHARE)
    await bench.gate.admin.put(error)
    asker = Asker(bench.gate_lane.port)
    try:
        answers = [await asker.ask(request()) for _ in range(SHARED_REQUESTS)]
    finally:
        asker.close()
        ended = await bench.gate.admin.clear(error.id)
    return {
        "share": SHARE,
        "requests": SHARED_REQUESTS,
        "hits_by_client": sum(got.status == 503 for got in answers),
        "clean_by_client": sum(got.status == 200 for got in answers),
        "hits_by_gate": ended.evidence.hits,
        "matches_by_gate": ended.evidence.matches,
    }
