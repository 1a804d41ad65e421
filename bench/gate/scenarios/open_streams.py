"""Thousands of streams open at once through one gate on one core."""

import asyncio
import resource
import time

from bench.gate import lanes
from bench.gate.bench import Bench
from bench.gate.lanes import Lane
from bench.gate.listening import Heard, Stream
from bench.gate.peers.gate import Gate
from bench.goals import Figures
from bench.numbers import at, rounded
from bench.processes import cpu_s, resident_bytes
from bench.wire import stream_request
from gameday.domain.errors import StartError
from gameday.supervisor.ports import LOOPBACK, free_ports

_OPENED_AT_ONCE = 50
_WITHIN_S = 240.0
_OTHER_FILES = 200  # that a process has open beside its connections


async def measure(bench: Bench) -> Figures:
    """Its errors, its memory a stream, and how late events are; of a gate of its own."""
    allow_files(bench.sizes.open_streams + _OTHER_FILES)
    folder = bench.folder / "open-streams"
    folder.mkdir()
    upstream_port, *ports = free_ports(3)
    with lanes.opened([Gate(*ports)], upstream_port, bench.where, folder) as (_, gate):
        return await _through(bench, gate)


def allow_files(wanted: int) -> None:
    """Raises StartError when this process may not open so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise StartError(
            f"{wanted} open files are needed and at most {hard} allowed",
            next_step="raise the hard limit (ulimit -Hn) and run it again",
        )
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _through(bench: Bench, gate: Lane) -> Figures:
    streams, heard = bench.sizes.open_streams, Heard()
    empty_bytes, since_s = resident_bytes(gate.pid), time.monotonic()
    try:
        async with asyncio.timeout(_WITHIN_S):
            opened = await _open(gate.port, bench, heard)
            opened_s = time.monotonic() - since_s
            watched = await _watch(bench, gate, heard)
            open_now = sum(not stream.ended.done() for stream in opened)
            full_bytes = resident_bytes(gate.pid)
            await asyncio.gather(*(stream.ended for stream in opened))
    except TimeoutError:
        raise StartError(
            f"of {streams} streams {heard.whole} were whole within {_WITHIN_S:g} s"
        ) from None
    return {
        "streams": streams,
        "open_at_once": open_now,
        "whole": heard.whole,
        "errors": len(heard.errors),
        "first_errors": heard.errors[:3],
        "opened_in_s": rounded(opened_s),
        **watched,
        "resident_mb": rounded(full_bytes / 1e6),
        "resident_kb_per_stream": rounded((full_bytes - empty_bytes) / 1e3 / streams),
    }


async def _open(port: int, bench: Bench, heard: Heard) -> list[Stream]:
    """All of them, a few at a time and spread over one gap, as their events will then be too."""
    loop, sizes = asyncio.get_running_loop(), bench.sizes
    request = stream_request(sizes.open_events, sizes.open_gap_ms)
    since_s, opened = loop.time(), list[Stream]()
    while (left := sizes.open_streams - len(opened)) > 0:
        pairs = await asyncio.gather(
            *(
                loop.create_connection(lambda: Stream(request, heard), LOOPBACK, port)
                for _ in range(min(left, _OPENED_AT_ONCE))
            )
        )
        await asyncio.gather(*(stream.begun for _, stream in pairs))
        opened += [stream for _, stream in pairs]
        due_s = since_s + sizes.open_gap_ms / 1000 * len(opened) / sizes.open_streams
        await asyncio.sleep(max(0.0, due_s - loop.time()))
    return opened


async def _watch(bench: Bench, gate: Lane, heard: Heard) -> Figures:
    """Events and their lateness while all are open and none is being opened."""
    heard.gap_ms, heard.transit_ms = [], []
    spent_s, events = cpu_s(gate.pid), heard.events
    await asyncio.sleep(bench.sizes.open_for_s)
    spent_s, events = cpu_s(gate.pid) - spent_s, heard.events - events
    if not events:
        raise StartError("no event came while all streams were open")
    return {
        "gap_wanted_ms": bench.sizes.open_gap_ms,
        "gap_p50_ms": rounded(at(heard.gap_ms, 0.5)),
        "gap_p99_ms": rounded(at(heard.gap_ms, 0.99)),
        "transit_p50_ms": rounded(at(heard.transit_ms, 0.5)),
        "transit_p99_ms": rounded(at(heard.transit_ms, 0.99)),
        "events_per_s": round(events / bench.sizes.open_for_s),
        "cpu_us_per_event": rounded(1e6 * spent_s / events),
    }
