"""Tells a target's people once that a game day was missed, or is overdue."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from activities.channels import Message, tell_channel
from gameday.catalog.files import load_target
from gameday.domain.channel import Channel
from gameday.domain.errors import FileError
from gameday.domain.schedule import Due, Scheduled, alarms
from gameday.reporting.asking import message_of_say
from gameday.store.schedules import Schedules


async def tell_alarms(schedules: Schedules, found: Sequence[Due]) -> list[str]:
    """Give each channel what is not told yet; a sentence for each that was told, or was not.

    What no channel takes is tried again at the next check.
    """
    said: list[str] = []
    for one in found:
        for notice, sentence in alarms(one):
            if notice not in one.state.told:
                said.append(await _tell(schedules, one.state.scheduled, notice, sentence))
    return said


async def _tell(schedules: Schedules, scheduled: Scheduled, notice: str, sentence: str) -> str:
    try:
        channels = load_target(scheduled.target_file).channels
    except FileError as error:
        return f"nobody was told: {error.sentence}"
    if not channels:
        return f"nobody was told: {scheduled.target} has no `notify:`"
    failures = await _failures(channels, scheduled, notice, sentence)
    if len(failures) == len(channels):
        return f"nobody was told: {'; '.join(failures)}"
    schedules.told(scheduled.name, notice)
    return f"told: {sentence}"


async def _failures(
    channels: Sequence[Channel], scheduled: Scheduled, notice: str, sentence: str
) -> list[str]:
    where = f"{scheduled.target}/{scheduled.environment}"
    document = {
        "notice": notice,
        "kind": "schedule",
        "at": datetime.now(UTC).isoformat(),
        "target": scheduled.target,
        "environment": scheduled.environment,
        "schedule": scheduled.name,
        "sentence": sentence,
        "next_step": f"gameday schedule list; then  gameday schedule trigger {scheduled.name}",
    }
    message = Message(document, message_of_say(scheduled.name, sentence, where))
    folder = Path(scheduled.target_file).parent
    told = [await tell_channel(one, folder, message) for one in channels]
    return [failure for failure in told if failure]
