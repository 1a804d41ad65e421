"""Builds stored runs as a drill of a provider outage would leave them; made up, and seeded."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gameday.domain.arrivals import even_arrivals
from gameday.domain.component import Component
from gameday.domain.detection import Detection
from gameday.domain.drill import Drill
from gameday.domain.gate import Call
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.plan import make_plan
from gameday.domain.record import (
    Event,
    Moment,
    Readiness,
    RunRecord,
    RunRequest,
    ServedEntry,
    Stretch,
)
from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.target import Target
from gameday.domain.verdict import Stop
from gameday.reporting.judging import Logs
from gameday.store.run_folder import RunFolder

START = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
RATE_PER_S = 20
BASELINE_S, FAULTED_S, RECOVERED_S = 20.0, 30.0, 12.0
CASES = tuple(f"case-{number:03d}" for number in range(120))

CHECKS: tuple[dict[str, Any], ...] = (
    {"kind": "fallback", "to": "secondary", "within": "2s", "max_hops": 1},
    {"kind": "slo", "name": "availability"},
    {"kind": "slo", "name": "latency_p95"},
    {"kind": "envelope", "suite": "support", "margin": 0.10},
    {"kind": "cut_in_flight"},
    {"kind": "cost_per_success", "at_most": "1.5x baseline"},
    {"kind": "recovered_within", "objective": "60s"},
)


def at(seconds: float) -> datetime:
    """`seconds` after the start of the run."""
    return START + timedelta(seconds=seconds)


@dataclass(frozen=True)
class MadeRun:
    """All that a run leaves before it is judged."""

    record: RunRecord
    samples: tuple[Sample, ...]
    served_log: dict[str, tuple[ServedEntry, ...]] = field(default_factory=dict)
    events: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    calls: dict[str, tuple[Call, ...]] = field(default_factory=dict)

    @property
    def logs(self) -> Logs:
        return Logs(self.served_log, self.calls)

    def store(self, runs: Path) -> RunFolder:
        """Put it into a folder of its own below `runs`."""
        folder = RunFolder(runs / self.record.request.run_id)
        folder.write_record(self.record)
        folder.append_samples(self.samples)
        for provider, entries in self.served_log.items():
            folder.write_served_log(provider, entries)
        for provider, calls in self.calls.items():
            folder.write_calls(provider, calls)
        for author, events in self.events.items():
            folder.write_events(author, events)
        return folder

    def with_record(self, **changes: Any) -> "MadeRun":
        return replace(self, record=self.record.model_copy(update=changes))


def make_drill(on: str = "provider/primary", **changes: Any) -> Drill:
    return Drill.model_validate(
        {
            "drill": "provider-outage",
            "title": "The primary provider goes dark",
            "hypothesis": "When primary is unreachable, secondary answers within 2 s, inside the "
            "latency SLO and the quality envelope.",
            "target": "lab",
            "load": {"rate": "20/s", "suite": "support", "stream": True},
            "windows": {
                "baseline": "20s",
                "faulted": "30s",
                "recovered": {"until": "all_good", "at_most": "90s"},
            },
            "faults": [{"kind": "connection_refused", "on": on, "scope": "all"}],
            "abort_when": [{"metric": "error_rate", "above": 0.5, "for": "10s"}],
            "checks": CHECKS,
            **changes,
        }
    )


def make_target() -> Target:
    return Target.model_validate(
        {
            "target": "lab",
            "environments": {
                "lab": {
                    "injector": "http://127.0.0.1:8470",
                    "front_door": "http://127.0.0.1:8480/v1/chat/completions",
                }
            },
            "providers": {
                "primary": {"dialect": "openai", "toxiproxy": "primary"},
                "secondary": {"dialect": "anthropic", "toxiproxy": "secondary"},
            },
            "slos": {"availability": {"at_least": 0.995}, "latency_p95": {"at_most": "1s"}},
            "suite": "suites/support.yaml",
            "prices": {
                "answers-2026-08": {"input_usd_per_mtok": 1.0, "output_usd_per_mtok": 1.2},
                "reply-small-2": {"input_usd_per_mtok": 1.2, "output_usd_per_mtok": 1.8},
            },
        }
    )


def make_request(run_id: str, drill: Drill) -> RunRequest:
    target = make_target()
    return RunRequest(
        run_id=run_id,
        drill=drill,
        target=target,
        environment="lab",
        suite_file="suites/support.yaml",
        folder=f"runs/{run_id}",
        plan=make_plan(drill, target, "lab", cost_usd_max=0.42),
        requested_by="ana",
    )


Answer = Callable[[random.Random, float], dict[str, Any]]
"""How the request that is due at so many seconds ends: the fields of its sample."""


def _scored(right: bool) -> dict[str, Any]:
    return {"quality": float(right), "passed": right}


def by_primary(draw: random.Random, _: float) -> dict[str, Any]:
    took_ms = draw.lognormvariate(5.0, 0.28)
    return {
        "latency_ms": took_ms,
        "ttft_ms": took_ms * 0.4,
        "outcome": Outcome.OK,
        "status": 200,
        "served_by": "primary",
        "attempts": (Attempt(provider="primary", outcome=Outcome.OK, elapsed_ms=took_ms),),
        "model": "answers-2026-08",
        "fingerprint": "fp_3a1c",
        **_scored(draw.random() < 0.93),
        "cost_usd": 0.00021,
        "answer_excerpt": "You can return an unopened item within 30 days of delivery.",
    }


def by_secondary(draw: random.Random, _: float) -> dict[str, Any]:
    took_ms = draw.lognormvariate(5.55, 0.2)
    refused_ms = draw.uniform(1.0, 4.0)
    return {
        "latency_ms": took_ms + refused_ms,
        "ttft_ms": took_ms * 0.4,
        "outcome": Outcome.OK,
        "status": 200,
        "served_by": "secondary",
        "attempts": (
            Attempt(provider="primary", outcome=Outcome.REFUSED, elapsed_ms=refused_ms),
            Attempt(provider="secondary", outcome=Outcome.OK, elapsed_ms=took_ms),
        ),
        "model": "reply-small-2",
        **_scored(draw.random() < 0.91),
        "cost_usd": 0.00026,
        "answer_excerpt": "Unopened items can be sent back during the first 30 days.",
    }


def by_nobody(draw: random.Random, _: float) -> dict[str, Any]:
    took_ms = draw.uniform(3.0, 9.0)
    return {
        "latency_ms": took_ms,
        "outcome": Outcome.HTTP_ERROR,
        "status": 502,
        "detail": "502: all providers failed",
        "attempts": (Attempt(provider="primary", outcome=Outcome.REFUSED, elapsed_ms=took_ms),),
    }


def cut(draw: random.Random, _: float) -> dict[str, Any]:
    took_ms = draw.uniform(60.0, 120.0)
    return {
        "latency_ms": took_ms,
        "outcome": Outcome.CUT,
        "status": 200,
        "detail": "the stream ended before its end",
        "served_by": "primary",
        "attempts": (Attempt(provider="primary", outcome=Outcome.CUT, elapsed_ms=took_ms),),
    }


def make_samples(answer: Answer, seconds: float, seed: int = 7) -> tuple[Sample, ...]:
    """One sample every 50 ms for so long; `answer` says how each ends."""
    draw = random.Random(seed)
    return tuple(
        make_sample(seq, seq / RATE_PER_S, draw, answer) for seq in range(int(seconds * RATE_PER_S))
    )


def make_sample(seq: int, due_s: float, draw: random.Random, answer: Answer) -> Sample:
    fields = {"version": "v12", **answer(draw, due_s)}
    return Sample(
        seq=seq,
        case=CASES[seq % len(CASES)],
        intended_at=at(due_s),
        finished_at=at(due_s + fields["latency_ms"] / 1000),
        send_lag_ms=draw.uniform(0.1, 1.2),
        request_id=f"r-{seq:05d}",
        tokens_in=180,
        tokens_out=24,
        **fields,
    )


INJECT = Moment(requested_at=at(20.010), confirmed_at=at(20.013))
RESTORE = Moment(requested_at=at(50.020), confirmed_at=at(50.031))
ENDED_S = 62.0


def make_fault(on: str = "provider/primary", **changes: Any) -> FaultRecord:
    fields: dict[str, Any] = {
        "id": "7Q2K-1",
        "run_id": "7Q2K",
        "kind": "connection_refused",
        "on": on,
        "claim": f"toxiproxy/{on.partition('/')[2]}",
        "state": FaultState.CLEARED,
        "armed_at": INJECT.confirmed_at,
        "confirm_ms": 3.0,
        "cleared_at": RESTORE.confirmed_at,
        "cleared_by": ClearedBy.RESTORE,
        "evidence": {"dial": "refused", "dial_before": "accepted"},
        **changes,
    }
    return FaultRecord(**fields)


PREFLIGHT = (
    Readiness(name="front door", ok=True, sentence="answered in 171 ms"),
    Readiness(name="injector", ok=True, sentence="reachable, nothing outstanding"),
)


def make_record(run_id: str = "7Q2K", **changes: Any) -> RunRecord:
    fields: dict[str, Any] = {
        "request": make_request(run_id, make_drill()),
        "started_at": at(0),
        "ended_at": at(ENDED_S),
        "closed_by": "workflow",
        "preflight": PREFLIGHT,
        "inject": INJECT,
        "restore": RESTORE,
        "faults": (make_fault(),),
        **changes,
    }
    return RunRecord(**fields)


def passing_run() -> MadeRun:
    """Primary goes dark, secondary takes over at once, primary is back 1.2 s after the fault."""

    def answer(draw: random.Random, due_s: float) -> dict[str, Any]:
        if 19.87 <= due_s < 20.013:
            return cut(draw, due_s)
        away = 20.013 <= due_s < RESTORE_S + 1.2
        return (by_secondary if away else by_primary)(draw, due_s)

    samples = make_samples(answer, ENDED_S)
    return MadeRun(make_record(), samples, _logs(samples), _segments(ENDED_S))


RESTORE_S = 50.031
HUNG_UP: dict[str, Any] = {
    "outcome": Outcome.LEFT,
    "status": None,
    "served_by": None,
    "attempts": (),
    "quality": None,
    "passed": None,
    "detail": "hung up after 100 ms as the drill says",
}


def impatient_run() -> MadeRun:
    """The passing run with every fifth client of the fault's time hanging up, as it was told to."""
    run = passing_run()

    def leaves(sample: Sample) -> bool:
        return sample.seq % 5 == 0 and 21 < sample.seq / RATE_PER_S < 49

    samples = (s.changed(**HUNG_UP) if leaves(s) else s for s in run.samples)
    return replace(run, samples=tuple(samples))


