"""All runs of all variants, spread over processes, and their figures."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.drift.answers import REFERENCE, read_answers
from bench.drift.null_streams import simulate
from bench.drift.runs import requests_to_alarm, verdict_of_envelope
from gameday.domain.betting import Kinship
from gameday.domain.quality_envelope import Verdict
from gameday.domain.statistics import percentile

MARGINS = (0.05, 0.10)
_NEVER = float("inf")


@dataclass(frozen=True)
class Asked:
    """What is measured."""

    file: Path
    alpha: float
    sims: int
    null_streams: int = 0


def measure(asked: Asked, processes: int | None = None) -> dict[str, Any]:
    """The figures of every variant; of the same file and settings always the same.

    processes: as many as there are cores where it is not said.
    """
    variants = list(read_answers(asked.file))
    with ProcessPoolExecutor(processes or len(os.sched_getaffinity(0))) as pool:
        null = pool.submit(simulate, asked.null_streams) if asked.null_streams else None
        figures = pool.map(figures_of, [asked] * len(variants), variants)
        return {
            "file": asked.file.name,
            "alpha": asked.alpha,
            "sims": asked.sims,
            "variants": dict(zip(variants, figures, strict=True)),
            "null": null.result() if null else None,
        }


def figures_of(asked: Asked, name: str) -> dict[str, Any]:
    """The figures of one variant: of its alarms, and of its envelope at each margin."""
    answers = read_answers(asked.file)
    base, variant, kinship = answers[REFERENCE], answers[name], Kinship()
    seeds = [f"{name} {sim}" for sim in range(asked.sims)]
    alarms = [
        requests_to_alarm(base, variant, alpha=asked.alpha, seed=seed, kinship=kinship)
        for seed in seeds
    ]
    envelope = {
        f"{margin:.2f}": _of_verdicts(
            [
                verdict_of_envelope(base, variant, margin=margin, alpha=asked.alpha, seed=seed)
                for seed in seeds
            ]
        )
        for margin in MARGINS
    }
    return {"alarm": _of_alarms(alarms), "envelope": envelope}


def _of_alarms(alarms: Sequence[int | None]) -> dict[str, float | None]:
    return {
        "share": _share(sum(alarm is not None for alarm in alarms), len(alarms)),
        "median": _at([_NEVER if alarm is None else alarm for alarm in alarms], 0.5),
        "p90": _at([_NEVER if alarm is None else alarm for alarm in alarms], 0.9),
    }


def _of_verdicts(verdicts: Sequence[tuple[Verdict, int]]) -> dict[str, float | None]:
    found = [verdict for verdict, _ in verdicts]
    requests = [_NEVER if v is Verdict.UNDECIDED else n for v, n in verdicts]
    shares = {v.value.lower(): _share(found.count(v), len(found)) for v in Verdict}
    return {**shares, "median": _at(requests, 0.5)}


def _at(requests: Sequence[float], quantile: float) -> float | None:
    """The quantile over all runs; None where fewer of them came to an end."""
    found = percentile(requests, quantile)
    return None if found is None or found == _NEVER else found


def _share(count: int, of: int) -> float:
    return round(count / of, 4)
