"""One run of a runbook, as it is asked for and as it is remembered."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from gameday.domain.record import Event, RunRequest
from gameday.domain.runbook_request import RunbookRequest, Sort
from gameday.domain.value import Value
from gameday.domain.verdict import ExitCode, Stop

# What became of a deed; of a question, and of what people were asked, it is their answer.
DONE, FAILED, REFUSED, NOBODY, LEFT_OUT, WOULD_DO, NOT_KNOWN = (
    "done", "failed", "refused", "nobody", "left_out", "would_do", "not_known",
)  # fmt: skip


class Outcome(StrEnum):
    """How a run of a runbook ended."""

    # Its way led to the end, and since the last change a question was answered as of a well system.
    RESOLVED = "resolved"
    HANDED_OVER = "handed_over"  # people go on from here
    UNDONE = "undone"  # it did not help, and all that it changed was put back
    STOPPED = "stopped"  # by a person
    FAILED = "failed"  # it could not be played to its end
    DIRTY = "dirty"  # something that was to be put back possibly was not
    SHOWN = "shown"  # a dry run


_EXIT = {
    Outcome.RESOLVED: ExitCode.PASSED,
    Outcome.SHOWN: ExitCode.PASSED,
    Outcome.HANDED_OVER: ExitCode.INCONCLUSIVE,
    Outcome.UNDONE: ExitCode.FAILED,
    Outcome.FAILED: ExitCode.FAILED,
    Outcome.STOPPED: ExitCode.ABORTED,
    Outcome.DIRTY: ExitCode.DIRTY,
}


class RunbookStart(Value):
    """What a run of its own is started with. drills: what its errands start, by item."""

    request: RunbookRequest
    drills: dict[str, RunRequest] = {}


class Approved(Value):
    """One person's yes or no to one exact proposal. how: by what they are known."""

    by: str
    at: datetime
    how: str = ""


class Played(Value):
    """One item as it was played.

    words: what it asks or does, in a few words. asked_at: when it began. decided_at: when it was
    known what to do: an answer had come, or the approvals. called_at, verified_at: of a deed, when
    it was asked for and when its effect was read back. answer: of a question its answer, of people
    their choice; of a deed what became of it. reason: why, in a sentence with its figures.
    proposal: the digest that approvals are for. act: its id at the injector. before, after: digests
    of what it changed. leads_to: the place that follows.
    """

    item: str
    sort: Sort
    kind: str
    on: str = ""
    words: str = ""
    asked_at: datetime
    decided_at: datetime | None = None
    called_at: datetime | None = None
    verified_at: datetime | None = None
    ended_at: datetime | None = None
    answer: str = ""
    reason: str = ""
    evidence: dict[str, Any] = {}
    attempts: int = 0
    proposal: str = ""
    approved_by: tuple[Approved, ...] = ()
    act: str = ""
    before: str = ""
    after: str = ""
    leads_to: str = ""


class Undone(Value):
    """One change that was put back. failed: why that could not be done, or not be verified."""

    item: str
    act: str
    on: str
    asked_at: datetime
    verified_at: datetime | None = None
    failed: str = ""


class RunbookRecord(Value):
    """A run as its workflow remembers it. sentence: how it ended, and why."""

    request: RunbookRequest
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    sentence: str = ""
    played: tuple[Played, ...] = ()
    undone: tuple[Undone, ...] = ()
    stop: Stop | None = None
    events: tuple[Event, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Of a run without an outcome nobody knows how it ended."""
        return ExitCode.INCONCLUSIVE if self.outcome is None else _EXIT[self.outcome]

    @property
    def changed(self) -> tuple[Played, ...]:
        """What was changed and not put back, in its order."""
        back = {one.act for one in self.undone if not one.failed}
        return tuple(
            one
            for one in self.played
            if one.sort == "step" and one.called_at is not None and one.act not in back
        )
