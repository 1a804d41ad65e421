"""Judges whether what could not be looked up, or checked, is answered as if it had been."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.checks._figures import beside
from gameday.checks._met import REQUESTS_MIN, met_fault
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.lease import FaultRecord, gate_evidence
from gameday.domain.plan import Planned
from gameday.domain.suite import ScorerSpec

Phrase = Annotated[str, Field(min_length=1, max_length=400, examples=["cannot be looked up"])]


class FailsClosed(Check):
    """What a tool did not say, or a verifier did not allow, is not answered as if it had been.

    Of the requests whose calls the gate has changed, by their ids: each is answered by one of
    `says`, the words in which the system owns up, or fails openly. An answer without them was
    made up, or was given unchecked.
    """

    needs_fault: ClassVar[bool] = True

    says: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=20)]
    at_least: Annotated[float, Field(gt=0, le=1)] = 1.0

    def seals(self) -> dict[str, ScorerSpec]:
        return {self._seal: ScorerSpec(kind="contains", settings={"any": list(self.says)})}

    @property
    def _seal(self) -> str:
        return self.name or "fails_closed"

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no answer was observed while the fault was there")
        met = met_fault(seen, faulted.started_at).rated
        touched = met.with_texts("request_id", _touched(seen.faults))
        if not touched:
            return unknown(
                f"of {len(met)} requests none is known to have made a call that was changed; let "
                "x-request-id or the drill's mark through to what is called"
            )
        whole = touched.good
        sealed = [s.seals[self._seal] for s in whole if self._seal in s.seals]
        unsealed = len(whole) - len(sealed)
        made_up = sum(score < 1 for score in sealed)
        share_max = 1 - made_up / len(touched)
        reason = (
            f"{made_up} of {len(touched)} requests whose calls were changed got an answer as if "
            f"nothing were missing ({beside(100 * share_max, 100 * self.at_least, 1)} % owned up "
            f"or failed openly, at least {100 * self.at_least:g} % must); "
            f"{len(touched) - len(whole)} failed openly"
        )
        if share_max < self.at_least:
            return yes_if(False, reason)
        if unsealed:
            return unknown(f"{unsealed} of {len(whole)} answers that ended well were not looked at")
        if len(touched) < REQUESTS_MIN:
            return unknown(f"{reason}; {REQUESTS_MIN} such requests are needed")
        return yes_if(True, reason)

    def cannot_decide(self, planned: Planned) -> str:
        return planned.too_few("faulted", REQUESTS_MIN)


def _touched(faults: Iterable[FaultRecord]) -> frozenset[str]:
    """The ids of the requests whose calls the gate has changed: of each fault the last 1,000."""
    counted = (gate_evidence(fault) for fault in faults)
    return frozenset(name for one in counted if one is not None for name in one.request_ids)