def failing_run() -> MadeRun:
    """Primary goes dark and nobody else is asked; after 10 s the guard ends it."""
    restored_s, ended_s = 30.2, 42.0
    restore = Moment(requested_at=at(restored_s), confirmed_at=at(restored_s + 0.011))

    def answer(draw: random.Random, due_s: float) -> dict[str, Any]:
        dark = 20.013 <= due_s < restored_s
        return (by_nobody if dark else by_primary)(draw, due_s)

    samples = make_samples(answer, ended_s)
    record = make_record(
        "4F9C",
        restore=restore,
        ended_at=at(ended_s),
        faults=(make_fault(id="4F9C-1", run_id="4F9C", cleared_at=restore.confirmed_at),),
        stop=Stop(by="guard", reason="error_rate was 100 % for 10 s (at most 50 %)"),
    )
    return MadeRun(record, samples, _logs(samples), _segments(ended_s))


def inconclusive_run() -> MadeRun:
    """A fault on a provider that gets no traffic: nobody feels it."""
    samples = make_samples(by_primary, ENDED_S)
    record = make_record(
        "2N0P",
        request=make_request("2N0P", make_drill("provider/secondary", drill="noop")),
        faults=(make_fault("provider/secondary", id="2N0P-1", run_id="2N0P"),),
    )
    return MadeRun(record, samples, _logs(samples), _segments(ENDED_S))


