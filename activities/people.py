"""People: tells them what a run waits for, and asks the injector what they have said.

Nobody else's word for it counts.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio import activity

from activities.channels import Message, tell_channel
from activities.connections import InjectorFactory, resolve_marker
from activities.messages import Approved, Hear, TellPeople
from gameday.domain.policy import APPROVAL
from gameday.domain.record import RunRequest, injections, steps_asked
from gameday.domain.statement import Heard
from gameday.reporting.asking import (
    buttons_of_waiting,
    document_of_waiting,
    message_of_say,
    message_of_waiting,
)
from gameday.store.isolation import IsolationProofs

BY_NAME_ONLY = " (known by name only)"


async def tell_all(wanted: TellPeople) -> tuple[str, ...]:
    """Give it to every channel of the target; why those did not take it that did not."""
    message, folder = _message(wanted), Path(wanted.target_file).parent
    told = [await tell_channel(one, folder, message) for one in wanted.target.channels]
    return tuple(failure for failure in told if failure)


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

    @activity.defn(name="tell_people")
    async def tell_people(self, wanted: TellPeople) -> tuple[str, ...]:
        """Tell every channel of the target; why those did not take it that did not.

        A channel may be told twice, where this process dies while it is.
        """
        return await tell_all(wanted)

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


def _message(wanted: TellPeople) -> Message:
    at, waiting = datetime.now(UTC), wanted.waiting
    if waiting is not None:
        document, slack = document_of_waiting(waiting, at), message_of_waiting(waiting)
        return Message(document, slack, buttons_of_waiting(waiting))
    where = f"{wanted.target.target}/{wanted.environment}"
    return Message(_document_of_say(wanted, at), message_of_say(wanted.run_id, wanted.say, where))


def _document_of_say(wanted: TellPeople, at: datetime) -> dict[str, Any]:
    """A runbook's sentence for programs."""
    digest = hashlib.sha256(wanted.say.encode()).hexdigest()[:16]
    return {
        "notice": f"said {wanted.run_id} {digest}",
        "kind": "said",
        "type": "run.said",
        "at": at.isoformat(),
        "run": wanted.run_id,
        "target": wanted.target.target,
        "environment": wanted.environment,
        "say": wanted.say,
    }
