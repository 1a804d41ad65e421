"""The account of a load: what became of every request that the schedule held."""

from gameday.domain.sample import Outcome, Sample

LATE_MS = 10.0  # from here on a request was sent late


class Tally:
    """scheduled = sent + unsent + not_asked, and sent = answered + failed + left.

    late: those among the sent that were sent late. not_asked: further turns of conversations whose
    answer before was none.
    """

    def __init__(self) -> None:
        self.answered = self.failed = self.left = self.unsent = self.late = self.not_asked = 0

    def take(self, sample: Sample) -> None:
        if sample.outcome is Outcome.UNSENT:
            self.unsent += 1
            return
        self.late += sample.send_lag_ms > LATE_MS
        if sample.good:
            self.answered += 1
        elif sample.left:
            self.left += 1
        else:
            self.failed += 1

    @property
    def sent(self) -> int:
        return self.answered + self.failed + self.left

    def facts(self) -> dict[str, int]:
        return {
            "scheduled": self.sent + self.unsent + self.not_asked,
            "sent": self.sent,
            "late": self.late,
            "unsent": self.unsent,
            "not_asked": self.not_asked,
            "answered": self.answered,
            "failed": self.failed,
            "left": self.left,
        }
