"""Tells the operator's hook what happened to a watch: each notice until it was taken once."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from activities.hooks import give
from gameday.domain.watch import Watch
from gameday.reporting.watched import gauges, notice_document, read_facts
from gameday.store.atomic import write_whole
from gameday.store.watches import Watches


async def tell(state: Path, watch: Watch) -> list[str]:
    """Give its hook every notice that it has not taken, oldest first; why it did not take some.

    A hook may be given a notice twice, where this process dies while it is: `notice` in it is then
    the same.
    """
    watches = Watches(state)
    facts = await asyncio.to_thread(read_facts, watches, watch)
    write_whole(gauges_file(state, watch), gauges(facts).encode())
    failures = []
    for notice in watches.untold(watch.name):
        failure = await give(watch.hook, folder_of(watch), notice_document(notice, facts))
        if failure:
            watches.refused(watch.name, notice.notice, failure)
            failures.append(failure)
        else:
            watches.took(watch.name, notice.notice, datetime.now(UTC))
    return failures


def gauges_file(state: Path, watch: Watch) -> Path:
    """Where the figures of a watch are, for a collector that reads files."""
    return state / "watch" / f"{watch.name}.prom"


def folder_of(watch: Watch) -> Path:
    """Where a command runs: beside the target file."""
    return Path(watch.target_file).parent
