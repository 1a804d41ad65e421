"""Windows of samples to judge a fault by."""

from collections.abc import Sequence
from typing import Any

from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.window import Window
from gameday.injector.clock import utc_now

NOW = utc_now()


def record(**evidence: object) -> FaultRecord:
    return FaultRecord(
        id="f1",
        run_id="R",
        kind="any",
        on="provider/primary",
        claim="toxiproxy/primary",
        state=FaultState.CLEARED,
        evidence=evidence,
    )


def sample(*attempts: Attempt) -> Sample:
    return Sample(
        seq=0,
        case="c",
        intended_at=NOW,
        finished_at=NOW,
        send_lag_ms=0,
        latency_ms=100,
        outcome=Outcome.OK,
        attempts=attempts,
    )


def at_primary(outcome: Outcome, elapsed_ms: float = 100.0) -> Sample:
    """A request that tried primary, and got its answer from secondary if it must."""
    first = Attempt(provider="primary", outcome=outcome, elapsed_ms=elapsed_ms)
    return sample(first, Attempt(provider="secondary", outcome=Outcome.OK, elapsed_ms=100.0))


def window(samples: Sequence[Sample]) -> Window:
    return Window("any", NOW, NOW, tuple(samples))


GOOD = [at_primary(Outcome.OK, 90.0 + n) for n in range(20)]
ELSEWHERE = sample(Attempt(provider="secondary", outcome=Outcome.REFUSED, elapsed_ms=5000.0))


def answered(
    outcome: Outcome = Outcome.OK, *, by: str = "primary", excerpt: str = "x" * 200, **more: Any
) -> Sample:
    """A request that `by` answered, as the client saw the answer end."""
    attempt = Attempt(provider=by, outcome=Outcome.OK, elapsed_ms=100.0)
    changes = {"outcome": outcome, "served_by": by, "answer_chars": len(excerpt)}
    return sample(attempt).changed(**changes, answer_excerpt=excerpt, **more)


def counted(hits: int, matches: int | None = None) -> FaultRecord:
    """The record of a fault whose gate counted so many changed answers."""
    evidence = {"hits": hits, "matches": hits if matches is None else matches}
    return record(gate_at_clear=evidence)
