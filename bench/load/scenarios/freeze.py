"""A server stands still for a second: how far is each client's report from what users met."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.goals import Figures
from bench.load import servers, truth
from bench.load.bench import Bench
from bench.load.clients import Peer
from bench.load.clients.aiohttp import Aiohttp
from bench.load.clients.gameday import Report
from bench.load.running import Command, running
from bench.load.truth import Freeze, Served
from bench.numbers import middle, rounded
from gameday.domain.errors import StartError
from gameday.domain.sample import Outcome, Sample

_ENDS_WITHIN_S = 90.0
_JUDGED_BY_MEDIAN = ("p50_error_ms", "p95_error", "p99_error")


def measure(bench: Bench) -> Figures:
    """Per client: what it says, the truth, how far it is off, and whether nothing is missing.

    The generator takes its turn in every alternation, each peer once.
    """
    sizes = bench.sizes
    own: list[Figures] = []
    figures: Figures = {
        "rate_per_s": sizes.freeze_rate_per_s,
        "lasts_s": sizes.freeze_lasts_s,
        "frozen_s": rounded(sizes.freeze.ends_s - sizes.freeze.begins_s),
    }
    with servers.own(bench.where, bench.folder, freeze=sizes.freeze) as server:
        for number in range(sizes.alternations):
            own.append(_gameday(bench, server))
            for peer in bench.peers[number :: sizes.alternations]:
                figures[peer.name] = _peer(bench, server, peer)
    return figures | {bench.gameday.name: _over_alternations(own)}


def _gameday(bench: Bench, server: servers.OwnServer) -> Figures:
    sizes, folder = bench.sizes, bench.new_folder("freeze-gameday")
    rate, lasts_s = sizes.freeze_rate_per_s, sizes.freeze_lasts_s
    _run(bench, bench.gameday.paced(server.port, rate, lasts_s, folder), folder)
    report = bench.gameday.report(rate, lasts_s, folder)
    served, _ = _log(server)
    places = {sample.request_id: sample.seq for sample in report.samples}
    by_place = {places[one.request_id]: one for one in served if one.request_id in places}
    said = truth.quantiles(report.latencies_ms)
    return _held_against(said, by_place, rate) | {
        "scheduled": report.scheduled,
        "answered": len(report.answered),
        "accounted": accounted(report, served) / report.scheduled,
    }


def _peer(bench: Bench, server: servers.OwnServer, peer: Peer) -> Figures:
    sizes, folder = bench.sizes, bench.new_folder(f"freeze-{peer.name}")
    rate, lasts_s = sizes.freeze_rate_per_s, sizes.freeze_lasts_s
    output = _run(bench, peer.paced(server.port, rate, lasts_s, folder), folder)
    served, freeze = _log(server)
    said, scheduled = peer.read(output), round(rate * lasts_s)
    if isinstance(peer, Aiohttp):
        by_place = {int(one.request_id): one for one in served}
        found = _held_against(said.quantiles, by_place, rate)
    else:
        met = truth.quantiles(truth.of_freeze(freeze, rate, scheduled))
        found = _figures(said.quantiles, met)
    return found | {
        "scheduled": scheduled,
        "answered": said.answered,
        "accounted": said.answered / scheduled,
    }


def _run(bench: Bench, command: Command, folder: Path) -> str:
    with running(command, bench.where, folder) as client:
        return client.result(within_s=bench.sizes.freeze_lasts_s + _ENDS_WITHIN_S)


def _log(server: servers.OwnServer) -> tuple[Sequence[Served], Freeze]:
    served, freeze = server.log()
    if freeze is None:
        raise StartError("the server did not freeze while it was asked")
    return served, freeze


def accounted(report: Report, served: Sequence[Served]) -> int:
    """How many scheduled requests have exactly one sample, which the server's log bears out.

    Less those that the server has answered and no sample speaks of.
    """
    samples_of = Counter(sample.seq for sample in report.samples)
    known = {one.request_id for one in served}
    borne_out = sum(
        samples_of[sample.seq] == 1 and _agrees(sample, known)
        for sample in report.samples
        if 0 <= sample.seq < report.scheduled
    )
    return borne_out - len(known - {sample.request_id for sample in report.samples})


def _agrees(sample: Sample, known: set[str]) -> bool:
    if sample.outcome is Outcome.OK:
        return sample.request_id in known
    if sample.outcome is Outcome.UNSENT:
        return sample.request_id not in known
    return True  # it failed: the server may have answered it, or never seen it


def _held_against(
    said: Mapping[str, float], served: Mapping[int, Served], rate_per_s: float
) -> Figures:
    return _figures(said, truth.quantiles(list(truth.of_schedule(served, rate_per_s).values())))


def _figures(said: Mapping[str, float], met: Mapping[str, float]) -> Figures:
    figures = {f"{name}_ms": rounded(value) for name, value in said.items()}
    figures |= {f"truth_{name}_ms": rounded(value) for name, value in met.items()}
    return figures | {name: round(value, 5) for name, value in truth.errors(said, met).items()}


def _over_alternations(runs: Sequence[Figures]) -> Figures:
    """Medians; of errors the median of their sizes; of what is accounted for the worst."""
    figures: Figures = {}
    for name in runs[0]:
        values = [run[name] for run in runs]
        if name in _JUDGED_BY_MEDIAN:
            values = [abs(value) for value in values]
        figures[name] = min(values) if name == "accounted" else middle(values)
    return figures
