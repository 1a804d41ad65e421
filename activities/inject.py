"""Inject: asks the injector to arm one fault, under the id that the workflow chose."""

from datetime import UTC, datetime

from temporalio import activity

from activities.connections import InjectorFactory, resolve_marker
from activities.messages import Arm, Armed
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.record import Moment
from gameday.store.isolation import IsolationProofs


class InjectActivities:
    def __init__(self, injector: InjectorFactory, proofs: IsolationProofs) -> None:
        self._injector = injector
        self._proofs = proofs

    @activity.defn(name="inject")
    async def inject(self, wanted: Arm) -> Armed:
        """Arm it, or say why the injector refused. Repeatable: the id is the same each time."""
        marker = resolve_marker(wanted.marker)
        proof = self._proofs.last(wanted.injection.target, wanted.injection.environment)
        age_s = proof.age_s(datetime.now(UTC)) if proof else None
        injection = wanted.injection.model_copy(update={"marker": marker, "isolation_age_s": age_s})
        requested_at = datetime.now(UTC)
        record, refused = None, ""
        try:
            record = await self._injector(wanted.injector).arm(wanted.fault_id, injection)
        except InjectorRefusedError as error:
            refused = error.sentence
        moment = Moment(requested_at=requested_at, confirmed_at=datetime.now(UTC))
        return Armed(moment=moment, record=record, refused=refused)
