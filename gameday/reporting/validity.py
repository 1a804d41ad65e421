"""Says whether a run's samples and faults can be judged at all."""

from collections.abc import Iterator, Mapping, Sequence

from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.record import RunRecord
from gameday.domain.sample import Sample
from gameday.domain.target import Target
from gameday.domain.validity import Validity, find_validity_between
from gameday.domain.verdict import Stop
from gameday.domain.vitals import Vital
from gameday.domain.window import Window

_ASKED_FOR = frozenset({ClearedBy.RESTORE, ClearedBy.RESPONSE})


def why_invalid(record: RunRecord, samples: Sequence[Sample]) -> str:
    """Why the samples cannot decide anything, in one sentence; empty when they can."""
    if record.invalid:
        return record.invalid
    if not record.touched:
        return ""  # nothing was done, so there is nothing that the samples should show
    if not samples:
        return "not one sample was recorded: nobody saw what users would have seen"
    early = (_gone_early(held, record) for held in (*record.faults, *record.steps))
    return next(filter(None, early), "")


def why_dirty(record: RunRecord) -> str:
    """Why something may have been left broken, in one sentence; empty when all is put back."""
    if record.dirty:
        return record.dirty
    if record.inject is not None and not record.faults:
        return "a fault was injected, and there is no record that it is gone; run gameday sweep"
    if record.respond is not None and not record.steps:
        return "a step was carried out, and there is no record that it is undone; run gameday sweep"
    return next(filter(None, (_left(held) for held in (*record.faults, *record.steps))), "")


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
    """Why a window may hold time without the fault, or the step; empty when none does."""
    noun = f"the step {fault.kind}" if fault.step else "the fault"
    because = f"{fault.cleared_by}{': ' + fault.cleared_because if fault.cleared_because else ''}"
    if fault.cleared_by is ClearedBy.VANISHED or fault.cleared_at is None:
        return f"{noun} was gone when somebody looked, and nobody knows since when ({because})"
    if record.restore is None:
        at = f"{fault.cleared_at:%H:%M:%S}"
        return f"{noun} went at {at}, and nobody recorded a restore ({because})"
    if fault.cleared_by in _ASKED_FOR:
        return ""
    early_s = (record.restore.requested_at - fault.cleared_at).total_seconds()
    if early_s <= 0:
        return ""
    return f"{noun} was gone {early_s:.1f} s before its restore was asked for ({because})"


def tightest_ms(target: Target) -> float | None:
    """The tightest latency objective; None without one."""
    slos = target.slos.values()
    return min((slo.at_most * 1000 for slo in slos if slo.at_most is not None), default=None)


def find_validities(
    record: RunRecord, windows: Mapping[str, Window], vitals: Sequence[Vital]
) -> dict[str, Validity]:
    """How the load generator kept up in each window."""
    tightest = tightest_ms(record.request.target)
    return {
        name: find_validity_between(
            window.samples,
            vitals,
            (window.started_at, window.ended_at),
            tightest,
            generators=record.request.drill.load.generators,
        )
        for name, window in windows.items()
    }


class Watched(Mapping[str, Window]):
    """Windows that remember which of them were looked into."""

    def __init__(self, windows: Mapping[str, Window]) -> None:
        self._windows = windows
        self.looked_into: list[str] = []

    def __getitem__(self, name: str) -> Window:
        window = self._windows[name]
        if name not in self.looked_into:
            self.looked_into.append(name)
        return window

    def __iter__(self) -> Iterator[str]:
        return iter(self._windows)

    def __len__(self) -> int:
        return len(self._windows)
