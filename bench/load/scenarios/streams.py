"""What one event of a stream costs: the generator times and reads each, aiohttp counts bytes."""

from bench.goals import Figures
from bench.load import servers
from bench.load.bench import Bench
from bench.load.clients import Streamer
from bench.load.costs import Cost, watch
from bench.load.running import Command, running
from bench.load.servers import Streams
from bench.numbers import middle, rounded
from bench.turns import turn

STREAMS = Streams(events=100, gap_ms=5)
_OPEN_AT_ONCE = 40
_RATE_PER_S = round(_OPEN_AT_ONCE / (STREAMS.events * STREAMS.gap_ms / 1000))


def measure(bench: Bench) -> Figures:
    """Per client: medians over the alternations, on the same schedule of new streams."""
    costs: dict[str, list[Cost]] = {}
    lanes: list[Streamer] = [bench.gameday, *([bench.aiohttp] if bench.aiohttp else [])]
    with servers.own(bench.where, bench.folder, streams=STREAMS) as server:
        for number in range(bench.sizes.alternations):
            for lane in turn(lanes, number):
                folder = bench.new_folder(f"streams-{lane.name}")
                command = lane.streams(server.port, _RATE_PER_S, _lasts_s(bench), folder)
                cost = _watched(bench, command, server)
                costs.setdefault(lane.name, []).append(cost)
    return {
        "gap_ms": STREAMS.gap_ms,
        "streams_at_once": _OPEN_AT_ONCE,
        **{
            name: {
                "cpu_us_per_event": rounded(middle([cost.cpu_us_each for cost in found])),
                "events_per_s": round(middle([cost.per_s for cost in found])),
            }
            for name, found in costs.items()
        },
    }


def _lasts_s(bench: Bench) -> float:
    """Of the schedule, which must go on for as long as is looked."""
    return bench.lasts_s + STREAMS.events * STREAMS.gap_ms / 1000


def _watched(bench: Bench, command: Command, server: servers.OwnServer) -> Cost:
    # Until as many streams have begun as are open at once, their number still grows.
    warm_s = bench.sizes.warm_s + STREAMS.events * STREAMS.gap_ms / 1000
    with running(command, bench.where, bench.folder) as client:
        return watch(client, server.events, warm_s=warm_s, window_s=bench.sizes.window_s)
