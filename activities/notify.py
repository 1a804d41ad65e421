"""Notify: tells the target's people how a drill ended, and keeps whether they were told."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import Message, tell_channel
from activities.messages import StoredRun
from gameday.domain.record import Told
from gameday.exports.slack import message_of_run
from gameday.reporting.notice import notice_of
from gameday.store.run_folder import RunFolder


class NotifyActivities:
    @activity.defn(name="notify")
    async def notify(self, stored: StoredRun) -> None:
        """Tell each channel once of this run. Raises when one did not take it: it is told again.

        A channel may be told twice, where this process dies while it is.
        """
        folder = RunFolder(stored.folder)
        told = await asyncio.to_thread(folder.read_told) or Told()
        if told.at is not None:
            return
        request = folder.read_record().request
        result = await asyncio.to_thread(folder.read_result)
        message = Message(notice_of(result), message_of_run(result))
        failures = []
        for place, channel in enumerate(request.target.channels):
            if place in told.taken:
                continue
            if failure := await tell_channel(channel, Path(request.target_file).parent, message):
                failures.append(failure)
            else:
                told = told.model_copy(update={"taken": (*told.taken, place)})
        failure = "; ".join(failures)
        folder.write_told(
            Told(at=None if failure else datetime.now(UTC), taken=told.taken, failure=failure)
        )
        if failure:
            raise ApplicationError(failure)
