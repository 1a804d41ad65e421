"""Judges whether the pager rang for a fault: the alert's whole way, stage by stage."""

from datetime import datetime, timedelta
from typing import ClassVar

from gameday.checks._figures import beside
from gameday.domain.alerts import AlertName, AlertState, Sighting, Stage, firing_at, first, unread
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds
from gameday.domain.target import Target
from gameday.domain.verdict import Held

_DONE = {
    Stage.PROMETHEUS: "fired in Prometheus",
    Stage.ALERTMANAGER: "passed Alertmanager",
    Stage.SINK: "was delivered",
}


class Alerted(Check):
    """An alert fires for the fault, passes Alertmanager, is delivered, and clears afterwards."""

    needs_fault: ClassVar[bool] = True

    name: AlertName
    within: Seconds
    delivered_to: str | None = None  # the receiver whose notification must reach the sink
    cleared_within: Seconds | None = None  # after the fault was put back

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no request was observed while the fault was there")
        if seen.target.alerts is None:
            return unknown("the target has no `alerts:`, so nobody looked")
        armed_at = faulted.started_at
        if firing_at(seen.sightings, self.name, armed_at):
            return unknown(f"{self.name} fired already when the fault came")
        reached: list[Sighting] = []
        for stage in self._stages(seen.target):
            sighting = self._reached(seen, stage, armed_at)
            if sighting is None:
                return self._stuck(seen, stage, reached, armed_at)
            reached.append(sighting)
        return self._rang(seen, reached, armed_at)

    def _stages(self, target: Target) -> list[Stage]:
        """The stages that the alert must pass, in order."""
        assert target.alerts is not None
        stages = [Stage.PROMETHEUS]
        if target.alerts.alertmanager is not None:
            stages.append(Stage.ALERTMANAGER)
        return [*stages, Stage.SINK] if self.delivered_to else stages

    def _reached(self, seen: Seen, stage: Stage, armed_at: datetime) -> Sighting | None:
        for sighting in seen.sightings:
            here = (sighting.stage, sighting.alert, sighting.state)
            mine = stage is Stage.PROMETHEUS or self.delivered_to in (None, *sighting.receivers)
            fires = here == (stage, self.name, AlertState.FIRING)
            if fires and mine and sighting.at >= armed_at:
                return sighting
        return None

    def _rang(self, seen: Seen, reached: list[Sighting], armed_at: datetime) -> Finding:
        took_s = (reached[-1].at - armed_at).total_seconds()
        rang = Measure(value=took_s, objective=self.within, unit="s")
        sentence = f"{self.name} {_way(reached, armed_at)} (objective {self.within:g} s)"
        if took_s > self.within:
            late = beside(took_s, self.within, 1)
            return yes_if(False, f"the pager rang late, after {late} s: {sentence}", rang)
        if self.cleared_within is None:
            return yes_if(True, sentence, rang)
        cleared = self._cleared(seen, reached[0].at, self.cleared_within)
        # When it did not clear, that is why: its ringing in time is not what the answer goes by.
        measure = rang if cleared.held is Held.YES else None
        return Finding(held=cleared.held, reason=f"{sentence}; {cleared.reason}", measure=measure)

    def _cleared(self, seen: Seen, fired_at: datetime, within_s: float) -> Finding:
        if seen.restore is None:
            return unknown("nothing was put back, so nothing could clear")
        restored_at = seen.restore.effective_at
        gone = first(seen.sightings, Stage.PROMETHEUS, self.name, AlertState.GONE, fired_at)
        objective = f"(objective {within_s:g} s)"
        if gone is not None:
            took_s = max(0.0, (gone.at - restored_at).total_seconds())
            when = f"{beside(took_s, within_s, 1)} s after the fault was gone"
            return yes_if(took_s <= within_s, f"it cleared {when} {objective}")
        deadline = restored_at + timedelta(seconds=within_s)
        if why := unread(seen.sightings, Stage.PROMETHEUS, restored_at, deadline):
            return unknown(f"whether it cleared is not known: {why}")
        return yes_if(False, f"it did not clear after the fault was gone {objective}")

    def _stuck(
        self, seen: Seen, stage: Stage, reached: list[Sighting], armed_at: datetime
    ) -> Finding:
        """Say at which stage the alert got stuck, or that nobody can know."""
        deadline = armed_at + timedelta(seconds=self.within)
        if why := unread(seen.sightings, stage, armed_at, deadline):
            return unknown(f"whether {self.name} rang is not known: {why}")
        way = f"{_way(reached, armed_at)}, but " if reached else ""
        said = f"{self.name} {way}{self._where_it_is(seen, stage, armed_at)}"
        return yes_if(False, f"{said} (objective {self.within:g} s)")

    def _where_it_is(self, seen: Seen, stage: Stage, armed_at: datetime) -> str:
        late = [s for s in seen.sightings if s.alert == self.name and s.at >= armed_at]
        here = [s for s in late if s.stage is stage]
        match stage:
            case Stage.PROMETHEUS:
                pending = any(s.state is AlertState.PENDING for s in here)
                rule = next((s.detail for s in here if s.state is AlertState.RULE), "")
                no = "was pending and did not fire" if pending else "did not fire"
                return f"{no} in Prometheus: {rule or 'how its rule stands is not known'}"
            case Stage.ALERTMANAGER:
                held = next((s for s in here if s.state is AlertState.SUPPRESSED), None)
                if held is not None:
                    return f"Alertmanager held it back: {held.detail}"
                other = next((s for s in here if s.state is AlertState.FIRING), None)
                if other is not None:
                    to = ", ".join(other.receivers) or "nobody"
                    return f"Alertmanager routes it to {to}, not to {self.delivered_to}"
                return "it did not reach Alertmanager: Prometheus does not send it there"
            case Stage.SINK:
                return (
                    f"no notification reached {self.delivered_to}: its route is muted or waits, "
                    "or its receiver fails"
                )

    def cannot_decide(self, planned: Planned) -> str:
        alerts = planned.target.alerts
        if alerts is None:
            return "the target has no `alerts:`; name its Prometheus there"
        if self.delivered_to and not (alerts.alertmanager and alerts.sink):
            return "delivered_to needs `alertmanager:` and `sink:` in the target's `alerts:`"
        faulted_s = planned.windows["faulted"].seconds_watched
        if faulted_s < self.within:
            return (
                f"the faulted window must last at least {self.within:g} s, for the alert to come; "
                f"it is {faulted_s:g} s"
            )
        recovered_s = planned.windows["recovered"].seconds_watched
        if self.cleared_within is not None and recovered_s < self.cleared_within:
            return (
                f"the recovered window must last at least {self.cleared_within:g} s, for the alert "
                f"to clear; it is {recovered_s:g} s"
            )
        return ""


def _way(reached: list[Sighting], armed_at: datetime) -> str:
    """`fired in Prometheus after 4.2 s, passed Alertmanager after 5.0 s`."""
    return ", ".join(
        f"{_DONE[sighting.stage]}{_to(sighting)} after "
        f"{(sighting.at - armed_at).total_seconds():.1f} s"
        for sighting in reached
    )


def _to(sighting: Sighting) -> str:
    return f" to {sighting.receivers[0]}" if sighting.stage is Stage.SINK else ""
