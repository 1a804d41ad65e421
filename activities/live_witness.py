"""A witness of a system in an incident: asks it its suite, and looks at its components."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from activities.fingerprints import read_components
from activities.fresh_answers import FreshAnswers
from activities.objectives import judge_objective
from activities.tried import attempts_of
from gameday.domain.check import Finding
from gameday.domain.deploy_gate import Budget, DeployGate, Findings, budget
from gameday.domain.detection import Detect
from gameday.domain.errors import RefusedError
from gameday.domain.ledger import Entry, what_changed
from gameday.domain.question import Attempts
from gameday.domain.reference import Reference, models_named
from gameday.domain.revert_plan import RevertPlan, changed_by_name, changed_since, plan_reverts
from gameday.domain.samples import Samples
from gameday.domain.shown import shown_by_group
from gameday.domain.verdict import Held
from gameday.store.ledger import Ledger

_RATE_PER_S = 5.0  # of a question that does not say how fast it asks
_JUST = timedelta(seconds=1)


class LiveWitness:
    """Of one run of a runbook, until a moment of `time.monotonic()`."""

    def __init__(
        self, answers: FreshAnswers, ledger: Ledger, floor: datetime, give_up: float
    ) -> None:
        """floor: of the last change; answers from before it tell nothing of how things are."""
        self._answers = answers
        self._ledger = ledger
        self._floor = floor
        self._give_up = give_up

    async def quality(self, detect: Detect, *, requests_max: int, rate_per_s: float) -> Findings:
        recorded, most = self._answers.recorded(), self._budget(requests_max)
        gate, left = DeployGate(recorded.before(), detect, most.requests_max), most.rounds
        while left and not gate.over:
            rounds = min(left, most.at_once)
            requests = rounds * most.round
            if time.monotonic() + requests / rate_per_s > self._give_up and left < most.rounds:
                break
            gate.see(await self._answers.ask(requests, rate_per_s, recorded.pieces))
            left -= rounds
        return gate.findings

    def _budget(self, requests_max: int) -> Budget:
        turns = self._answers.turns
        found = budget(turns, requests_max, self._answers.request.target.prices.values())
        if found is None:
            raise RefusedError(
                f"one round of the suite takes {sum(turns)} requests, and at most {requests_max} "
                "may be asked"
            )
        return found

    async def changes(self, detect: Detect) -> RevertPlan:
        request, recorded = self._answers.request, self._answers.recorded()
        samples = await self._lately(recorded.pieces)
        read, unread = await read_components(Path(request.target_file))
        now = Entry(
            target=request.target.target,
            environment=request.environment,
            at=datetime.now(UTC),
            by="runbook",
            components=read,
            unread=unread,
        )
        lines = [*self._well(recorded, now.at), now]
        changes = changed_since(what_changed(lines, lines[0].at), request.target.components)
        known = {one.component for one in changes}
        named = changed_by_name(recorded.answered_by, models_named(samples))
        if named is not None and "model" not in known:
            changes = (*changes, named)
        shown = shown_by_group(
            recorded.before(), samples, margin=detect.margin, alpha=detect.alpha_each
        )
        # Whether the runbook can put it back is the runbook's own affair.
        return plan_reverts([one.model_copy(update={"why_not": ""}) for one in changes], shown)

    def _well(self, recorded: Reference, now: datetime) -> list[Entry]:
        """The components when the recording was made, and the ledger's lines since then."""
        about = recorded.about
        well = Entry(
            target=about.target,
            environment=about.environment,
            at=about.recorded_at,
            by="record",
            components=about.components,
            unread=about.unread,
        )
        kept = self._ledger.all(about.target, about.environment)
        return [well, *(one for one in kept if about.recorded_at < one.at < now - _JUST)]

    async def objective(self, name: str) -> Finding:
        target = self._answers.request.target
        stated = target.slos.get(name)
        load = self._answers.load(_RATE_PER_S)
        if stated is not None and stated.indicator is not None:
            return await judge_objective(target, name, Samples.of(()), load)
        found = await judge_objective(target, name, await self._lately(), load)
        one_round = sum(self._answers.turns)
        while found.held is Held.UNKNOWN and self._has_time_for(one_round):
            await self._answers.ask(one_round, _RATE_PER_S)  # too few to tell it, as yet
            found = await judge_objective(target, name, self._answers.since(self._floor), load)
        return found

    def _has_time_for(self, requests: int) -> bool:
        return time.monotonic() + requests / _RATE_PER_S < self._give_up

    async def attempts(self, provider: str) -> Attempts:
        return attempts_of(await self._lately(), provider)

    async def _lately(self, pieces: int | None = None) -> Samples:
        """Answers since the last change; one round is asked where there are none yet."""
        found = self._answers.since(self._floor)
        if len(found):
            return found
        one_round = sum(self._answers.turns)
        if pieces is None:
            return await self._answers.ask(one_round, _RATE_PER_S)
        return await self._answers.ask(one_round, _RATE_PER_S, pieces)
