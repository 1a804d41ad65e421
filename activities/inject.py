"""Inject: asks the injector to arm one fault, under the id that the workflow chose."""

from datetime import UTC, datetime

from temporalio import activity

from activities.connections import InjectorFactory, resolve_marker
from activities.messages import Arm, Armed
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.record import Moment
from gameday.injector.client import InjectorClient
from gameday.store.isolation import IsolationProofs


class InjectActivities:
    def __init__(self, injector: InjectorFactory, proofs: IsolationProofs) -> None:
        self._injector = injector
        self._proofs = proofs

    @activity.defn(name="inject")
    async def inject(self, wanted: Arm) -> Armed:
        """Arm it, or say why the injector refused. Repeatable: the id is the same each time."""
        return await arm(wanted, self._injector(wanted.injector), self._proofs)


async def arm(wanted: Arm, injector: InjectorClient, proofs: IsolationProofs) -> Armed:
    """Ask for what is `wanted`, with what only here may be known: secrets, and proofs."""
    marker = resolve_marker(wanted.marker)
    proof = proofs.last(wanted.injection.target, wanted.injection.environment)
    age_s = proof.age_s(datetime.now(UTC)) if proof else None
    injection = wanted.injection.model_copy(update={"marker": marker, "isolation_age_s": age_s})
    requested_at = datetime.now(UTC)
    record, refused = None, ""
    try:
        record = await injector.arm(wanted.fault_id, injection)
    except InjectorRefusedError as error:
        refused = error.sentence
    moment = Moment(requested_at=requested_at, confirmed_at=datetime.now(UTC))
    return Armed(moment=moment, record=record, refused=refused)
