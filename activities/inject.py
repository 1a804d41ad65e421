"""Inject: asks the injector to arm one fault, under the id that the workflow chose."""

from datetime import UTC, datetime

from temporalio import activity

from activities.connections import InjectorFactory, resolve_marker
from activities.messages import Arm, Armed
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.record import Moment


class InjectActivities:
    def __init__(self, injector: InjectorFactory) -> None:
        self._injector = injector

    @activity.defn(name="inject")
    async def inject(self, wanted: Arm) -> Armed:
        """Arm it, or say why the injector refused. Repeatable: the id is the same each time."""
        marker = resolve_marker(wanted.marker)
        injection = wanted.injection.model_copy(update={"marker": marker})
        requested_at = datetime.now(UTC)
        record, refused = None, ""
        try:
            record = await self._injector(wanted.injector).arm(wanted.fault_id, injection)
        except InjectorRefusedError as error:
            refused = error.sentence
        moment = Moment(requested_at=requested_at, confirmed_at=datetime.now(UTC))
        return Armed(moment=moment, record=record, refused=refused)
