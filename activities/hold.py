"""Hold: renews leases, on a task queue and in a process of its own.

It renews only while the drill's workflow answers that it still wants its faults. So a lease
proves more than a living timer: it proves that whoever would put things back is alive.
"""

import asyncio
from collections.abc import Sequence

from temporalio import activity
from temporalio.client import Client, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError

from activities.connections import InjectorFactory
from activities.messages import Hold
from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.lease import FaultState
from gameday.injector.client import InjectorClient


class HoldActivities:
    def __init__(self, injector: InjectorFactory, temporal: Client) -> None:
        self._injector = injector
        self._temporal = temporal

    @activity.defn(name="hold")
    async def hold(self, wanted: Hold) -> str:
        """Renew until the workflow says no more, or the injector refuses. Returns why it ended.

        A workflow that does not answer, or an injector that does not, costs one renewal; the
        lease is five of them long.
        """
        injector = self._injector(wanted.injector)
        while True:
            still_wanted = await self._still_wanted(wanted.workflow_id)
            if still_wanted is False:
                return "the workflow no longer wants the faults"
            if still_wanted:
                if gone := await _renew(injector, wanted.fault_ids):
                    return gone
            else:
                activity.heartbeat({"unanswered": wanted.workflow_id})
            await _wait(wanted.every_s)

    async def _still_wanted(self, workflow_id: str) -> bool | None:
        """What the workflow answers; False when it is closed, None when it does not answer."""
        handle = self._temporal.get_workflow_handle(workflow_id)
        question = handle.query("wants_faults", reject_condition=QueryRejectCondition.NOT_OPEN)
        try:
            return bool(await asyncio.wait_for(question, timeout=2.5))
        except WorkflowQueryRejectedError:
            return False
        except (RPCError, TimeoutError):
            return None


async def _renew(injector: InjectorClient, fault_ids: Sequence[str]) -> str:
    """Renew each lease; why there is nothing left to hold, or ''."""
    try:
        records = [await injector.renew(fault_id) for fault_id in fault_ids]
    except InjectorRefusedError as error:
        return error.sentence
    except InjectorUnreachableError as error:
        activity.heartbeat({"unreachable": error.sentence})
        return ""
    for record in records:
        if record.state is not FaultState.ARMED:
            return f"{record.kind} on {record.on} is {record.state} by {record.cleared_by}"
    activity.heartbeat({"lease_s": min(record.expires_in_s or 0.0 for record in records)})
    return ""


async def _wait(seconds: float) -> None:
    """Sleep in small pieces with heartbeats: a cancel is only heard through them."""
    slept = 0.0
    while slept < seconds:
        await asyncio.sleep(min(0.5, seconds - slept))
        slept += 0.5
        activity.heartbeat(*activity.info().heartbeat_details)
