"""A witness of a drill's own samples: what came of the load since the fault, or the last change."""

import asyncio
import time

from activities.messages import PlanReverts
from activities.objectives import judge_objective
from activities.plan_reverts import changes_of_run, line_of_now, samples_of_run, shown_in_run
from activities.tried import attempts_of
from gameday.domain.check import Finding
from gameday.domain.deploy_gate import DeployGate, Findings
from gameday.domain.detection import Before, Detect
from gameday.domain.question import Attempts
from gameday.domain.reference import models_named
from gameday.domain.revert_plan import RevertPlan, changed_by_name, plan_reverts
from gameday.store.ledger import Ledger

_LOOK_EVERY_S = 1.0


class DrillWitness:
    """Looks on until a moment of `time.monotonic()`, and asks nobody: the drill's load does."""

    def __init__(self, run: PlanReverts, ledger: Ledger, give_up: float) -> None:
        self._run = run
        self._ledger = ledger
        self._give_up = give_up

    async def quality(self, detect: Detect, *, requests_max: int, rate_per_s: float) -> Findings:  # noqa: ARG002 - the contract
        """Waits for more of the load's answers while they cannot decide, and there is time."""
        while True:
            findings = await asyncio.to_thread(self._quality, detect)
            if findings.decided or time.monotonic() + _LOOK_EVERY_S > self._give_up:
                return findings
            await asyncio.sleep(_LOOK_EVERY_S)

    def _quality(self, detect: Detect) -> Findings:
        baseline, now = samples_of_run(self._run)
        gate = DeployGate(Before.of(baseline), detect, max(1, len(now)))
        if len(now):
            gate.see(now)
        return gate.findings

    async def changes(self, detect: Detect) -> RevertPlan:
        request = self._run.request
        line = await line_of_now(request)
        changes = await asyncio.to_thread(changes_of_run, self._ledger, request, line)
        baseline, now = samples_of_run(self._run)
        named = changed_by_name(models_named(baseline), models_named(now))
        if named is not None and "model" not in {one.component for one in changes}:
            changes = (*changes, named)
        shown = await asyncio.to_thread(shown_in_run, self._run, detect)
        # Whether the runbook can put it back is the runbook's own affair.
        return plan_reverts([one.model_copy(update={"why_not": ""}) for one in changes], shown)

    async def objective(self, name: str) -> Finding:
        request = self._run.request
        _, now = samples_of_run(self._run)
        return await judge_objective(request.target, name, now, request.drill.load)

    async def attempts(self, provider: str) -> Attempts:
        return attempts_of(samples_of_run(self._run)[1], provider)
