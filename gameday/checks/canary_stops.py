"""Judges whether a canary gate keeps a bad model from customers."""

from typing import Annotated

from pydantic import Field

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.detection import recorded_scores
from gameday.domain.plan import Planned
from gameday.domain.quality_envelope import QualityEnvelope, Verdict
from gameday.domain.quantities import Seconds, plain
from gameday.domain.samples import Samples
from gameday.domain.window import Window

_ALPHA = 0.01  # the chance that a model is called bad that is not
_CLEAR_AFTER = 20  # answers of others in a row: then it is gone


class CanaryStops(Check):
    """A bad model that is offered to the canary gate answers few customers, and not for long.

    What the gate says of itself counts for nothing: who answered at the front door does. The model
    must have answered, and its answers must be outside the margin, by the suite and against the
    baseline; else the gate was not put to the test, and it is unknown.

    model: what the answers of the model on offer call it. within: from the offer until its last
    answer. share_max: of the answers up to then.
    """

    model: Annotated[str, Field(min_length=1, max_length=200, examples=["heron-4-2026-09"])]
    within: Seconds
    margin: Annotated[float, Field(gt=0, lt=1)] = 0.10
    share_max: Annotated[float, Field(gt=0, le=1)] = 1.0

    def judge(self, seen: Seen) -> Finding:
        baseline, responded = seen.window("baseline"), seen.window("responded")
        if baseline is None or responded is None:
            return unknown("answers were not observed before and after the offer")
        by_offered = responded.good.where("model", lambda name: name == self.model)
        if not by_offered:
            return unknown(
                f"none of {len(responded.good)} good answers after the offer was {self.model}'s: "
                "nobody knows whether the gate tried it"
            )
        quality = self._quality(baseline, by_offered)
        if quality.verdict is not Verdict.OUTSIDE:
            return unknown(self._no_bad_model(quality, by_offered))
        return self._stopped(responded, by_offered, quality)

    def _quality(self, baseline: Window, by_offered: Samples) -> QualityEnvelope:
        record = recorded_scores(baseline.samples)
        quality = QualityEnvelope(record, margin=self.margin, alpha=_ALPHA)
        for sample in by_offered.sorted_by("finished_at"):
            if sample.quality is not None:
                quality.see(sample.case, sample.quality)
        return quality

    def _no_bad_model(self, quality: QualityEnvelope, by_offered: Samples) -> str:
        figures = f"{self._figures(quality)} over {len(by_offered)} answers"
        if quality.verdict is Verdict.INSIDE:
            return f"{self.model} is no bad model ({figures}: INSIDE), so the gate had to stop none"
        more = quality.further_answers
        needed = f"; about {more} more would tell" if more else ""
        return f"whether {self.model} is a bad model is undecided ({figures}){needed}"

    def _figures(self, quality: QualityEnvelope) -> str:
        return f"{100 * quality.difference:+.0f} points, margin {100 * self.margin:g}"

    def _stopped(self, responded: Window, by_offered: Samples, quality: QualityEnvelope) -> Finding:
        last = by_offered.sorted_by("finished_at")[-1].finished_at
        took_s = (last - responded.started_at).total_seconds()
        since = len(responded.good.after("finished_at", last))
        until_then = len(responded.good) - since
        share = len(by_offered) / until_then
        figures = (
            f"of {until_then} answers {len(by_offered)} ({share:.0%}) were {self.model}'s, "
            f"{self._figures(quality)}: OUTSIDE"
        )
        if since < _CLEAR_AFTER:
            return yes_if(
                False,
                f"{figures}; {took_s:.1f} s after the offer it still answered: {since} answers of "
                f"others have come since its last, and {_CLEAR_AFTER} would show that it is gone",
            )
        held = took_s <= self.within and share <= self.share_max
        bounds = f"objective {plain(self.within)} s"
        if self.share_max < 1:
            bounds += f" and {self.share_max:.0%}"
        return yes_if(
            held,
            f"{figures}; its last came {took_s:.1f} s after the offer ({bounds}), and "
            f"{since} answers of others since",
        )

    def cannot_decide(self, planned: Planned) -> str:
        if "responded" not in planned.windows:
            return "nothing is offered: it needs the step offer_model, and the window responded"
        window = planned.windows["responded"]
        if window.seconds_max <= self.within:
            return (
                f"the gate may take {plain(self.within)} s, and the responded window ends after "
                f"{plain(window.seconds_max)} s; it must be longer"
            )
        rest_s = window.seconds_max - self.within
        if rest_s * planned.rates("responded")[0] <= _CLEAR_AFTER:
            return (
                f"{_CLEAR_AFTER} answers of others must follow, and {plain(rest_s)} s may be left"
            )
        return ""