def aborted_run() -> MadeRun:
    """Stopped by a person in the baseline: nothing was broken."""
    record = make_record(
        "9AB0",
        ended_at=at(8.0),
        inject=None,
        restore=None,
        faults=(),
        stop=Stop(by="operator", reason="stopped by ana after 8 s, before anything was broken"),
    )
    return MadeRun(record, make_samples(by_primary, 8.0))


def refused_run() -> MadeRun:
    """Refused at preflight, before a request was sent."""
    record = make_record(
        "0RF5",
        ended_at=at(0.4),
        inject=None,
        restore=None,
        faults=(),
        refused="policy 'lab' has no rule that allows connection_refused on provider/primary of "
        "lab/production",
        preflight=(*PREFLIGHT, Readiness(name="policy", ok=False, sentence="no rule allows it")),
    )
    return MadeRun(record, ())


def run_without_samples() -> MadeRun:
    """The fault came and went, and the load generator left nothing."""
    return MadeRun(make_record("5ZER"), ())


RISING = {
    "drill": "launch-spike",
    "title": "Launch day brings three times the users",
    "hypothesis": "When the load goes from 20/s to 60/s, answers stay inside every objective.",
    "load": {
        "rate": "20/s",
        "suite": "support",
        "stages": [{"to": "20/s", "over": "25s"}, {"to": "60/s", "over": "10s"},
                   {"to": "60/s", "over": "15s"}, {"to": "20/s", "over": "1s"}],
    },
    "windows": {"baseline": "20s", "peak": "30s", "recovered": "10s"},
    "faults": [],
    "abort_when": [],
    "checks": [
        {"kind": "holds_up_to", "name": "latency_p95", "rate": "60/s"},
        {"kind": "slo", "name": "availability"},
        {"kind": "slo", "name": "latency_p95", "window": "peak"},
        {"kind": "envelope", "suite": "support", "margin": 0.10},
        {"kind": "cost_per_success", "at_most": "1.5x baseline"},
        {"kind": "cost_per_success", "at_most": "$1"},
    ],
}  # fmt: skip


