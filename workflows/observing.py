"""The load of a run, and the windows that are watched of it, one after the other."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.judge import JudgeActivities
    from activities.load import LoadActivities
    from activities.messages import (
        Baseline,
        Elsewhere,
        GateWatch,
        Noticing,
        ObserveWindow,
        StopLoad,
        WindowSeen,
    )
    from activities.observe import ObserveActivities
    from gameday.domain.alerts import AlertWatch
    from gameday.domain.drill import Scope
    from gameday.domain.progress import Phase
    from gameday.domain.record import (
        Stretch,
        alerts_expected,
        faulted_providers,
        name_of,
        seen_as,
        slos_judged,
    )
    from gameday.domain.window import served_most
    from workflows.course import HELD, Course, EndedEarlyError
    from workflows.crew import Crew
    from workflows.patience import (
        BEAT_WITHIN,
        CALM_BEAT_WITHIN,
        CALM_TAKEN_WITHIN,
        ONCE,
        TAKEN_WITHIN,
    )


class Observing:
    """Watches. What it sees ends a window, and at times the run."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self.windows: list[WindowSeen] = []  # those that are over

    async def start_load(self) -> None:
        drill = self._course.request.drill
        if drill.load.generators > 1 and workflow.patched("shared-load"):
            await self._share_load(Crew(self._course.request))
            return
        self._course.load = await self._course.unless_stopped(
            workflow.start_activity_method(
                LoadActivities.start_load,
                self._course.request,
                schedule_to_start_timeout=CALM_TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )

    async def _share_load(self, crew: Crew) -> None:
        course = self._course
        course.crew = crew
        course.load = await course.unless_stopped(asyncio.create_task(crew.start()))
        for sentence in crew.left_out:
            course.note("worker_left_out", reason=sentence)

    async def end_load(self) -> None:
        course = self._course
        if course.crew is not None:
            course.lose(await course.crew.end())
            return
        if course.load is None:
            return
        try:
            await workflow.execute_activity_method(
                LoadActivities.stop_load,
                StopLoad(run_id=course.request.run_id),
                task_queue=course.load.queue,
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=ONCE,
            )
        except ActivityError:
            course.note("load_lost")  # as when its observer is lost

    async def baseline(self) -> None:
        """Watch it, and refuse the drill where it is none."""
        course = self._course
        await self.watch(Phase.BASELINE, floor=course.load_started_at)
        refusal = await course.unless_stopped(
            workflow.start_activity_method(
                JudgeActivities.judge_baseline,
                Baseline(request=course.request, started_at=course.load_started_at),
                schedule_to_start_timeout=CALM_TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=30),
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )
        if refusal:
            course.refuse(refusal)

    async def peak(self) -> None:
        """Nothing is broken; the load goes up by its own schedule."""
        began_at = workflow.now()
        self._course.update(peak=Stretch(began_at=began_at))
        await self.watch(Phase.PEAK, floor=began_at)
        self._course.update(peak=Stretch(began_at=began_at, ended_at=workflow.now()))

    async def recovery(self) -> None:
        """Watch the recovery where the run allows it. What ends it early ends nothing else."""
        course, restore = self._course, self._course.record.restore
        if not self._may_watch_recovery():
            return
        guard, course.stop = course.stop, None  # a guard's stop ended the fault, not the watching
        try:
            await self.watch(
                Phase.RECOVERED, floor=restore.confirmed_at if restore else workflow.now()
            )
        except EndedEarlyError:
            pass
        except ActivityError as error:
            course.lost_or_cancelled(error)
        course.stop = guard or course.stop

    def _may_watch_recovery(self) -> bool:
        course = self._course
        record = course.record
        if record.peak is not None:
            # Of a load that must not go on nothing is left to be watched.
            return record.peak.ended_at is not None and not record.invalid
        stopped_by_person = course.stop is not None and course.stop.by == "operator"
        changed = record.inject is not None or record.respond is not None
        return changed and not stopped_by_person and not record.invalid

    async def watch(self, phase: Phase, *, floor: datetime) -> WindowSeen:
        """Watch one window. A guard, a stop or a lost observer ends it, and the run, early."""
        course = self._course
        assert course.load is not None
        await course.enter(phase)
        seen = await course.unless_stopped(
            workflow.start_activity_method(
                ObserveActivities.observe,
                self._window(phase, floor),
                task_queue=course.load.queue,
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=timedelta(
                    seconds=course.request.plan.window(phase).seconds_max + 30
                ),
                heartbeat_timeout=BEAT_WITHIN if phase in HELD else CALM_BEAT_WITHIN,
                retry_policy=ONCE,
                cancellation_type=ActivityCancellationType.TRY_CANCEL,
            )
        )
        self._remember(phase, seen)
        return seen

    def _window(self, phase: Phase, floor: datetime) -> ObserveWindow:
        request = self._course.request
        return ObserveWindow(
            run_id=request.run_id,
            folder=request.folder,
            window=phase,
            windows=request.drill.windows,
            floor=floor,
            home=self._home() if phase is Phase.RECOVERED else None,
            seen_as=seen_as(self._course.record) if phase is Phase.RESPONDED else "",
            noticing=self._noticing(phase),
            guards=tuple(g for g in request.drill.abort_when if g.watches(phase)),
            watch=self._gate_watch(phase),
            elsewhere=self._elsewhere(phase),
        )

    def _home(self) -> str | None:
        """Who must serve again: of a fault that is on no provider, who served the baseline."""
        drill = self._course.request.drill
        if not drill.faults or not self.windows:
            return None
        before = self.windows[0].progress.served_by
        return next(iter(faulted_providers(drill)), served_most(before))

    def _remember(self, phase: Phase, seen: WindowSeen) -> None:
        course = self._course
        self.windows.append(seen)
        course.note("window", ended=seen.ended, **seen.progress.model_dump(mode="json"))
        for note in seen.notes:
            course.note("not_watched", window=phase, reason=note)
        if seen.detection is not None:
            course.update(detection=seen.detection)
            course.note("detected", **seen.detection.model_dump(mode="json"))
        self.leave_if_met(seen, phase)

    def leave_if_met(self, seen: WindowSeen, phase: Phase = Phase.RESPOND) -> None:
        """Raises EndedEarlyError where a guard has ended what was watched."""
        if seen.ended != "guard":
            return
        where = "" if phase in (Phase.FAULTED, Phase.PEAK) else f" in the {phase} window"
        self._course.stop_for(
            "guard",
            f"a guard ended the drill{where}: {seen.sentence}",
            guard=seen.guard,
            window=phase,
        )
        raise EndedEarlyError

    def start_guarding(self, seconds: float) -> workflow.ActivityHandle[WindowSeen]:
        """Watch for the guards alone while a play goes on between windows; keeps the load going."""
        course = self._course
        assert course.load is not None
        window = self._window(Phase.RESPONDED, workflow.now())
        others = window.elsewhere
        return workflow.start_activity_method(
            ObserveActivities.observe,
            window.model_copy(
                update={
                    "windows": window.windows.model_copy(update={"responded": seconds}),
                    "watch": None,
                    # What is measured outside belongs to windows; what rings may end the drill.
                    "elsewhere": others and others.model_copy(update={"slos": ()}),
                }
            ),
            task_queue=course.load.queue,
            schedule_to_start_timeout=TAKEN_WITHIN,
            start_to_close_timeout=timedelta(seconds=seconds + 30),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=ONCE,
            cancellation_type=ActivityCancellationType.TRY_CANCEL,
        )

    def _noticing(self, phase: Phase) -> Noticing | None:
        """What is to be noticed, beside the baseline; None where nothing is."""
        course = self._course
        detect, inject = course.request.drill.detect, course.record.inject
        if phase is not Phase.FAULTED or detect is None or inject is None:
            return None
        return Noticing(detect=detect, since=course.load_started_at, until=inject.requested_at)

    def _gate_watch(self, phase: Phase) -> GateWatch | None:
        """The gates to watch; None for a target without any."""
        request = self._course.request
        if not request.target.gates:
            return None
        marked = (fault.on for fault in request.drill.faults if fault.scope is Scope.MARKED)
        return GateWatch(
            injector=self._course.injector,
            gates=request.target.gates,
            marked_at=tuple(name_of(on) for on in marked),
            before=self.windows[0].traffic if phase is Phase.FAULTED else None,
            shift=next((g for g in request.drill.abort_when if g.metric == "unmarked_shift"), None),
        )

    def _elsewhere(self, phase: Phase) -> Elsewhere | None:
        """What is read of other systems; None where the drill asks for nothing of them."""
        course = self._course
        target, slos = course.request.target, slos_judged(course.request.drill)
        outside = any(slo.indicator for name in slos if (slo := target.slos.get(name)))
        if target.alerts is None and not outside:
            return None
        restore = course.record.restore
        watch = target.alerts and AlertWatch(
            alerts=target.alerts,
            # Before the fault, nothing at all may ring.
            expects={} if phase is Phase.BASELINE else alerts_expected(course.request),
            restored_at=restore.confirmed_at if restore and phase is Phase.RECOVERED else None,
        )
        return Elsewhere(target=target, slos=slos, alerts=watch)
