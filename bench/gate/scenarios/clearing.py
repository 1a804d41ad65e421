"""How soon traffic is clean after a fault is cleared, and how soon held requests are let go."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bench.gate.asking import Asker, Got
from bench.gate.bench import Bench
from bench.gate.peers.envoy import ABORT_KEY, DELAY_KEY, Envoy
from bench.gate.peers.gate import rule
from bench.goals import Figures
from bench.numbers import at, rounded
from bench.wire import request
from gameday.domain.errors import StartError

HELD = 50
_WITHIN_S = 20.0
_SETTLED_S = 0.3  # until all are there; an answer that comes sooner was not held
_ASKED = request()

Change = Callable[[], Awaitable[object]]


async def measure(bench: Bench) -> Figures:
    """The gate's rule, and Envoy's runtime key where Envoy is there."""
    held_ms = round(1000 * bench.sizes.held_s)
    figures = {
        "gate": await _one_proxy(
            bench,
            bench.gate_lane.port,
            error=_rule_of(bench, "http_error", status=503),
            hold=_rule_of(bench, "slow_first_token", latency_ms=held_ms, before="headers"),
        )
    }
    if bench.envoy is not None:
        figures["envoy"] = await _envoy(bench, bench.envoy)
    return {"held_requests": HELD, "held_for_s": bench.sizes.held_s, **figures}


def _rule_of(bench: Bench, kind: str, **settings: Any) -> tuple[Change, Change]:
    """How to put such a rule, a new one each time, and how to clear the last one put."""
    admin, last = bench.gate.admin, [rule(kind, **settings)]

    async def put() -> None:
        last[0] = rule(kind, **settings)
        await admin.put(last[0])

    return put, lambda: admin.clear(last[0].id)


async def _envoy(bench: Bench, envoy: Envoy) -> Figures:
    admin = Asker(envoy.admin_port)

    def to(key: str, percent: int) -> Change:
        return lambda: admin.ask(envoy.set_percent(key, percent))

    try:
        return await _one_proxy(
            bench,
            bench.envoy_lane.port,
            error=(to(ABORT_KEY, 100), to(ABORT_KEY, 0)),
            hold=(to(DELAY_KEY, 100), to(DELAY_KEY, 0)),
        )
    finally:
        admin.close()


async def _one_proxy(
    bench: Bench, port: int, *, error: tuple[Change, Change], hold: tuple[Change, Change]
) -> Figures:
    clean_ms = [await _clear_to_clean_ms(port, *error) for _ in range(bench.sizes.clears)]
    released_ms = await _last_released_ms(port, *hold)
    return {
        "clears": len(clean_ms),
        "clear_to_clean_p50_ms": rounded(at(clean_ms, 0.5)),
        "clear_to_clean_max_ms": rounded(max(clean_ms)),
        "last_held_released_ms": rounded(released_ms),
    }


async def _clear_to_clean_ms(port: int, arm: Change, clear: Change) -> float:
    """From the call that clears to the first whole 200, while a client asks without a pause."""
    asker = Asker(port)
    cleared_ns: list[int] = []

    async def clear_soon() -> None:
        # Anywhere between two answers, or the client and the clearing would march in step.
        await asyncio.sleep(random.uniform(0.005, 0.015))  # noqa: S311 - no secret
        cleared_ns.append(time.monotonic_ns())
        await clear()

    await arm()
    try:
        async with asyncio.timeout(_WITHIN_S):
            while (await _ask_again(asker)).status == 200:
                pass
            clearing = asyncio.create_task(clear_soon())
            while (got := await _ask_again(asker)).status != 200:
                pass
            await clearing
    finally:
        asker.close()
    return (got.done_ns - cleared_ns[0]) / 1e6


async def _ask_again(asker: Asker) -> Got:
    """One answer, from a new connection where the proxy closed the last without a word."""
    try:
        return await asker.ask(_ASKED)
    except StartError:
        return await asker.ask(_ASKED)


async def _last_released_ms(port: int, arm: Change, clear: Change) -> float:
    """From the call that clears to the last whole answer of those that were held."""
    askers = [Asker(port) for _ in range(HELD)]
    await arm()
    asking = [asyncio.create_task(asker.ask(_ASKED)) for asker in askers]
    try:
        done, _ = await asyncio.wait(asking, timeout=_SETTLED_S)
        if done:
            raise StartError(f"{len(done)} of {HELD} requests were answered that had to be held")
        cleared_ns = time.monotonic_ns()
        await clear()
        answers = await asyncio.gather(*asking)
    finally:
        for asker in askers:
            asker.close()
    if any(got.status != 200 for got in answers):
        raise StartError("a request that was held and let go got no 200")
    return (max(got.done_ns for got in answers) - cleared_ns) / 1e6
