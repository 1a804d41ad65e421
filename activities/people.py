"""People: asks the injector what people have said. Nobody else's word for it counts."""

from datetime import UTC, datetime

from temporalio import activity

from activities.connections import InjectorFactory, resolve_marker
from activities.messages import Approved, Hear
from gameday.domain.policy import APPROVAL
from gameday.domain.record import RunRequest, injections, steps_asked
from gameday.domain.statement import Heard
from gameday.store.isolation import IsolationProofs

BY_NAME_ONLY = " (known by name only)"


class PeopleActivities:
    def __init__(self, injector: InjectorFactory, proofs: IsolationProofs) -> None:
        self._injector = injector
        self._proofs = proofs

    @activity.defn(name="heard")
    async def heard(self, ask: Hear) -> Heard:
        """Who has said what of a digest, as the injector's policy counts it."""
        return await self._injector(ask.injector).heard(
            ask.digest, run_id=ask.run_id, asked_by=ask.asked_by, within_s=ask.within_s
        )

    @activity.defn(name="approved")
    async def approved(self, request: RunRequest) -> Approved:
        """How far the approval of the run's plan is: as many people as the drill and policy want.

        What the policy refuses for another reason waits for nobody: preflight says so.
        """
        injector = self._injector(request.target.environments[request.environment].injector)
        heard = await injector.heard(
            request.plan.digest, run_id=request.run_id, asked_by=request.requested_by
        )
        how = BY_NAME_ONLY if heard.by_name_only and heard.approved_by else ""
        approved = Approved(people=heard.approved_by, denied_by=heard.denied_by, how=how)
        if not heard.approved_by:
            wanting = f"nobody but {request.requested_by} has approved this plan"
            return approved.model_copy(update={"wanting": wanting})
        marker = resolve_marker(request.target.front_door.marker)
        proof = self._proofs.last(request.target.target, request.environment)
        age_s = proof.age_s(datetime.now(UTC)) if proof else None
        for injection in (*injections(request), *steps_asked(request)):
            known = {"marker": marker, "isolation_age_s": age_s}
            refusal = await injector.check(injection.model_copy(update=known))
            if APPROVAL in refusal:
                return approved.model_copy(update={"wanting": refusal})
        return approved
