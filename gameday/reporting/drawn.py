"""What the picture of a run is made of, and where its time counts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gameday.domain.record import RunRecord
from gameday.domain.sample import Sample
from gameday.reporting.buckets import Bucket, make_buckets
from gameday.reporting.judging import Judged


@dataclass(frozen=True)
class Drawn:
    """What the picture is made of."""

    record: RunRecord
    judged: Judged
    samples: Sequence[Sample]

    @property
    def zero(self) -> datetime:
        """Time zero: the fault, or the start of a run that had none."""
        return self.record.inject.confirmed_at if self.record.inject else self.record.started_at

    @property
    def first_s(self) -> float:
        return (self.record.started_at - self.zero).total_seconds()

    @property
    def stayed(self) -> tuple[Sample, ...]:
        """All but those whose client hung up as it was told to: neither answered nor failed."""
        return tuple(sample for sample in self.samples if not sample.left)

    @property
    def seconds(self) -> float:
        return max(1.0, (self.judged.ended_at - self.record.started_at).total_seconds())

    def buckets(self) -> tuple[Bucket, ...]:
        return make_buckets(self.stayed, self.judged.windows, self.record.started_at, self.seconds)

    def slo_ms(self) -> float | None:
        slo = self.record.request.target.slos.get("latency_p95")
        return slo.at_most * 1000 if slo and slo.at_most else None
