"""The summary for on-call: what changed and how surely, what to do first, and what that did.

Written in one place: the command line, the reports and whoever notifies say the same.
"""

from gameday.domain.detection import Detect, Detector
from gameday.domain.quality_envelope import Verdict
from gameday.domain.record import RunRecord
from gameday.domain.reference import Reference
from gameday.domain.rollback import Response
from gameday.domain.samples import Samples
from gameday.reporting.judging import Judged
from gameday.reporting.revert_plan import how_likely

_TOLD = ("model", "fingerprint", "version")  # what answers tell of who made them


def summarise(record: RunRecord, judged: Judged, reference: Reference | None = None) -> str:
    """One paragraph, its verdicts first; '' where nothing was looked for, and nothing rehearsed.

    reference: what was recorded on an earlier day, of a drill that compares with it.
    """
    detect = record.request.drill.detect
    if detect is not None and judged.windows.get("faulted"):
        return " ".join(filter(None, _of_a_change(record, judged, detect, reference)))
    rehearses = record.request.drill.rehearse and record.request.drill.rolls_back
    if rehearses and judged.stated and judged.stated.called_at:
        return _of_a_rehearsal(record, judged.stated)
    return ""


def _of_a_change(
    record: RunRecord, judged: Judged, detect: Detect, reference: Reference | None
) -> list[str]:
    baseline, faulted = judged.windows["baseline"].samples, judged.windows["faulted"].samples
    # Both are asked, whichever it was that ended the window: two verdicts, never merged.
    recorded = reference if detect.reference == "recorded" else None
    before = recorded.before(detect.sticky_by) if recorded else baseline
    detector = Detector(before, detect.model_copy(update={"by": ("changed",)}))
    changed = detector.see(faulted) is not None
    verdicts = [detector.envelope.verdict.upper()]
    if changed or detector.betting.answers:
        verdicts.insert(0, "CHANGED" if changed else "NOT CHANGED")
    return [
        f"{', '.join(verdicts)}.",
        _noticed(record),
        _quality(detector, detect, "the recorded" if recorded else "the baseline"),
        _told(baseline, faulted),
        *(_reverted(judged) if record.plans else (_proposed(record), _done(judged.stated))),
    ]


def _noticed(record: RunRecord) -> str:
    place = f"{record.request.target.target}/{record.request.environment}"
    if record.detection is None:
        return f"{place}: nothing was noticed;"
    return f"{place}: {record.detection.sentence};"


def _quality(detector: Detector, detect: Detect, before: str) -> str:
    points = 100 * detector.envelope.difference
    side = "below" if points < 0 else "above"
    margin = f"margin {100 * detect.margin:g}"
    figures = f"quality {abs(points):.0f} points {side} {before} ({margin})"
    if detector.envelope.verdict is not Verdict.UNDECIDED:
        return f"{figures}."
    more = detector.envelope.further_answers
    needed = f"about {more} more would decide" if more else "so few answers do not decide"
    return f"{figures}; {needed}."


def _told(baseline: Samples, faulted: Samples) -> str:
    """Whether the answers call who made them by other names than before."""
    moved = []
    for name in _TOLD:
        before, after = (set(one.good.tally(name)) - {None} for one in (baseline, faulted))
        if new := sorted(after - before):
            moved.append(f"another {name} ({', '.join(new[:3])})")
    if moved:
        return f"The answers name {' and '.join(moved)}."
    told = [name for name in _TOLD if set(baseline.good.tally(name)) - {None}]
    if not told:
        return "The answers do not name who made them."
    *others, last = told
    names = f"{', '.join(others)} and {last}" if others else last
    return f"The answers name the same {names} as before."


def _proposed(record: RunRecord) -> str:
    if not record.request.plan.response:
        return ""
    stated = record.request.drill.respond_with
    if stated is not None:
        called = ", then ".join(f"{one.kind} on {one.on}" for one in record.steps)
        return f"Response: the runbook {stated.runbook}, which called {called or 'nothing'}."
    kept = {f"component/{name}": one for name, one in record.request.target.components.items()}
    costs = {kept[step.on].user_cost for step in record.request.drill.respond if step.on in kept}
    cost = f" (cost to users: {', '.join(sorted(costs))})" if costs else ""
    return f"Proposed: {', then '.join(record.request.plan.response)}{cost}."


def _reverted(judged: Judged) -> tuple[str, ...]:
    """What the first plan proposed, and what came of all that was put back."""
    assert judged.stated is not None
    first, *_ = judged.stated.plans
    if not first.steps:
        return ("Proposed: nothing; no recorded change that can be put back explains it.",)
    step = first.steps[0]
    cost = f"cost to users: {step.changed.user_cost}"
    proposed = f"Proposed: put back {step.component} first, {how_likely(step)} ({cost})."
    called = sorted(judged.stated.steps, key=lambda one: str(one.evidence.get("called_at", "")))
    names = ", then ".join(one.on.partition("/")[2] for one in called)
    responded = judged.windows.get("responded")
    if not responded or responded.quality is None:
        return (proposed, f"Done here: {names}; nobody looked at the answers after that.")
    baseline = judged.windows["baseline"].quality
    against = "" if baseline is None else f" against {baseline:.2f} before"
    return (proposed, f"Done here: {names}; then quality was {responded.quality:.2f}{against}.")


def _done(stated: Response | None) -> str:
    """What came of the response in this drill."""
    if stated is None or stated.called_at is None:
        return ""
    if stated.all_good_at is None:
        return (
            f"Done here, and it did not help: {stated.bad} of {stated.answers} answers after the "
            "call were not good."
        )
    took_s = (stated.all_good_at - stated.called_at).total_seconds()
    return f"Done here: all answers were good {took_s:.1f} s after the call."


def _of_a_rehearsal(record: RunRecord, stated: Response) -> str:
    """What the time that the rollback took would have cost in a real incident."""
    assert stated.called_at is not None
    what = ", then ".join(record.request.plan.response)
    rate = record.request.drill.load.curve().rate_max
    each = (
        f"until it is called, a real incident serves {60 * rate:,.0f} bad answers a minute at the "
        f"drill's {rate:g}/s"
    )
    if stated.all_good_at is None:
        return (
            f"NOT ROLLED BACK. {what}: {stated.bad} of {stated.answers} answers after the call "
            f"were of another version, or none; {each}, and goes on."
        )
    took_s = (stated.all_good_at - stated.called_at).total_seconds()
    return (
        f"ROLLED BACK. {what}: all answers were of that version {took_s:.1f} s after the call, in "
        f"which a real incident would have served about {rate * took_s:,.0f} bad ones; {each}."
    )