def rising_run(answer: Answer = by_primary, sent_share: float = 1.0) -> MadeRun:
    """Nothing is broken; the load goes up to 60/s. sent_share: of what was due at the peak."""
    drill = make_drill(**RISING)
    draw = random.Random(11)
    due = itertools.takewhile(lambda s: s < ENDED_S, even_arrivals(drill.load.curve()))
    kept = (s for s in due if s < 25.0 or draw.random() < sent_share)
    samples = tuple(make_sample(seq, due_s, draw, answer) for seq, due_s in enumerate(kept))
    record = make_record(
        "3PKR",
        request=make_request("3PKR", drill),
        inject=None,
        restore=None,
        faults=(),
        peak=Stretch(began_at=at(20.4), ended_at=at(50.6)),
    )
    return MadeRun(record, samples, _logs(samples))


RESPOND = Moment(requested_at=at(25.3), confirmed_at=at(25.4))
CALLED_S = 25.32
RESPONDING: dict[str, Any] = {
    "drill": "silent-model-update",
    "title": "The model behind the same name is replaced",
    "hypothesis": "A silent change is noticed, and rolled back while it is in force.",
    "detect": {"alpha": 0.01, "margin": 0.10, "by": ["envelope", "alert"]},
    "windows": {
        "baseline": "20s",
        "faulted": {"until": "detected", "at_most": "40s"},
        "responded": "24s",
        "recovered": {"until": "all_good", "at_most": "90s"},
    },
    "faults": [{"kind": "model_swap", "on": "provider/primary", "scope": "all",
                "to_model": "answers-2026-09", "reported": "same"}],
    "respond": [{"step": "pin_model", "to": "previous"}],
    "checks": [
        {"kind": "rolled_back_within", "detected": "20s", "called": "5s", "first_good": "5s",
         "all_good": "20s"},
        {"kind": "envelope", "suite": "support", "margin": 0.10, "in": "responded"},
    ],
}  # fmt: skip
PINNED = "answers-2026-07"


def by_worse(draw: random.Random, due_s: float) -> dict[str, Any]:
    """The update, under the name of the one before."""
    return {**by_primary(draw, due_s), **_scored(draw.random() < 0.4)}


def by_pinned(draw: random.Random, due_s: float) -> dict[str, Any]:
    return {**by_primary(draw, due_s), "model": PINNED, "fingerprint": "fp_77aa"}


def make_step(run_id: str, **evidence: Any) -> FaultRecord:
    return FaultRecord(
        id=f"{run_id}-step-0",
        run_id=run_id,
        kind="pin_model",
        on="component/model",
        claim="component/lab/model",
        step=True,
        state=FaultState.CLEARED,
        armed_at=RESPOND.confirmed_at,
        confirm_ms=90.0,
        cleared_at=at(50.040),
        cleared_by=ClearedBy.RESTORE,
        evidence={
            "to": PINNED, "seen_as": PINNED, "called_at": at(CALLED_S).isoformat(),
            "answered_at": at(25.38).isoformat(), "failed": "", "unverified": "",
            "version_at_arm": {"label": "answers-2026-08", "digest": "0" * 64}, **evidence,
        },
    )  # fmt: skip


def _responding_record(run_id: str, drill: Drill, **changes: Any) -> RunRecord:
    request = make_request(run_id, drill)
    told = {"backend": "http", "previous": PINNED, "user_cost": "low"}
    target = request.target.model_copy(
        update={"components": {"model": Component.model_validate(told)}}
    )
    plan = make_plan(drill, target, "lab", cost_usd_max=0.42)
    fields: dict[str, Any] = {
        "request": request.model_copy(update={"target": target, "plan": plan}),
        "decided_at": at(25.2),
        "respond": RESPOND,
        "steps": (make_step(run_id),),
        **changes,
    }
    return make_record(run_id, **fields)


