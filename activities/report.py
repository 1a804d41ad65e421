"""Report: writes what people and machines read of a run.

`remember` keeps the workflow's own record beside the samples after each phase, so that a run
whose workflow is gone can still be closed by somebody else.
"""

import asyncio

from temporalio import activity

from activities.connections import InjectorFactory
from activities.ledger_lines import write_after
from activities.messages import Close, StoredRun
from activities.reviews import leave_review
from gameday.domain.record import RunRecord
from gameday.domain.result import Result
from gameday.evidence.key import Keys
from gameday.reporting.closing import close_run, closed_by_another
from gameday.reporting.write import write_reports
from gameday.store.history import History
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder


class ReportActivities:
    def __init__(
        self, injector: InjectorFactory, ledger: Ledger, keys: Keys, history: History
    ) -> None:
        self._injector = injector
        self._ledger = ledger
        self._keys = keys
        self._history = history

    @activity.defn(name="remember")
    async def remember(self, record: RunRecord) -> None:
        """Keep the record as it is now. Repeatable."""
        folder = RunFolder(record.request.folder)
        if closed_by_another(folder) is None:
            folder.write_record(record)

    @activity.defn(name="report")
    async def report(self, stored: StoredRun) -> Result:
        """Write the reports of a run that has been judged. The same run gives the same bytes."""
        folder = RunFolder(stored.folder)
        return await asyncio.to_thread(self._write, folder)

    @activity.defn(name="close")
    async def close(self, wanted: Close) -> Result:
        """Close a run whose own workflow is gone. It can never pass."""
        folder = RunFolder(wanted.folder)
        request = folder.read_record().request
        injector = self._injector(request.target.environments[request.environment].injector)
        result = await close_run(
            folder,
            injector,
            by=wanted.by,
            reason=wanted.reason,
            keys=self._keys,
            history=self._history,
        )
        # The run's record is closed; what the ledger could not keep is told by its gap.
        await write_after(self._ledger, folder.read_record())
        await asyncio.to_thread(leave_review, folder, self._ledger)
        return result

    def _write(self, folder: RunFolder) -> Result:
        record, samples = folder.read_record(), folder.read_samples()
        result = write_reports(folder, record, samples, keys=self._keys, history=self._history)
        leave_review(folder, self._ledger)
        return result
