"""The clock of a rollback: when it was called, and when users had good answers again.

Injected, detected, decided, called, first good, all good. What is good again is told by the
answers themselves while the fault is still in force, so the putting back that Gameday does at its
end is never taken for a rollback: only what ended before it counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from heapq import nsmallest
from operator import or_

from gameday.domain.columns import moment
from gameday.domain.detection import Detection
from gameday.domain.fallen_cases import fallen_cases
from gameday.domain.gate import Call
from gameday.domain.known_versions import KnownVersions
from gameday.domain.lease import FaultRecord, gate_evidence
from gameday.domain.revert_plan import RevertPlan
from gameday.domain.samples import Samples
from gameday.domain.window import Window

_WATCHED = ("transition", "responded")
UNTOLD_SHARE_MAX = 0.02  # of the whole answers, of which nobody can tell who made them


@dataclass(frozen=True)
class Response:
    """The response of one run, as its record and its samples tell it."""

    injected_at: datetime | None  # None in a rehearsal: nothing was broken
    detection: Detection | None
    decided_at: datetime | None
    steps: tuple[FaultRecord, ...]
    ended_at: datetime | None  # when the fault, or what was set, was about to be put back
    good_in_a_row: int  # so many tell that all is good
    called_at: datetime | None = None
    first_good_at: datetime | None = None
    all_good_at: datetime | None = None
    answers: int = 0  # from the call on, until it ended; failed ones too
    bad: int = 0  # of them, not the right version, or none at all
    blind: str = ""  # why nobody can tell good from bad, in a sentence
    plans: tuple[RevertPlan, ...] = ()  # of what to put back, where plans said it

    @property
    def detected_at(self) -> datetime | None:
        return self.detection.at if self.detection else None

    @property
    def seen_as(self) -> str:
        """What the front door calls the version that was set; '' when nobody knows."""
        return self._said("seen_as")

    @property
    def goes_before(self) -> bool:
        """Whether what was there before the fault was set, by whatever name."""
        return any(step.evidence.get("goes_before") for step in self.steps)

    @property
    def failed(self) -> str:
        """Why the mechanism said no, or nothing, in a sentence; '' when it said yes."""
        return self._said("failed")

    @property
    def unverified(self) -> str:
        """How what was set did not read back, in a sentence; '' when it did."""
        return self._said("unverified")

    def _said(self, what: str) -> str:
        said = (str(step.evidence.get(what, "")) for step in self.steps)
        return next(filter(None, said), "")


def called_at(steps: Sequence[FaultRecord]) -> datetime | None:
    """When the operator's mechanism was first asked."""
    told = [step.evidence["called_at"] for step in steps if "called_at" in step.evidence]
    return min(map(datetime.fromisoformat, told), default=None)


def read_rollback(
    response: Response,
    windows: Mapping[str, Window],
    calls: Mapping[str, tuple[Call, ...]],
    faults: Iterable[FaultRecord],
) -> Response:
    """`response` with what the answers of the responded window, and of the way into it, tell.

    windows: without the control group. calls: at the gates, by provider.
    """
    called = called_at(response.steps)
    if called is None:
        return response
    watched = [one.samples for name in _WATCHED if (one := windows.get(name)) is not None]
    after = (reduce(or_, watched) if watched else Samples.of(())).since("finished_at", called)
    if response.ended_at is not None:
        after = after.before("finished_at", response.ended_at)
    # Only a gate tells which requests its fault has touched.
    at_gates = tuple(fault for fault in faults if fault.claim.startswith("gate/"))
    if response.goes_before:
        as_before = _AsBefore(windows)
        after = as_before.watched(after)
        good, untold = as_before.tell(after.good)
    else:
        good, untold = _tell(after.good, response.seen_as, calls, at_gates)
    response = replace(response, called_at=called, answers=len(after), bad=len(after) - len(good))
    if not after:
        return replace(response, blind="no request was observed after the call")
    if len(untold) > UNTOLD_SHARE_MAX * len(after.good):
        return replace(response, blind=_why_untold(len(untold), len(after.good)))
    last_run = good.following(after - good)  # after the last that was not good
    in_order = nsmallest(response.good_in_a_row, last_run.numbers("finished_at"))
    first = good.first_by("finished_at")
    return replace(
        response,
        first_good_at=first.finished_at if first else None,
        all_good_at=moment(in_order[-1]) if len(in_order) == response.good_in_a_row else None,
    )


