"""The account of a load: what became of every request that the schedule held."""

from gameday.domain.sample import FIELDS, Outcome, Values
from gameday.domain.samples import Samples

LATE_MS = 10.0  # beyond it a request was sent late
LOAD_ENDED = "the load ended before its answer"  # the detail of a sample that it cut off
_OUTCOME, _SEND_LAG_MS = FIELDS.index("outcome"), FIELDS.index("send_lag_ms")


class Tally:
    """scheduled = sent + unsent + not_asked, and sent = answered + failed + left.

    late: those among the sent that were sent late. not_asked: further turns of conversations whose
    answer before was none.
    """

    def __init__(self) -> None:
        self.answered = self.failed = self.left = self.unsent = self.late = self.not_asked = 0

    @classmethod
    def of(cls, samples: Samples) -> "Tally":
        """Of samples that are there already."""
        tally, ended = cls(), samples.tally("outcome")
        tally.answered, tally.left = ended.get(Outcome.OK, 0), ended.get(Outcome.LEFT, 0)
        tally.unsent = ended.get(Outcome.UNSENT, 0)
        tally.failed = len(samples) - tally.answered - tally.left - tally.unsent
        sent = samples.where("outcome", lambda outcome: outcome is not Outcome.UNSENT)
        tally.late = len(sent.where_number("send_lag_ms", LATE_MS.__lt__))
        return tally

    def take(self, values: Values) -> None:
        """One sample more, of which the values are there."""
        outcome = values[_OUTCOME]
        if outcome is Outcome.UNSENT:
            self.unsent += 1
            return
        self.late += values[_SEND_LAG_MS] > LATE_MS
        if outcome is Outcome.OK:
            self.answered += 1
        elif outcome is Outcome.LEFT:
            self.left += 1
        else:
            self.failed += 1

    @property
    def sent(self) -> int:
        return self.answered + self.failed + self.left

    @property
    def scheduled(self) -> int:
        return self.sent + self.unsent + self.not_asked

    def facts(self) -> dict[str, int]:
        return {
            "scheduled": self.scheduled,
            "sent": self.sent,
            "late": self.late,
            "unsent": self.unsent,
            "not_asked": self.not_asked,
            "answered": self.answered,
            "failed": self.failed,
            "left": self.left,
        }
