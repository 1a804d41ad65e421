"""How late requests leave at a rate of 1,000 a second."""

from bench.goals import Figures
from bench.load import servers
from bench.load.bench import Bench
from bench.load.running import running
from bench.numbers import at, middle, rounded
from gameday.domain.errors import StartError

RATE_PER_S = 1_000
_ENDS_WITHIN_S = 60.0


def measure(bench: Bench) -> Figures:
    """Medians over the alternations of each one's p50 and p99."""
    runs: list[list[float]] = []
    lasts_s = bench.sizes.lateness_lasts_s
    with servers.own(bench.where, bench.folder) as server:
        for _ in range(bench.sizes.alternations):
            folder = bench.new_folder("lateness")
            command = bench.gameday.paced(server.port, RATE_PER_S, lasts_s, folder)
            with running(command, bench.where, folder) as client:
                client.result(within_s=lasts_s + _ENDS_WITHIN_S)
            report = bench.gameday.report(RATE_PER_S, lasts_s, folder)
            if not report.whole:
                raise StartError(
                    f"of {report.scheduled} requests {len(report.answered)} were answered"
                )
            runs.append([sample.send_lag_ms for sample in report.samples])
    return {
        "rate_per_s": RATE_PER_S,
        bench.gameday.name: {
            f"send_lag_{name}_ms": rounded(middle([at(run, quantile) for run in runs]))
            for name, quantile in (("p50", 0.50), ("p99", 0.99))
        },
    }
