"""`python -m bench.pages`: the report of 100,000 samples and a site of 2,000 runs, one document."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from bench import cores, machine
from bench.command import Benchmark, main, say
from bench.goals import Figures, Goal, judged
from bench.pages import report
from bench.pages.opening import opens_ms
from gameday.domain.errors import StartError
from gameday.domain.history import HistoryRow
from gameday.domain.verdict import ExitCode
from gameday.reporting.past import Past
from gameday.reporting.site import INDEX, Site, drill_page, write_site
from gameday.store.history import History
from gameday.store.run_folder import RunFolder

SAMPLES, QUICK_SAMPLES = 100_000, 8_000
DRILLS, RUNS, QUICK_RUNS = 20, 100, 3  # of the site; runs of each drill
ROUNDS, QUICK_ROUNDS = 5, 1  # of opening a page
_RUN = "B1"
GOALS = (
    Goal("report_kb", at_most=500, figure=("report", "kb")),
    Goal("report_opens_ms", at_most=1000, figure=("report", "opens_ms")),
    Goal("site_index_opens_ms", at_most=1000, figure=("site", "index_opens_ms")),
)


def run(quick: bool, alone: bool) -> Figures:  # noqa: ARG001 - there is no peer to be without
    """The whole document."""
    where, count = cores.choose(), QUICK_SAMPLES if quick else SAMPLES
    rounds = QUICK_ROUNDS if quick else ROUNDS
    here = machine.describe(where)
    with tempfile.TemporaryDirectory() as name, cores.on(where.measured):
        folder = Path(name)
        say(f"making and judging a run of {count:,} samples")
        row = _judged(folder, count)
        page = _page(folder / _RUN / "report.html", rounds)
        figures: Figures = {"report": {"samples": count, **page}}
        say("making a site")
        figures["site"] = _site(row, folder / "site", QUICK_RUNS if quick else RUNS, rounds)
    return {
        "quick": quick,
        "ratios": {},
        "goals": judged(figures, {}, GOALS),
        "figures": figures,
        "peers": {},
        "machine": here,
    }


def _judged(runs: Path, count: int) -> HistoryRow:
    """The run's row in a history, after `gameday judge` has written its report."""
    making = [sys.executable, "-m", "bench.report.making", str(runs / _RUN), str(count)]
    subprocess.run(making, check=True, capture_output=True)
    gameday = Path(sys.executable).with_name("gameday")
    state = ["--runs", str(runs), "--state", str(runs / "state")]
    done = subprocess.run([gameday, "judge", _RUN, *state], capture_output=True, check=False)
    if done.returncode != ExitCode.PASSED:
        raise StartError(f"the run was not judged as it must be: {done.stderr.decode()[-300:]}")
    return History(runs / "state").put(RunFolder(runs / _RUN))


def _page(page: Path, rounds: int) -> Figures:
    took_ms = opens_ms(page, page.parent, rounds)
    return {
        "kb": round(page.stat().st_size / 1024, 1),
        "opens_ms": None if took_ms is None else round(took_ms, 1),
    }


def _site(row: HistoryRow, folder: Path, runs: int, rounds: int) -> Figures:
    """A site of rows alone; to copy the runs' reports would measure the disk."""
    pasts = [Past(tuple(_rows(row, f"drill-{number:02d}", runs))) for number in range(DRILLS)]
    began_s = time.process_time()
    pages = write_site(Site(pasts, (), row.ended_at + timedelta(weeks=runs)), folder)
    cpu_s = time.process_time() - began_s
    index = _page(folder / INDEX, rounds)
    drill = _page(folder / drill_page(pasts[0]), rounds)
    return {
        "runs": DRILLS * runs,
        "pages": pages,
        "cpu_s": round(cpu_s, 2),
        "index_kb": index["kb"],
        "index_opens_ms": index["opens_ms"],
        "drill_kb": drill["kb"],
        "drill_opens_ms": drill["opens_ms"],
    }


def _rows(row: HistoryRow, drill: str, runs: int) -> Iterator[HistoryRow]:
    """One run a week, whose figures differ by about 10 %."""
    draw = Random(drill)  # noqa: S311 - made up, and the same each time
    for week in range(runs):
        by = timedelta(weeks=week)
        figures = (
            one.model_copy(update={"value": one.value * draw.gauss(1, 0.1)}) for one in row.figures
        )
        yield row.model_copy(
            update={
                "run_id": f"{drill}-{week}",
                "drill": drill,
                "started_at": row.started_at + by,
                "ended_at": row.ended_at + by,
                "figures": tuple(figures),
                "folder": f"/nowhere/{drill}-{week}",
            }
        )


BENCHMARK = Benchmark("pages", __doc__, run, report.table, report.markdown)

if __name__ == "__main__":
    raise SystemExit(main(BENCHMARK))
