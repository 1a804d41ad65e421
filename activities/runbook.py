"""Keeps how a runbook is played, and closes a run: its journal, its ledger's line, its review."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from temporalio import activity

from activities.connections import InjectorFactory
from activities.fingerprints import read_components
from activities.reviews import leave_review
from gameday.domain.errors import GamedayError, InjectorError
from gameday.domain.incident import Alerted
from gameday.domain.ledger import Entry
from gameday.domain.runbook_record import RunbookRecord
from gameday.domain.runbook_request import Mode
from gameday.domain.value import Value
from gameday.store.incidents import Incidents
from gameday.store.journal import merge_events, write_journal
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder


class HeardAlert(Value):
    """An alert that a drill's response has waited for."""

    folder: str
    alert: Alerted


class RunbookActivities:
    def __init__(self, injector: InjectorFactory, ledger: Ledger, incidents: Incidents) -> None:
        self._injector = injector
        self._ledger = ledger
        self._incidents = incidents

    @activity.defn(name="remember_runbook")
    async def remember_runbook(self, record: RunbookRecord) -> None:
        """Keep the record as it is now. Repeatable."""
        RunFolder(record.request.folder).write_runbook(record)

    @activity.defn(name="heed_alert")
    async def heed_alert(self, heard: HeardAlert) -> None:
        """Let whoever watches the window know of it."""
        RunFolder(heard.folder).write_alerted(heard.alert)

    @activity.defn(name="close_runbook")
    async def close_runbook(self, record: RunbookRecord) -> RunbookRecord:
        """Write the run's journal and review, and tell the ledger and the incident. Repeatable."""
        folder, request = RunFolder(record.request.folder), record.request
        folder.write_events("workflow", record.events)
        injector = self._injector(request.target.environments[request.environment].injector)
        try:
            folder.write_events("injector", await injector.journal(request.run_id))
        except InjectorError as error:  # the journal says that its segment is missing
            activity.logger.warning("%s", error.sentence)
        ended_at = record.ended_at or datetime.now(UTC)
        folder.write_runbook(record)
        write_journal(folder, merge_events(folder, ended_at))
        if request.mode is Mode.LIVE:
            await self._tell_ledger(record)
            outcome = record.outcome or "failed"
            await asyncio.to_thread(self._incidents.run_ended, request.run_id, outcome, ended_at)
            await asyncio.to_thread(leave_review, folder, self._ledger)
        return record

    async def _tell_ledger(self, record: RunbookRecord) -> None:
        """What the components stand at now, where the run has called for a change."""
        request = record.request
        if not any(one.called_at and one.sort == "step" for one in record.played):
            return
        try:
            read, unread = await read_components(Path(request.target_file))
        except GamedayError as error:
            activity.logger.warning("%s", error.sentence)
            return
        line = Entry(
            target=request.target.target,
            environment=request.environment,
            at=datetime.now(UTC),
            by="runbook",
            who=request.requested_by,
            note=f"runbook {request.runbook.runbook}, run {request.run_id}",
            components=read,
            unread=unread,
        )
        self._ledger.add(line, f"runbook {request.run_id}")
