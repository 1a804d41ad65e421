"""Hold: renews leases, on a task queue and in a process of its own.

It renews only while the drill's workflow answers that it still wants its faults. So a lease
proves more than a living timer: it proves that whoever would put things back is alive.
"""

import asyncio
import time
from collections.abc import Sequence

from temporalio import activity
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError

from activities.connections import InjectorFactory
from activities.messages import Hold, HoldEnded
from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState


class HoldActivities:
    def __init__(self, injector: InjectorFactory, temporal: Client) -> None:
        self._injector = injector
        self._temporal = temporal

    @activity.defn(name="hold")
    async def hold(self, wanted: Hold) -> HoldEnded:
        """Renew until the workflow says no more, or a fault is gone.

        A workflow that does not answer, or an injector that does not, costs one renewal; the
        lease is five of them long.
        """
        injector = self._injector(wanted.injector)
        lease_s: float | None = None
        while True:
            still_wanted = await self._still_wanted(wanted.workflow_id)
            if still_wanted is False:
                return HoldEnded(why="the workflow no longer wants the faults")
            if still_wanted:
                try:
                    records = [await injector.renew(fault_id) for fault_id in wanted.fault_ids]
                except InjectorRefusedError as error:
                    return HoldEnded(why=error.sentence)
                except InjectorUnreachableError as error:
                    activity.logger.warning("%s", error.sentence)
                else:
                    if ended := _why_ended(records):
                        return ended
                    lease_s = min(record.expires_in_s or 0.0 for record in records)
            await _wait(wanted.every_s, lease_s)

    async def _still_wanted(self, workflow_id: str) -> bool | None:
        """What the workflow answers; False when it is closed, None when it does not answer."""
        handle = self._temporal.get_workflow_handle(workflow_id)
        question = handle.query("wants_faults", reject_condition=QueryRejectCondition.NOT_OPEN)
        try:
            return bool(await asyncio.wait_for(question, timeout=2.5))
        except WorkflowQueryRejectedError:
            return False
        except (RPCError, TimeoutError, WorkflowQueryFailedError):
            return None


def _why_ended(records: Sequence[FaultRecord]) -> HoldEnded | None:
    """Why there is nothing left to hold; None while every fault is armed."""
    gone = next((record for record in records if record.state is not FaultState.ARMED), None)
    if gone is None:
        return None
    because = f": {gone.cleared_because}" if gone.cleared_because else ""
    return HoldEnded(
        why=f"{gone.kind} on {gone.on} is {gone.state} by {gone.cleared_by}{because}",
        by_person=gone.cleared_by in (ClearedBy.STOP, ClearedBy.SWEEP),
    )


async def _wait(seconds: float, lease_s: float | None) -> None:
    """Sleep in small pieces with heartbeats, for a cancel is only heard through them.

    They carry what is left of the lease, so that a person sees it run down when it does.
    """
    ends_at = time.monotonic() + seconds
    began_at = time.monotonic()
    while (now := time.monotonic()) < ends_at:
        left_s = None if lease_s is None else lease_s - (now - began_at)
        activity.heartbeat({"lease_s": left_s})
        await asyncio.sleep(min(0.5, ends_at - now))
