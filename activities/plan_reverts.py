"""Plans what to put back first, while a drill's edits are there and its answers come in.

It goes by what on-call would have: what differs from the ledger's line of before the drill, and
what the answers show. Of what the drill itself did it is told nothing.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from temporalio import activity

from activities.beating import beating
from activities.ledger_lines import read_now
from activities.messages import PlanReverts
from gameday.domain.detection import Before, Detect
from gameday.domain.ledger import Entry, what_changed
from gameday.domain.record import RunRequest
from gameday.domain.revert_plan import Changed, RevertPlan, changed_since, plan_reverts
from gameday.domain.shown import Shown, shown_by_group
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder


class RevertPlanActivities:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="plan_reverts")
    async def plan_reverts(self, wanted: PlanReverts) -> RevertPlan:
        """What to put back, and what to leave alone, after what is known by now."""
        async with beating():
            read, unread = await read_now(wanted.request)
            now = Entry(
                target=wanted.request.target.target,
                environment=wanted.request.environment,
                at=datetime.now(UTC),
                by="drill",
                components=read,
                unread=unread,
            )
            return await asyncio.to_thread(self._plan, wanted, now)

    def _plan(self, wanted: PlanReverts, now: Entry) -> RevertPlan:
        before = self._before(wanted.request)
        if before is None:
            return plan_reverts((), _shown(wanted))
        found = what_changed([before, now], before.at)
        changes = changed_since(found, wanted.request.target.components)
        return plan_reverts([_if_able(one, wanted) for one in changes], _shown(wanted))

    def _before(self, request: RunRequest) -> Entry | None:
        """The ledger's line of before this run; None where nobody could write it."""
        lines = self._ledger.all(request.target.target, request.environment)
        own = (one for one in lines if one.run == request.run_id and one.moment == "before")
        return next(own, None)


def _if_able(change: Changed, wanted: PlanReverts) -> Changed:
    """The same, with the reason why this drill cannot put it back, where it cannot."""
    on = f"component/{change.component}"
    why = change.why_not
    if on in wanted.done:
        why = "it was put back already, and reads otherwise"
    elif on not in {step.on for step in wanted.request.drill.respond}:
        why = "the drill states no step for it"
    return change.model_copy(update={"why_not": why})


def _shown(wanted: PlanReverts) -> Mapping[str, Shown]:
    detect = wanted.request.drill.detect or Detect()
    every = RunFolder(wanted.request.folder).read_samples().experiment.stayed
    baseline = every.since("intended_at", wanted.since).before("finished_at", wanted.until)
    return shown_by_group(
        Before.of(baseline),
        every.since("intended_at", wanted.floor),
        margin=detect.margin,
        alpha=detect.alpha,
        tolerance=detect.tolerance,
    )
