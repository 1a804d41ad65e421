"""Judge: says whether the baseline is one, and judges a stored run. Looks, and touches nothing."""

import asyncio
from pathlib import Path

from temporalio import activity

from activities.connections import InjectorFactory
from activities.elsewhere import read_prometheus_windows
from activities.ledger_lines import write_after
from activities.messages import Baseline, Finished
from gameday.domain.record import RunRecord
from gameday.domain.verdict import Decision
from gameday.reporting.baseline import refuse_baseline
from gameday.reporting.closing import closed_by_another, gather, noted
from gameday.reporting.judging import Logs, judge_run
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder


class JudgeActivities:
    def __init__(self, injector: InjectorFactory, ledger: Ledger) -> None:
        self._injector = injector
        self._ledger = ledger

    @activity.defn(name="judge_baseline")
    async def judge_baseline(self, baseline: Baseline) -> str:
        """Why the baseline is none (a sentence), or '' when the drill may go on."""
        return await asyncio.to_thread(_refuse_stored, baseline)

    @activity.defn(name="judge")
    async def judge(self, finished: Finished) -> Decision:
        """Gather what the injector and the providers recorded, store it, and judge."""
        record = finished.record
        folder = RunFolder(Path(record.request.folder))
        if (closed := closed_by_another(folder)) is not None:
            return await asyncio.to_thread(_judge_stored, folder, closed)
        url = record.request.target.environments[record.request.environment].injector
        record = await gather(folder, record, self._injector(url))
        await read_prometheus_windows(folder, record)
        if unwritten := await write_after(self._ledger, record):
            record = noted(record, "ledger_unwritten", {"reason": unwritten})
        folder.write_record(record)
        return await asyncio.to_thread(_judge_stored, folder, record)


def _refuse_stored(baseline: Baseline) -> str:
    folder = RunFolder(baseline.request.folder)
    return refuse_baseline(
        baseline.request,
        folder.read_samples(),
        started_at=baseline.started_at,
        vitals=folder.read_vitals(),
    )


def _judge_stored(folder: RunFolder, record: RunRecord) -> Decision:
    return judge_run(record, folder.read_samples(), Logs.read(folder)).decision
