"""`python -m bench.report`: makes a run of a million samples, judges it, prints one document."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import cores, machine
from bench.command import Benchmark, main, say
from bench.goals import Figures, Goal, judged
from bench.report import report
from gameday.domain.errors import StartError
from gameday.domain.verdict import ExitCode

FULL, QUICK = 1_000_000, 20_000  # samples
_JUDGINGS = 3
_RUN = "B1"
GOALS = (
    Goal("judge_cpu_s", at_most=5, figure=("judge", "cpu_s")),
    Goal("judge_peak_mb", at_most=300, figure=("judge", "peak_mb")),
    Goal("sample_make_us", at_most=3, figure=("samples", "make_us")),
    Goal("sample_write_us", at_most=10, figure=("samples", "write_us")),
)


def run(quick: bool, alone: bool) -> Figures:  # noqa: ARG001 - there is no peer to be without
    """The whole document."""
    where, count = cores.choose(), QUICK if quick else FULL
    here = machine.describe(where)
    with tempfile.TemporaryDirectory() as name, cores.on(where.measured):
        say(f"making {count:,} samples")
        figures: Figures = {"samples": {"count": count, **_make(Path(name) / _RUN, count)}}
        say("judging them")
        figures["judge"] = _judge(Path(name))
    return {
        "quick": quick,
        "ratios": {},
        "goals": judged(figures, {}, GOALS),
        "figures": figures,
        "peers": {},
        "machine": here,
    }


def _make(folder: Path, count: int) -> Figures:
    argv = [sys.executable, "-m", "bench.report.making", str(folder), str(count)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    made: Figures = json.loads(done.stdout)
    return made


def _judge(runs: Path) -> Figures:
    """`gameday judge` as a person calls it, start of the interpreter included.

    cpu_s: the median. peak_mb: the most of all judgings.
    """
    spent = [_judge_once(runs) for _ in range(_JUDGINGS)]
    return {
        "cpu_s": round(median(cpu_s for cpu_s, _ in spent), 3),
        "cpu_s_min": round(min(cpu_s for cpu_s, _ in spent), 3),
        "cpu_s_max": round(max(cpu_s for cpu_s, _ in spent), 3),
        "peak_mb": round(max(peak_mb for _, peak_mb in spent), 1),
        "verdict": json.loads((runs / _RUN / "result.json").read_text())["verdict"],
        "report_kb": round((runs / _RUN / "report.html").stat().st_size / 1024),
    }


def _judge_once(runs: Path) -> tuple[float, float]:
    """Processor seconds and the most memory, as the kernel counts them for the whole process."""
    gameday = Path(sys.executable).with_name("gameday")
    with (runs / "judge.log").open("wb") as log:
        started = subprocess.Popen([gameday, "judge", _RUN, "--runs", runs], stdout=log, stderr=log)
        _, status, usage = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
    if started.returncode != ExitCode.PASSED:
        raise StartError(f"the run was not judged as it must be: {_last_line(runs / 'judge.log')}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


BENCHMARK = Benchmark("report", __doc__, run, report.table, report.markdown)

if __name__ == "__main__":
    raise SystemExit(main(BENCHMARK))
