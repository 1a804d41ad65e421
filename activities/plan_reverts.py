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
from gameday.domain.samples import Samples
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
            now = await line_of_now(wanted.request)
            return await asyncio.to_thread(self._plan, wanted, now)

    def _plan(self, wanted: PlanReverts, now: Entry) -> RevertPlan:
        changes = changes_of_run(self._ledger, wanted.request, now)
        return plan_reverts([_if_able(one, wanted) for one in changes], shown_in_run(wanted))


async def line_of_now(request: RunRequest) -> Entry:
    """What the components stand at, as a line of the ledger that nobody writes."""
    read, unread = await read_now(request)
    return Entry(
        target=request.target.target,
        environment=request.environment,
        at=datetime.now(UTC),
        by="drill",
        components=read,
        unread=unread,
    )


def changes_of_run(ledger: Ledger, request: RunRequest, now: Entry) -> tuple[Changed, ...]:
    """What differs from the ledger's line of before this run; nothing where nobody wrote one."""
    lines = ledger.all(request.target.target, request.environment)
    own = (one for one in lines if one.run == request.run_id and one.moment == "before")
    before = next(own, None)
    if before is None:
        return ()
    return changed_since(what_changed([before, now], before.at), request.target.components)


def _if_able(change: Changed, wanted: PlanReverts) -> Changed:
    """The same, with the reason why this drill cannot put it back, where it cannot."""
    on = f"component/{change.component}"
    why = change.why_not
    if on in wanted.done:
        why = "it was put back already, and reads otherwise"
    elif on not in {step.on for step in wanted.request.drill.respond}:
        why = "the drill states no step for it"
    return change.model_copy(update={"why_not": why})


def samples_of_run(wanted: PlanReverts) -> tuple[Samples, Samples]:
    """Those of the baseline, and those that show something now."""
    every = RunFolder(wanted.request.folder).read_samples().experiment.stayed
    baseline = every.since("intended_at", wanted.since).before("finished_at", wanted.until)
    return baseline, every.since("intended_at", wanted.floor)


def shown_in_run(wanted: PlanReverts, detect: Detect | None = None) -> Mapping[str, Shown]:
    """By group of questions; judged as the drill detects, unless said."""
    detect = detect or wanted.request.drill.detect or Detect()
    baseline, now = samples_of_run(wanted)
    return shown_by_group(
        Before.of(baseline),
        now,
        margin=detect.margin,
        alpha=detect.alpha,
        tolerance=detect.tolerance,
    )
