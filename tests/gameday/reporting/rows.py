"""Rows of a history, made up."""

from datetime import timedelta

from gameday.domain.figure import Figure
from gameday.domain.history import HistoryRow
from gameday.domain.result import CheckResult
from gameday.domain.verdict import Held, Verdict
from tests.gameday.reporting.runs import START

P95 = "faulted latency_ms_p95"


def make_row(number, p95_ms=None, *, verdict=Verdict.PASSED, checks=(), **changes):
    """The run of a week; `p95_ms` None: it has no figure."""
    figures = () if p95_ms is None else (make_figure(p95_ms),)
    began_at = START + timedelta(weeks=number)
    fields = {
        "run_id": f"R{number}", "drill": "provider-outage", "title": "The primary goes dark",
        "target": "shop", "environment": "staging", "verdict": verdict, "reason": "because",
        "started_at": began_at, "ended_at": began_at + timedelta(minutes=1),
        "requested_by": "ana", "approved_by": "", "closed_by": "workflow", "plan_digest": "p",
        "drill_digest": "d", "target_digest": "t", "figures": figures,
        "checks": tuple(checks), "folder": f"/nowhere/R{number}", **changes,
    }  # fmt: skip
    return HistoryRow(**fields)


def make_figure(value, **changes):
    fields = {"of": "faulted", "name": "latency_ms_p95", "value": value, "unit": "ms",
              "objective": 1000.0, **changes}  # fmt: skip
    return Figure(**fields)


def make_check(held=Held.YES, kind="slo", name="x"):
    return CheckResult(kind=kind, name=name, held=held, reason="because")
