"""The workers that share one load: who they are, what each runs, and that all of them stay.

    find_workers -> report_in (each) -> prepare_load (each) -> keep_load (each) ... stop_load (each)

The first of them also watches the windows. One that is lost takes a part of the requests with it,
so that what is left is no longer the load that the drill stated.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.load import CLOCKS_DIFFER, LoadActivities
    from activities.messages import KeepLoad, LoadShare, LoadStarted, Reported, StopLoad
    from gameday.domain.record import RunRequest
    from gameday.supervisor.queues import own_queue
    from workflows.patience import CALM_BEAT_WITHIN, CALM_TAKEN_WITHIN, ONCE, TAKEN_WITHIN

_LEAD = timedelta(seconds=1.5)  # until the word to begin has reached every worker
_CLOCK_OFF_MAX = timedelta(seconds=0.5)

Kept = workflow.ActivityHandle[None]


class Crew:
    """The workers of one load. Whatever happens, `end` comes last."""

    def __init__(self, request: RunRequest) -> None:
        self._request = request
        self._shares: dict[str, tuple[int, ...]] = {}  # by worker
        self._kept: dict[str, Kept] = {}
        self.left_out: tuple[str, ...] = ()  # who could not take part, in sentences

    async def start(self) -> LoadStarted:
        """Share the generators out, and let all begin together once each is ready."""
        workers = await self._muster()
        self._shares = share_out(self._request.drill.load.generators, workers)
        await asyncio.gather(*(self._prepare(worker) for worker in self._shares))
        begins_at = workflow.now() + _LEAD
        for worker in self._shares:
            self._kept[worker] = self._keep(worker, begins_at)
        return LoadStarted(queue=workers[0], started_at=begins_at - CLOCKS_DIFFER)

    def why_lost(self) -> str:
        """Which part of the load has ended unasked, in one sentence; '' while all is there."""
        return next((self._loss(who) for who, kept in self._kept.items() if kept.done()), "")

    async def end(self) -> str:
        """End every part; what was lost until then, as `why_lost` says it. Repeatable."""
        lost = self.why_lost()
        await asyncio.gather(*(self._stop(worker) for worker in self._shares))
        await workflow.wait_condition(lambda: all(kept.done() for kept in self._kept.values()))
        failed = (self._loss(who) for who, kept in self._kept.items() if _failure(kept))
        lost = lost or next(failed, "")
        self._kept.clear()
        return lost

    async def _muster(self) -> list[str]:
        """Ask who is there. Raises ApplicationError when nobody is who could run the load."""
        found = await workflow.execute_activity_method(
            LoadActivities.find_workers,
            schedule_to_start_timeout=CALM_TAKEN_WITHIN,
            start_to_close_timeout=timedelta(seconds=10),
            heartbeat_timeout=CALM_BEAT_WITHIN,
            retry_policy=ONCE,
        )
        whys = await asyncio.gather(*(self._why_not(worker) for worker in found))
        unfit = {worker: why for worker, why in zip(found, whys, strict=True) if why}
        self.left_out = tuple(f"{_name(worker)} {why}" for worker, why in unfit.items())
        fit = [worker for worker in found if worker not in unfit]
        if not fit:
            raise ApplicationError(f"no worker can run the load: {'; '.join(self.left_out)}")
        return fit

    async def _why_not(self, worker: str) -> str:
        """Why this worker cannot take part; '' when it can."""
        asked_at = workflow.now()
        try:
            reported = await workflow.execute_activity_method(
                LoadActivities.report_in,
                self._request,
                task_queue=worker,
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=TAKEN_WITHIN,
                retry_policy=ONCE,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return "does not answer"
        return why_unfit(reported, self._request.folder, (asked_at, workflow.now()))

    async def _prepare(self, worker: str) -> None:
        await workflow.execute_activity_method(
            LoadActivities.prepare_load,
            LoadShare(request=self._request, generators=self._shares[worker]),
            task_queue=worker,
            schedule_to_start_timeout=CALM_TAKEN_WITHIN,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=CALM_BEAT_WITHIN,
            retry_policy=ONCE,
        )

    def _keep(self, worker: str, begins_at: datetime) -> Kept:
        return workflow.start_activity_method(
            LoadActivities.keep_load,
            KeepLoad(run_id=self._request.run_id, begins_at=begins_at),
            task_queue=worker,
            schedule_to_start_timeout=CALM_TAKEN_WITHIN,
            start_to_close_timeout=timedelta(seconds=self._request.plan.seconds_max + 60),
            heartbeat_timeout=CALM_BEAT_WITHIN,
            retry_policy=ONCE,
        )

    async def _stop(self, worker: str) -> None:
        try:
            await workflow.execute_activity_method(
                LoadActivities.stop_load,
                StopLoad(run_id=self._request.run_id),
                task_queue=worker,
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=ONCE,
            )
        except ActivityError as error:
            workflow.logger.warning("the load on %s was not stopped: %s", worker, error.cause)

    def _loss(self, worker: str) -> str:
        numbers = " and ".join(str(number) for number in self._shares[worker])
        why = _failure(self._kept[worker]) or "its worker has left"
        return f"generator {numbers} of the load on {_name(worker)} is gone ({why})"


def share_out(generators: int, workers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The numbers of each worker's generators, dealt in turn; whoever gets none is not named."""
    return {
        worker: tuple(range(place, generators, len(workers)))
        for place, worker in enumerate(workers[:generators])
    }


def why_unfit(reported: Reported, folder: str, asked: tuple[datetime, datetime]) -> str:
    """Why a worker that has answered cannot take part; '' when it can.

    asked: when it was asked and when the answer was there, by Temporal's clock. Its own must have
    said a moment between them, as windows are cut by times of all hosts.
    """
    if not reported.sees_folder:
        return f"does not see the run's folder {folder}; all workers of a load must share it"
    early, late = asked[0] - reported.at, reported.at - asked[1]
    off = max(early, late)
    if off > _CLOCK_OFF_MAX:
        behind = "behind" if off == early else "ahead of"
        return f"has a clock that is {off.total_seconds():.1f} s {behind} Temporal's"
    return ""


def _failure(kept: Kept) -> str:
    """How it failed, of one that has ended; '' where it has not failed."""
    error = kept.exception() if kept.done() else None
    return str(getattr(error, "cause", None) or error) if error else ""


def _name(worker: str) -> str:
    return worker.removeprefix(own_queue(""))
