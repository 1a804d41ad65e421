"""Stored runs of several drills over two years, with a history, as `gameday site` finds them."""

from dataclasses import replace
from datetime import date, timedelta

from gameday.domain.finding import Finding
from gameday.reporting.write import write_reports
from gameday.store.findings import Findings
from gameday.store.history import History
from tests.gameday.reporting.runs import START, failing_run, passing_run, responding_run
from tests.gameday.reporting.stand_ins import MAKERS


def moved(run, run_id, days):
    """The run under another name, so many days later."""
    by = timedelta(days=days)

    def later(moment):
        return None if moment is None else moment + by

    def shift(stretch):
        if stretch is None:
            return None
        changes = {name: later(getattr(stretch, name)) for name in type(stretch).model_fields}
        return stretch.model_copy(update=changes)

    record = run.record
    request = record.request.model_copy(update={"run_id": run_id})
    detection = record.detection
    faults = [
        one.model_copy(
            update={
                "run_id": run_id,
                "id": f"{run_id}-1",
                "armed_at": later(one.armed_at),
                "cleared_at": later(one.cleared_at),
            }
        )
        for one in record.faults
    ]
    changes = {
        "request": request, "started_at": later(record.started_at),
        "ended_at": later(record.ended_at), "inject": shift(record.inject),
        "restore": shift(record.restore), "respond": shift(record.respond),
        "faults": tuple(faults), "decided_at": later(record.decided_at),
        "detection": detection and detection.model_copy(update={"at": later(detection.at)}),
    }  # fmt: skip
    samples = tuple(
        one.changed(intended_at=later(one.intended_at), finished_at=later(one.finished_at))
        for one in run.samples
    )
    return replace(
        run,
        record=record.model_copy(update=changes),
        samples=samples,
        served_log={},
        events={},
        calls={},
    )


def store_history(tmp_path, few=False):
    """Writes runs, state and findings below `tmp_path`; returns both folders."""
    runs, state = tmp_path / "runs", tmp_path / "state"
    passing, failing = passing_run(), failing_run()
    quarters = range(3 if few else 8)
    made = [moved(passing, f"Q{number}", 91 * number) for number in quarters]
    made.append(moved(failing, "QX", 91 * len(quarters)))
    made += [moved(responding_run(), "R1", 3), moved(responding_run(), "R2", 100)]
    for run in made:
        folder = run.store(runs)
        write_reports(folder, run.record, run.samples, MAKERS, history=History(state))
    finding = Finding(
        id="", run="QX", drill="provider-outage", target="lab", environment="lab",
        check="fallback", what="fallback: nobody took over", owner="ana", due=date(2026, 12, 1),
        opened_at=START, opened_by="ana",
    )  # fmt: skip
    Findings(runs).open(finding)
    return runs, state
