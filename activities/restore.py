"""Restore: asks the injector to put everything back, newest first, and to verify it."""

from datetime import UTC, datetime

from temporalio import activity

from activities.connections import InjectorFactory
from activities.messages import Clear, Cleared
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.record import Moment


class RestoreActivities:
    def __init__(self, injector: InjectorFactory) -> None:
        self._injector = injector

    @activity.defn(name="restore")
    async def restore(self, wanted: Clear) -> Cleared:
        """Clear each fault. Raises when the injector does not answer, so that it is tried again.

        An id that was never armed gets a tombstone: a late inject must find it. It is no fault
        of the run, so it is not among the records.
        """
        injector = self._injector(wanted.injector)
        requested_at = datetime.now(UTC)
        records = [
            await injector.clear(fault_id, wanted.by) for fault_id in reversed(wanted.fault_ids)
        ]
        stuck = [record for record in records if record.state is not FaultState.CLEARED]
        return Cleared(
            moment=Moment(requested_at=requested_at, confirmed_at=datetime.now(UTC)),
            records=tuple(record for record in records if record.kind),
            dirty="; ".join(map(_why_stuck, stuck)),
        )


def _why_stuck(record: FaultRecord) -> str:
    because = f" ({record.cleared_because})" if record.cleared_because else ""
    return f"the injector could not put back {record.kind} on {record.on}, {record.id}{because}"
