"""Says whether a run's samples and faults can be judged at all."""

from collections.abc import Sequence

from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.record import RunRecord
from gameday.domain.sample import Outcome, Sample
from gameday.domain.samples import Samples
from gameday.domain.statistics import percentile
from gameday.domain.verdict import Stop

SEND_LAG_SHARE_MAX = 0.05  # of the tightest latency objective
UNSENT_SHARE_MAX = 0.01
_ASKED_FOR = frozenset({ClearedBy.RESTORE, ClearedBy.RESPONSE})


def why_invalid(record: RunRecord, recorded: Sequence[Sample]) -> str:
    """Why the samples cannot decide anything, in one sentence; empty when they can."""
    samples = Samples.of(recorded)
    if record.invalid:
        return record.invalid
    if record.inject is None:
        return ""  # nothing was broken, so there is nothing that the samples should show
    if not samples:
        return "not one sample was recorded: nobody saw what users would have seen"
    early = (_gone_early(fault, record) for fault in record.faults)
    return next(filter(None, early), "") or _unsent(samples) or _late(record, samples)


def why_dirty(record: RunRecord) -> str:
    """Why something may have been left broken, in one sentence; empty when all is put back."""
    if record.dirty:
        return record.dirty
    if record.inject is not None and not record.faults:
        return "a fault was injected, and there is no record that it is gone; run gameday sweep"
    return next(filter(None, (_left(fault) for fault in record.faults)), "")


def why_stopped(record: RunRecord) -> Stop | None:
    """Why the run ended early; also of one whose own workflow did not see it to its end."""
    if record.stop is not None or record.closed_by == "workflow":
        return record.stop
    closer = f"it was closed by the {record.closed_by}" if record.closed_by else "nobody closed it"
    return Stop(by="lost", reason=f"the run ended without its workflow: {closer}")


def _left(fault: FaultRecord) -> str:
    name = f"{fault.kind} on {fault.on}"
    if fault.state is FaultState.STUCK:
        return f"{name} could not be put back for certain; run gameday sweep, then look at it"
    if fault.state is not FaultState.CLEARED:
        return f"{name} is still {fault.state} as far as anybody knows; run gameday sweep"
    if fault.cleared_by is None:
        return f"{name} is gone, and nobody knows who put it back, or when; look at it"
    return ""


def _gone_early(fault: FaultRecord, record: RunRecord) -> str:
    """Why the faulted window may hold time without the fault; empty when it does not."""
    because = f"{fault.cleared_by}{': ' + fault.cleared_because if fault.cleared_because else ''}"
    if fault.cleared_by is ClearedBy.VANISHED or fault.cleared_at is None:
        return f"the fault was gone when somebody looked, and nobody knows since when ({because})"
    if record.restore is None:
        at = f"{fault.cleared_at:%H:%M:%S}"
        return f"the fault went at {at}, and nobody recorded a restore ({because})"
    if fault.cleared_by in _ASKED_FOR:
        return ""
    early_s = (record.restore.requested_at - fault.cleared_at).total_seconds()
    if early_s <= 0:
        return ""
    return f"the fault was gone {early_s:.1f} s before its restore was asked for ({because})"


def _unsent(samples: Samples) -> str:
    unsent = samples.tally("outcome").get(Outcome.UNSENT, 0)
    share = unsent / len(samples)
    if share <= UNSENT_SHARE_MAX:
        return ""
    return (
        f"the load generator never sent {unsent} of {len(samples):,} requests ({share:.1%}, at "
        f"most {UNSENT_SHARE_MAX:.0%}); use a lower rate or a host with more room"
    )


def _late(record: RunRecord, samples: Samples) -> str:
    slos = record.request.target.slos.values()
    times_ms = [slo.at_most * 1000 for slo in slos if slo.at_most is not None]
    sent = samples.where("outcome", lambda outcome: outcome is not Outcome.UNSENT)
    lag_ms = percentile(sent.numbers("send_lag_ms"), 0.99)
    if not times_ms or lag_ms is None or lag_ms <= SEND_LAG_SHARE_MAX * min(times_ms):
        return ""
    return (
        f"the load generator was late: p99 of its send lag is {lag_ms:,.0f} ms, over "
        f"{SEND_LAG_SHARE_MAX:.0%} of the tightest latency objective ({min(times_ms):,.0f} ms); "
        "use a lower rate or a host with more room"
    )
