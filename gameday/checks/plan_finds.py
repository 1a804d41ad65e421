"""Judges whether the plan of what to put back found the culprits, and put back no more."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.component import ComponentName
from gameday.domain.detection import Before
from gameday.domain.lease import FaultRecord
from gameday.domain.plan import Planned
from gameday.domain.revert_plan import Changed, RevertPlan, harmed_groups, plan_reverts
from gameday.domain.shown import Shown, shown_by_group
from gameday.domain.sketch import PIECES
from gameday.domain.window import Window


class PlanFinds(Check):
    """Of several edits the plan puts back those that harm, and leaves the others alone.

    culprits: the components whose edits harm. reverts_at_most: so many may be put back in all.
    dated: whether the ledger must know when each culprit was changed.

    What was worse is told anew from the stored answers: what the run says of itself does not count.
    Afterwards no group of questions may be worse than in the baseline, with this margin and this
    chance of a wrong verdict on one group.
    """

    culprits: Annotated[
        tuple[ComponentName, ...], Field(min_length=1, examples=[("parameters", "corpus")])
    ]
    reverts_at_most: Annotated[int, Field(ge=1, le=10)]
    dated: bool = False
    margin: Annotated[float, Field(gt=0, lt=1)] = 0.10
    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.01

    def sketch_pieces(self) -> int:
        return PIECES

    def judge(self, seen: Seen) -> Finding:
        baseline, faulted = seen.window("baseline"), seen.windows.get("faulted")
        if seen.response is None or not seen.response.plans or baseline is None or not faulted:
            return unknown("no plan was made from answers before and during the edits")
        changes = _changes(seen.response.plans[0])
        called = sorted(seen.response.steps, key=_called_at)
        put_back = [step.on.partition("/")[2] for step in called]
        told = f"of {len(changes)} changes put back: {', then '.join(put_back) or 'none'}"
        first = plan_reverts(changes, self._shown(baseline, faulted))
        if wrong := self._why_unknown(changes) or self._why_wrong(first, put_back):
            return yes_if(False, f"{told}; {wrong}")
        responded = seen.windows.get("responded")
        if not responded:
            return unknown(f"{told}; nobody looked at the answers after that")
        after = self._shown(baseline, responded)
        if worse := harmed_groups(after):
            figures = " and ".join(f"{one} questions ({after[one].figures})" for one in worse)
            return yes_if(False, f"{told}; after that {figures} are still worse")
        spare = [one.component for one in first.steps if one.component not in put_back]
        left = "".join(f"; {name} was possible, and not needed" for name in spare)
        left += "".join(f"; {one.component} left alone: {one.reason}" for one in first.left)
        return yes_if(True, f"{told}; after that no group of questions is worse{left}")

    def _shown(self, baseline: Window, watched: Window) -> Mapping[str, Shown]:
        before = Before.of(baseline.samples)
        return shown_by_group(before, watched.samples, margin=self.margin, alpha=self.alpha)

    def _why_unknown(self, changes: Sequence[Changed]) -> str:
        """What of a culprit's change the ledger did not know; '' where it knew enough."""
        known = {one.component: one for one in changes}
        if unseen := [name for name in self.culprits if name not in known]:
            return (
                f"the ledger knows of no change of {' and '.join(unseen)}, so no plan can find it"
            )
        undated = [name for name in self.culprits if known[name].at is None]
        if self.dated and undated:
            return f"nobody knows when {' and '.join(undated)} was changed"
        return ""

    def _why_wrong(self, first: RevertPlan, put_back: Sequence[str]) -> str:
        """What was put back and need not be, or the other way round; '' where it was right."""
        if missed := [name for name in self.culprits if name not in put_back]:
            why = {one.component: one.reason for one in first.every}
            return f"{missed[0]} harms and was not ({why[missed[0]]})"
        if len(put_back) > self.reverts_at_most:
            return f"{self.reverts_at_most} would have been enough"
        if first.order[:1] and first.order[0] not in self.culprits:
            return f"by the stored answers {first.order[0]} would come first, which harms nothing"
        return ""

    def cannot_decide(self, planned: Planned) -> str:
        if not planned.responds:
            return "nothing is put back: it needs respond_by: plan, and the window responded"
        if self.reverts_at_most < len(self.culprits):
            return f"{len(self.culprits)} culprits need as many reverts, not {self.reverts_at_most}"
        # The first recorded answer to each case is compared with none.
        for name, each in (("baseline", 2), ("faulted", 1), ("responded", 1)):
            if too_few := planned.too_few(name, each * planned.cases):
                return f"each group of questions must be able to show something, which {too_few}"
        return ""


def _called_at(step: FaultRecord) -> str:
    return str(step.evidence.get("called_at", ""))


def _changes(plan: RevertPlan) -> tuple[Changed, ...]:
    """All that the ledger knew, whatever the plan made of it."""
    return tuple(one.changed for one in plan.every)