def _tell(
    whole: Samples,
    seen_as: str,
    calls: Mapping[str, tuple[Call, ...]],
    faults: Collection[FaultRecord],
) -> tuple[Samples, Samples]:
    """Of whole answers, the good ones, and those of which nobody can tell.

    An answer is good where the front door names the version that was set, or a gate has let its
    request pass untouched; not where a gate has touched it, or another version is named.
    """
    nothing = whole - whole
    touched, untouched = _by_gate(whole, calls, faults)
    right = _of_version(whole, seen_as) if seen_as else nothing
    wrong = touched | (of_another_version(whole, seen_as) if seen_as else nothing)
    good = (right | untouched) - wrong
    return good, whole - good - wrong


class _AsBefore:
    """Tells which answers are as before the fault, whatever that is called.

    An answer is as before where it names a version that answers of the baseline named, or passes
    where its case no longer passed while the fault was there; not where it names another version,
    or fails in such a case.
    """

    def __init__(self, windows: Mapping[str, Window]) -> None:
        before, faulted = (windows[name].samples for name in ("baseline", "faulted"))
        self._versions = KnownVersions(before)
        self._fallen = fallen_cases(before, faulted)

    def watched(self, after: Samples) -> Samples:
        """Those that can tell: where no version is named, the cases that showed the fault alone."""
        if self._versions or not self._fallen:
            return after
        return self._of_fallen(after) | (after - after.good)

    def tell(self, whole: Samples) -> tuple[Samples, Samples]:
        """Of whole answers, the good ones, and those of which nobody can tell."""
        of_fallen = self._of_fallen(whole)
        failing = of_fallen.where("passed", lambda passed: passed is False)
        passing = of_fallen.where("passed", lambda passed: passed is True)
        wrong = failing | self._versions.others(whole)
        good = (passing | self._versions.same(whole)) - wrong
        return good, whole - good - wrong

    def _of_fallen(self, samples: Samples) -> Samples:
        return samples.where("case", self._fallen.__contains__)


def _by_gate(
    whole: Samples, calls: Mapping[str, tuple[Call, ...]], faults: Collection[FaultRecord]
) -> tuple[Samples, Samples]:
    """Those whose requests the gates changed, and those whose requests they saw and let pass."""
    if not faults:
        return whole - whole, whole - whole
    every = [call for log in calls.values() for call in log]
    ids = {fault.id for fault in faults}
    changed = {call.request_id for call in every if call.fault_id in ids}
    # Calls of a tool are in no provider's log; its rule remembers the last of them.
    evidence = (gate_evidence(fault) for fault in faults)
    changed.update(name for one in evidence if one is not None for name in one.request_ids)
    passed = {call.request_id for call in every} - changed - {""}
    return whole.with_texts("request_id", changed), whole.with_texts("request_id", passed)


def of_another_version(samples: Samples, seen_as: str) -> Samples:
    """Those that name a version, as model or as version, and never this one."""
    named = samples.where("model", _is_named) | samples.where("version", _is_named)
    return named - _of_version(samples, seen_as)


def _of_version(samples: Samples, seen_as: str) -> Samples:
    def says_it(name: str | None) -> bool:
        return name == seen_as

    return samples.where("model", says_it) | samples.where("version", says_it)


def _is_named(name: str | None) -> bool:
    return name is not None


def _why_untold(untold: int, whole: int) -> str:
    return (
        f"of {untold} of {whole} answers after the call nobody can tell which version made them: "
        "the front door names none, and neither a gate nor the cases tell"
    )
