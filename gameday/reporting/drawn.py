"""What the picture of a run is made of, and where its time counts from."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from gameday.domain.record import RunRecord
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.reporting.buckets import Bucket, make_buckets
from gameday.reporting.harm import longest_without_answer_s
from gameday.reporting.judging import Judged


@dataclass(frozen=True)
class Drawn:
    """What the picture is made of."""

    record: RunRecord
    judged: Judged
    samples: Samples

    @property
    def zero(self) -> datetime:
        """Time zero: the fault, else the response, else the start of a run that had neither."""
        if self.record.inject is not None:
            return self.record.inject.confirmed_at
        if self.record.respond is not None:
            return self.record.respond.requested_at
        return self.record.started_at

    @property
    def zero_words(self) -> str:
        """What time zero is."""
        if self.record.inject is not None:
            return "the moment the fault was armed"
        return "the call of the response" if self.record.respond is not None else "the start"

    @property
    def first_s(self) -> float:
        return (self.record.started_at - self.zero).total_seconds()

    @property
    def seconds(self) -> float:
        return max(1.0, (self.judged.ended_at - self.record.started_at).total_seconds())

    @cached_property
    def buckets(self) -> tuple[Bucket, ...]:
        stayed, start = self.samples.stayed, self.record.started_at
        return make_buckets(stayed, self.judged.windows, start, self.seconds)

    @cached_property
    def kinds_at_fault(self) -> dict[tuple[Any, ...], Sample]:
        """The first that met the fault of each way, outcome and provider that served."""
        return self.judged.at_fault.kinds("attempts", "outcome", "served_by")

    @cached_property
    def longest_without_answer_s(self) -> float:
        return longest_without_answer_s(self.samples.stayed)

    def slo_ms(self) -> float | None:
        slo = self.record.request.target.slos.get("latency_p95")
        return slo.at_most * 1000 if slo and slo.at_most else None
