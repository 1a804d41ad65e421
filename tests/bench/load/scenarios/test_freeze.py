"""Which scheduled requests count as accounted for."""

from datetime import UTC, datetime

import pytest

from bench.load.clients.gameday import Report
from bench.load.scenarios.freeze import accounted
from bench.load.truth import Served
from gameday.domain.sample import Outcome, Sample
from gameday.domain.samples import Samples

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sample(seq, outcome=Outcome.OK, request_id=None):
    return Sample(
        seq=seq,
        case="one",
        intended_at=NOW,
        finished_at=NOW,
        send_lag_ms=0.0,
        latency_ms=1.0,
        outcome=outcome,
        request_id=f"id-{seq}" if request_id is None else request_id,
    )


def served(*seqs):
    return [Served(f"id-{seq}", 0.0, 0.0) for seq in seqs]


def test_all_of_them():
    assert accounted(Report(3, Samples.of([sample(0), sample(1), sample(2)])), served(0, 1, 2)) == 3


@pytest.mark.parametrize(
    ("samples", "log", "why"),
    [
        ((sample(0), sample(1)), (0, 1), "one has no sample"),
        ((sample(0), sample(1), sample(1)), (0, 1), "one has two samples, one none"),
        ((sample(0), sample(1), sample(2)), (0, 1), "an answer that the server never gave"),
        ((sample(0), sample(1), sample(2, Outcome.UNSENT)), (0, 1, 2), "said unsent, was sent"),
        ((sample(0), sample(1), sample(2, request_id="id-9")), (0, 1, 2), "another's answer"),
        ((sample(0), sample(1), sample(7)), (0, 1, 7), "not of the schedule"),
        ((sample(0), sample(1), sample(2)), (0, 1, 2, 3), "the server answered one more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_not_all_of_them(samples, log, why):
    assert accounted(Report(3, Samples.of(samples)), served(*log)) < 3, why


def test_one_that_says_it_was_not_sent_and_one_that_failed_are_accounted_for():
    samples = (sample(0), sample(1, Outcome.UNSENT), sample(2, Outcome.TIMEOUT))
    assert accounted(Report(3, Samples.of(samples)), served(0)) == 3
    assert accounted(Report(3, Samples.of(samples)), served(0, 2)) == 3
    assert not Report(3, Samples.of(samples)).whole
