"""How a run is judged: what held, what did not, and what nobody can know."""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum, StrEnum

from gameday.domain.figure import Measure
from gameday.domain.value import Value


class Held(StrEnum):
    """The answer of one check. A check that cannot say is UNKNOWN, never YES."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """The answer of one run."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    ABORTED = "aborted"
    DIRTY = "dirty"
    REFUSED = "refused"


class ExitCode(IntEnum):
    """What a shell sees. 2 and 6 are said before anything was touched."""

    PASSED = 0
    FAILED = 1
    BAD_FILE = 2
    INCONCLUSIVE = 3
    ABORTED = 4
    DIRTY = 5
    REFUSED = 6


_EXIT = {
    Verdict.PASSED: ExitCode.PASSED,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Verdict.ABORTED: ExitCode.ABORTED,
    Verdict.DIRTY: ExitCode.DIRTY,
    Verdict.REFUSED: ExitCode.REFUSED,
}


class Judgement(Value):
    """One check's answer, in one sentence with its numbers."""

    kind: str
    name: str
    held: Held
    reason: str
    measure: Measure | None = None


class Stop(Value):
    """Why a run ended before its windows did."""

    by: str  # "operator", "guard", "guardian", "lost"
    reason: str
    guard: str = ""  # the abort condition that was met, as the drill states it
    window: str = ""  # in which it was met
    at: datetime | None = None  # when the run was told to stop


class Decision(Value):
    verdict: Verdict
    reason: str

    @property
    def exit_code(self) -> ExitCode:
        return _EXIT[self.verdict]


def decide(  # noqa: PLR0911 - a ladder of precedence reads best with a return on each rung
    judgements: Iterable[Judgement],
    *,
    refused: str = "",
    dirty: str = "",
    stop: Stop | None = None,
    not_felt: str = "",
    invalid: str = "",
) -> Decision:
    """The verdict of a run, by precedence; each argument is a sentence, empty when untrue.

    refused > dirty > aborted by a person > not felt or invalid samples > a check said no
    > aborted by a guard > a check is unknown > passed. A run without a check never passes.
    """
    judged = list(judgements)
    noes = [j.reason for j in judged if j.held is Held.NO]
    unknowns = [j.reason for j in judged if j.held is Held.UNKNOWN]
    if refused:
        return Decision(verdict=Verdict.REFUSED, reason=refused)
    if dirty:
        return Decision(verdict=Verdict.DIRTY, reason=dirty)
    if stop is not None and stop.by == "operator":
        return Decision(verdict=Verdict.ABORTED, reason=stop.reason)
    if not_felt or invalid:
        return Decision(verdict=Verdict.INCONCLUSIVE, reason=not_felt or invalid)
    if noes:
        return Decision(verdict=Verdict.FAILED, reason=_first_and_count(noes))
    if stop is not None:
        return Decision(verdict=Verdict.ABORTED, reason=stop.reason)
    if unknowns or not judged:
        reason = _first_and_count(unknowns) if unknowns else "no check was judged"
        return Decision(verdict=Verdict.INCONCLUSIVE, reason=reason)
    return Decision(verdict=Verdict.PASSED, reason=f"all {len(judged)} checks held")


def _first_and_count(reasons: list[str]) -> str:
    more = len(reasons) - 1
    return reasons[0] if not more else f"{reasons[0]} (and {more} more)"
