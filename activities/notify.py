"""Notify: tells the operator's hook how a drill ended, and keeps whether it was told."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.hooks import give
from activities.messages import StoredRun
from gameday.domain.record import Told
from gameday.reporting.notice import notice_of
from gameday.store.run_folder import RunFolder


class NotifyActivities:
    @activity.defn(name="notify")
    async def notify(self, stored: StoredRun) -> None:
        """Tell it once of this run. Raises when the hook did not take it, so that it is told again.

        A hook may be told twice, where this process dies while it is.
        """
        folder = RunFolder(stored.folder)
        told = await asyncio.to_thread(folder.read_told)
        if told is not None and told.at is not None:
            return
        request = folder.read_record().request
        document = notice_of(await asyncio.to_thread(folder.read_result))
        failure = await give(request.target.notify, Path(request.target_file).parent, document)
        folder.write_told(Told(at=None if failure else datetime.now(UTC), failure=failure))
        if failure:
            raise ApplicationError(failure)
