"""`python -m bench.report.making FOLDER REQUESTS`: a finished run, as a real one would leave it.

Prints one JSON document: what making a sample and what writing it took.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gameday.catalog.files import load_drill
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.plan import make_plan
from gameday.domain.record import Moment, RunRecord, RunRequest
from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.target import Target
from gameday.store.run_folder import RunFolder
from gameday.store.samples import SampleWriter

RATE_PER_S = 1_000
BASELINE, FAULTED = 0.3, 0.5  # of the whole time; the rest is the recovered window
_DRILL = Path(__file__).resolve().parents[2] / "drills" / "provider-outage.yaml"
_CASES = [f"case-{number:03d}" for number in range(120)]
_START = datetime(2026, 11, 21, 10, tzinfo=UTC)
_ANSWER = "You can return an unopened item within 30 days of delivery; we pay the postage."


def main() -> None:
    folder, requests = RunFolder(sys.argv[1]), int(sys.argv[2])
    seconds = requests / RATE_PER_S
    samples = _samples(requests, seconds)
    made_s = written_s = 0.0
    with SampleWriter(folder.samples_file()) as writer:
        while True:
            began_s = time.process_time()
            chunk = list(_take(samples, 10_000))
            made_at_s = time.process_time()
            for sample in chunk:
                writer.write(sample)
            made_s += made_at_s - began_s
            written_s += time.process_time() - made_at_s
            if not chunk:
                break
    folder.write_record(_record(folder, seconds))
    # A run is closed once it has a result; that `gameday judge` writes it anew is what is measured.
    folder.result_file.write_text("{}")
    size = folder.samples_file().stat().st_size
    print(
        json.dumps(
            {
                "write_us": round(1e6 * written_s / requests, 2),
                "make_us": round(_cost_of_one(), 2),
                "bytes_per_sample": round(size / requests, 1),
            }
        )
    )


def _take(samples: Iterator[Sample], count: int) -> Iterator[Sample]:
    for _, sample in zip(range(count), samples, strict=False):
        yield sample


def _samples(requests: int, seconds: float) -> Iterator[Sample]:
    """In the order in which they end, more or less: what has waited longer comes later."""
    draw = random.Random(7)  # noqa: S311 - made up, and the same each time
    faulted_s, restored_s = BASELINE * seconds, (BASELINE + FAULTED) * seconds
    for seq in range(requests):
        due_s = seq / RATE_PER_S
        dark = faulted_s <= due_s < restored_s
        yield Sample(**_fields(draw, seq, due_s, dark=dark))


def _fields(draw: random.Random, seq: int, due_s: float, *, dark: bool) -> dict[str, Any]:
    took_ms = draw.lognormvariate(5.5 if dark else 5.0, 0.3)
    primary = Attempt("primary", Outcome.REFUSED if dark else Outcome.OK, 3.0 if dark else took_ms)
    lost = dark and draw.random() < 0.0005
    due = _START + timedelta(seconds=due_s)
    secondary = Attempt("secondary", Outcome.OK, took_ms - 3)
    good = {
        "outcome": Outcome.OK,
        "ttft_ms": took_ms * 0.4,
        "gap_ms_mean": draw.uniform(5, 20),
        "gap_ms_max": draw.uniform(20, 60),
        "finish_reason": "stop",
        "served_by": "secondary" if dark else "primary",
        "model": "reply-small-2" if dark else "answers-2026-08",
        "fingerprint": "fp_3a1c",
        "tokens_in": 180,
        "tokens_out": draw.randrange(20, 40),
        "cost_usd": draw.uniform(0.0002, 0.0003),
        "scores": {"contains": (score := float(draw.random() < 0.93))},
        "quality": score,
        "passed": score == 1,
        "answer_chars": len(_ANSWER),
        "answer_excerpt": _ANSWER,
    }
    bad = {"outcome": Outcome.HTTP_ERROR, "detail": "status 502; unnamed"}
    return {
        "seq": seq,
        "case": _CASES[draw.randrange(len(_CASES))],
        "intended_at": due,
        "finished_at": due + timedelta(milliseconds=took_ms),
        "send_lag_ms": draw.uniform(0.05, 0.8),
        "latency_ms": took_ms,
        "status": 502 if lost else 200,
        "attempts": (primary, secondary) if dark else (primary,),
        "version": "v12",
        "request_id": f"gd-{draw.getrandbits(64):016x}",
        **(bad if lost else good),
    }


def _cost_of_one() -> float:
    """Microseconds to make one, all its fields at hand."""
    draw = random.Random(7)  # noqa: S311
    fields, rounds = _fields(draw, 0, 0.0, dark=True), 20_000
    began_s = time.process_time()
    for _ in range(rounds):
        Sample(**fields)
    return 1e6 * (time.process_time() - began_s) / rounds


def _record(folder: RunFolder, seconds: float) -> RunRecord:
    """What the workflow remembers of the drill `provider-outage`, at a thousand a second."""
    drill = load_drill(_DRILL)
    load = drill.load.model_copy(update={"rate": float(RATE_PER_S)})
    windows = drill.windows.model_copy(
        update={"baseline": BASELINE * seconds, "faulted": FAULTED * seconds}
    )
    drill = drill.model_copy(update={"load": load, "windows": windows})
    target = _target()

    def moment(share: float) -> Moment:
        at = _START + timedelta(seconds=share * seconds)
        return Moment(requested_at=at - timedelta(milliseconds=10), confirmed_at=at)

    inject, restore = moment(BASELINE), moment(BASELINE + FAULTED)
    fault = FaultRecord(
        id="B1-1",
        run_id=folder.run_id,
        kind="connection_refused",
        on="provider/primary",
        claim="toxiproxy/primary",
        state=FaultState.CLEARED,
        armed_at=inject.confirmed_at,
        confirm_ms=3.0,
        cleared_at=restore.confirmed_at,
        cleared_by=ClearedBy.RESTORE,
        evidence={"dial": "refused"},
    )
    return RunRecord(
        request=RunRequest(
            run_id=folder.run_id,
            drill=drill,
            target=target,
            environment="lab",
            suite_file="suites/support.yaml",
            folder=str(folder.path),
            plan=make_plan(drill, target, "lab"),
            requested_by="bench",
        ),
        started_at=_START,
        ended_at=_START + timedelta(seconds=seconds + 5),
        closed_by="workflow",
        inject=inject,
        restore=restore,
        faults=(fault,),
    )


def _target() -> Target:
    return Target.model_validate(
        {
            "target": "lab",
            "environments": {
                "lab": {"injector": "http://127.0.0.1:1", "front_door": "http://127.0.0.1:2"}
            },
            "providers": {
                "primary": {"dialect": "openai", "toxiproxy": "primary"},
                "secondary": {"dialect": "anthropic", "toxiproxy": "secondary"},
            },
            "slos": {
                "availability": {"at_least": 0.995},
                "latency_p95": {"at_most": "1s"},
                "ttft_p95": {"at_most": "700ms"},
            },
            "suite": "suites/support.yaml",
            "prices": {
                "answers-2026-08": {"input_usd_per_mtok": 1.0, "output_usd_per_mtok": 1.2},
                "reply-small-2": {"input_usd_per_mtok": 1.2, "output_usd_per_mtok": 1.8},
            },
        }
    )


if __name__ == "__main__":
    main()
