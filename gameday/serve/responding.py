"""What an alert that stands for a runbook is: a drill's own doing, or an incident.

An incident is kept before anything is done about it. While one is open, the drills on its target
are told to end, at every look again: one may have begun in between.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gameday.domain.incident import Alerted, DrillThere, Incident
from gameday.domain.serving import Trigger
from gameday.serve.inbox import Kept
from gameday.store.incidents import Incidents


class Surroundings(Protocol):
    """What runs where. Each raises StartError when nobody can say now."""

    def target_of(self, trigger: Trigger) -> str:
        """The name of the target that an entry is about."""

    def runbook_of(self, trigger: Trigger) -> str:
        """What the entry's runbook calls itself."""

    async def drills_on(self, target: str, since: datetime) -> list[DrillThere]:
        """The drills that go on there, and those that have ended since then."""

    async def stop_drills(self, target: str, by: str) -> list[str]:
        """Tell the drills there to end, each once; the ids of those that were told now."""

    async def tell(self, run_id: str, alert: Alerted) -> bool:
        """Tell a run of an alert; False when it has ended."""

    async def goes_on(self, run_id: str) -> bool:
        """Whether the run has not ended."""


class Responding:
    """The incidents of one state folder, and what alerts do to them."""

    def __init__(
        self, incidents: Incidents, around: Surroundings, say: Callable[[str], None]
    ) -> None:
        """say: is told what became of drills."""
        self._incidents = incidents
        self._around = around
        self._say = say

    def alerted(self, kept: Kept, trigger: Trigger | None) -> Alerted:
        """The alert as a run is told of it."""
        told = kept.occurrence
        runbook = self._around.runbook_of(trigger) if trigger and trigger.runbook else ""
        return Alerted(
            alert=told.called,
            sender=kept.sender,
            key=told.key,
            firing=told.firing,
            began_at=told.began_at,
            received_at=kept.received_at,
            runbook=runbook,
        )

    async def own_drill(self, trigger: Trigger, alert: Alerted) -> tuple[str, str]:
        """The run of the drill whose own the alert is, and why; '' twice where it is nobody's."""
        target = self._around.target_of(trigger)
        for drill in await self._around.drills_on(target, alert.began_at):
            why = drill.why_its_own(alert)
            if why and drill.environment == trigger.environment:
                return drill.run_id, why
        return "", ""

    async def open(self, trigger: Trigger, alert: Alerted, run_id: str, by: str) -> Incident:
        """The incident that the alert is one of: the entry's open one, or its own."""
        return await asyncio.to_thread(self._open, trigger, alert, run_id, by)

    def _open(self, trigger: Trigger, alert: Alerted, run_id: str, by: str) -> Incident:
        target = self._around.target_of(trigger)
        there = self._incidents.open_on(target)
        own = next((one for one in there if one.entry == trigger.name), None)
        incident = own or self._incidents.open(
            Incident(
                id=f"INC-{run_id}",
                target=target,
                environment=trigger.environment,
                since=alert.began_at,
                what=f"the alert {alert.alert} fires"[:400],
                source=by,
                entry=trigger.name,
            )
        )
        return self._incidents.change(incident.id, lambda one: one.told_of(alert.named))

    async def answered_by(self, incident: str, run_id: str) -> None:
        """Note the run that answers an incident; '' where there is none after all."""
        note = self._incidents.change
        await asyncio.to_thread(note, incident, lambda one: one.answered_by(run_id))

    async def tell(self, run_id: str, alert: Alerted) -> bool:
        """Tell a run of an alert; False when it has ended."""
        return await self._around.tell(run_id, alert)

    async def over(self, alert: Alerted) -> str:
        """An alert has ended; what that did to its incident, in a few words, '' without one."""
        return await asyncio.to_thread(self._over, alert)

    def _over(self, alert: Alerted) -> str:
        for one in self._incidents.all():
            if one.open and alert.named in one.alerts:
                after = self._incidents.change(
                    one.id, lambda found: found.alert_over(alert.named, alert.received_at)
                )
                return f"incident {one.id} {'stays open' if after.open else 'is closed'}"
        return ""

    async def tend(self, now: datetime) -> None:
        """End the drills where something is wrong, and note runs that ended without a word."""
        for incident in await asyncio.to_thread(self._incidents.all):
            if not incident.open:
                continue
            by = f"incident {incident.id}"
            for run_id in await self._around.stop_drills(incident.target, by):
                self._say(f"{by} on target {incident.target}: run {run_id} is told to end")
            if incident.run and not incident.outcome:
                await self._note_lost(incident, now)

    async def _note_lost(self, incident: Incident, now: datetime) -> None:
        """A run notes its own outcome before it ends; one that has not was ended by force."""
        if await self._around.goes_on(incident.run):
            return
        found = await asyncio.to_thread(self._incidents.get, incident.id)
        if not found.outcome:
            await asyncio.to_thread(self._incidents.run_ended, incident.run, "failed", now)
            self._say(f"run {incident.run} ended without a word: look at incident {incident.id}")