def responding_run(pinned: Answer = by_pinned, **evidence: Any) -> MadeRun:
    """The primary's model is swapped, noticed after 5 s, and pinned while the swap is there.

    pinned: how answers are from 0.1 s after the call on. evidence: of the step.
    """

    def answer(draw: random.Random, due_s: float) -> dict[str, Any]:
        if not INJECT_S <= due_s < RESTORE_S:
            return by_primary(draw, due_s)
        return (by_worse if due_s < CALLED_S + 0.1 else pinned)(draw, due_s)

    samples = make_samples(answer, ENDED_S)
    swap = make_fault(
        id="8RW1-0", run_id="8RW1", kind="model_swap", claim="gate/primary",
        evidence={"gate_at_clear": {"matches": 600, "hits": 590, "request_ids": [
            s.request_id for s in samples if INJECT_S <= s.seq / RATE_PER_S < CALLED_S]}},
    )  # fmt: skip
    detection = Detection(
        at=at(25.0), by="envelope", requests=96, tokens=2304, evidence=240.0,
        sentence="quality is 53 points below the recorded, outside the 10-point margin after 96 "
        "requests (2304 tokens), at most a 1 % chance of a false alarm",
    )  # fmt: skip
    record = _responding_record(
        "8RW1",
        make_drill(**RESPONDING),
        faults=(swap,),
        detection=detection,
        steps=(make_step("8RW1", **evidence),),
    )
    return MadeRun(record, samples, _logs(samples))


INJECT_S = 20.013


def rehearsing_run(pinned: Answer = by_pinned) -> MadeRun:
    """Nothing is broken; the model is pinned and let go again."""
    windows = {key: RESPONDING["windows"][key] for key in ("baseline", "responded", "recovered")}
    checks = [{"kind": "rolled_back_within", "called": "5s", "first_good": "5s", "all_good": "20s"}]
    drill = make_drill(
        **{**RESPONDING, "drill": "rollback-rehearsal", "rehearse": "rollback", "faults": [],
           "windows": windows, "checks": checks, "detect": None},
    )  # fmt: skip

    def answer(draw: random.Random, due_s: float) -> dict[str, Any]:
        return (pinned if CALLED_S + 0.1 <= due_s < RESTORE_S else by_primary)(draw, due_s)

    record = _responding_record("5RHS", drill, inject=None, faults=(), detection=None)
    samples = make_samples(answer, ENDED_S)
    return MadeRun(record, samples, _logs(samples))


EVERY_RUN = {
    "rising": rising_run,
    "responding": responding_run,
    "rehearsing": rehearsing_run,
    "passing": passing_run,
    "failing": failing_run,
    "inconclusive": inconclusive_run,
    "impatient": impatient_run,
    "aborted": aborted_run,
    "refused": refused_run,
    "without_samples": run_without_samples,
}


def _logs(samples: tuple[Sample, ...]) -> dict[str, tuple[ServedEntry, ...]]:
    return {name: tuple(_served(samples, name)) for name in ("primary", "secondary")}


def _served(samples: tuple[Sample, ...], provider: str) -> Iterator[ServedEntry]:
    for sample in samples:
        reached = [a for a in sample.attempts if a.provider == provider and a.outcome == "ok"]
        if reached:
            yield ServedEntry(request_id=sample.request_id, at=sample.finished_at, outcome="ok")


def _segments(ended_s: float) -> dict[str, tuple[Event, ...]]:
    def say(author: str, *said: tuple[float, str, dict[str, Any]]) -> tuple[Event, ...]:
        return tuple(
            Event(author=author, seq=seq, at=at(seconds), what=what, facts=facts)
            for seq, (seconds, what, facts) in enumerate(said, start=1)
        )

    return {
        "workflow": say(
            "workflow",
            (0.0, "phase", {"phase": "baseline"}),
            (20.01, "phase", {"phase": "inject"}),
            (20.013, "phase", {"phase": "faulted"}),
            (ended_s - 12.0, "phase", {"phase": "restore"}),
            (ended_s, "phase", {"phase": "judge"}),
        ),
        "injector": say(
            "injector",
            (20.013, "armed", {"kind": "connection_refused", "lease_s": 15, "confirm_ms": 3}),
            (ended_s - 11.97, "cleared", {"by": "restore", "verified": True}),
        ),
        "probes": say(
            "probes", (0.0, "started", {"rate_per_s": 20}), (ended_s, "stopped", {"unsent": 0})
        ),
    }
