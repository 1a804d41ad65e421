"""Streams of events 5 ms apart: the first byte's delay, whether any event waits, and the cost."""

from itertools import pairwise

from bench.gate.asking import Asker, Got
from bench.gate.bench import Bench
from bench.gate.lanes import DIRECT, Lane
from bench.gate.listening import listen
from bench.goals import Figures
from bench.numbers import at, middle, rounded
from bench.processes import cpu_s
from bench.turns import turn
from bench.wire import SENT_NS, stream_request

GAP_MS = 5
_EVENTS = 6  # of one stream that is looked at alone
_STREAMS_AT_ONCE = 40
_WITHIN_S = 60.0


async def measure(bench: Bench) -> Figures:
    """Per lane: time to the first byte, events that were held back, processor time an event."""
    figures = await _alone(bench)
    direct_us = figures[DIRECT]["ttfb_p50_us"]
    for lane in bench.lanes:
        one = figures[lane.name]
        one["added_ttfb_p50_us"] = rounded(one["ttfb_p50_us"] - direct_us)
        one.update(await _under_load(bench, lane))
    return {"gap_ms": GAP_MS, "streams_at_once": _STREAMS_AT_ONCE, **figures}


async def _alone(bench: Bench) -> dict[str, Figures]:
    heard: dict[str, list[list[Got]]] = {lane.name: [] for lane in bench.lanes}
    for number in range(bench.sizes.alternations):
        for lane in turn(bench.lanes, number):
            heard[lane.name].append(await _some(lane, bench.sizes.streams))
    return {name: _one_lane(runs) for name, runs in heard.items()}


async def _some(lane: Lane, count: int) -> list[Got]:
    asker, request = Asker(lane.port), stream_request(_EVENTS, GAP_MS)
    try:
        await asker.ask(request)  # pays for connecting upstream
        return [await asker.ask(request) for _ in range(count)]
    finally:
        asker.close()


def _one_lane(runs: list[list[Got]]) -> Figures:
    p50s_us = [at([_first_byte_us(got) for got in run], 0.5) for run in runs]
    everything = [got for run in runs for got in run]
    return {
        "ttfb_p50_us": rounded(middle(p50s_us)),
        "events": sum(len(SENT_NS.findall(got.body)) for got in everything),
        "events_wanted": _EVENTS * len(everything),
        "chunks_merged": sum(merged(got) for got in everything),
        "chunks_held": sum(held(got) for got in everything),
    }


def _first_byte_us(got: Got) -> float:
    return (got.first_body_ns - got.asked_ns) / 1e3


def merged(got: Got) -> int:
    """Chunks that do not carry exactly one event, as each did when it left the upstream."""
    return sum(len(SENT_NS.findall(data)) != 1 for _, data in _filled(got))


def held(got: Got) -> int:
    """Events that were here only after the next one had left the upstream."""
    times = [
        (here_ns, int(sent)) for here_ns, data in _filled(got) for sent in SENT_NS.findall(data)
    ]
    return sum(here_ns > next_sent_ns for (here_ns, _), (_, next_sent_ns) in pairwise(times))


def _filled(got: Got) -> list[tuple[int, bytes]]:
    """Without the empty chunk that ends a body."""
    return [(here_ns, data) for here_ns, data in got.chunks if data]


async def _under_load(bench: Bench, lane: Lane) -> Figures:
    request = stream_request(bench.sizes.events, GAP_MS)
    before_s = cpu_s(lane.pid)
    heard = await listen(lane.port, request, _STREAMS_AT_ONCE, within_s=_WITHIN_S)
    spent_s = cpu_s(lane.pid) - before_s
    wanted = _STREAMS_AT_ONCE * bench.sizes.events
    return {
        "cpu_us_per_event": rounded(1e6 * spent_s / wanted),
        "transit_p50_us": rounded(1e3 * at(heard.transit_ms, 0.5)),
        "transit_p99_us": rounded(1e3 * at(heard.transit_ms, 0.99)),
        "errors_under_load": len(heard.errors) + _STREAMS_AT_ONCE - heard.whole,
        "events_lost_under_load": wanted - heard.events,
    }
