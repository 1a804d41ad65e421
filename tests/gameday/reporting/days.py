"""Game days, made up: what `game_day.json` would hold."""

from datetime import date, timedelta

from gameday.domain.figure import Measure
from gameday.domain.finding import Finding
from gameday.domain.game_day import DrillOutcome, GameDayResult, People, PeopleTimes
from gameday.domain.readiness import Coverage, Readiness, Scenario
from gameday.domain.result import CheckResult
from gameday.domain.verdict import Held, Verdict
from tests.gameday.reporting.runs import START, at


def make_measured(kind, value, objective, unit="ms", worse="up", name=""):
    measure = Measure(value=value, objective=objective, unit=unit, worse=worse)
    return CheckResult(
        kind=kind, name=name, held=Held.YES if measure.inside else Held.NO, reason="because",
        measure=measure,
    )  # fmt: skip


CHECKS = (
    make_measured("fallback", 0.41, 2.0, "s"),
    make_measured("slo", 0.998, 0.995, "share", "down", name="availability"),
    make_measured("slo", 388.0, 1000.0, name="latency_p95"),
    make_measured("cost_per_success", 1.22, 1.5, "x"),
    CheckResult(kind="cut_in_flight", name="", held=Held.YES, reason="4 streams were cut"),
)
PAGED = PeopleTimes(
    paged_at=at(21), paged=("dana",), acknowledged_at=at(96), acknowledged_by="dana",
    acknowledged_after_s=75.0, decided_at=at(200), decided_by="dana", decided_after_s=179.0,
    decision="pin answers-2026-08",
)  # fmt: skip


def make_outcome(drill, title, *, verdict=Verdict.PASSED, number=1, **changes):
    fields = {
        "drill": drill, "title": title, "hypothesis": "It holds.",
        "run_id": f"Q4-{number}", "verdict": verdict, "sentence": "all 5 checks held",
        "approved_by": "erin", "started_at": START + timedelta(minutes=10 * number),
        "ended_at": START + timedelta(minutes=10 * number + 2), "checks": CHECKS,
        "requests": 600, "errors": 1, **changes,
    }  # fmt: skip
    return DrillOutcome(**fields)


def make_day(**changes):
    failed = make_measured("slo", 0.91, 0.995, "share", "down", name="availability")
    unknown = CheckResult(kind="envelope", name="support", held=Held.UNKNOWN, reason="too few")
    fields = {
        "id": "quarterly-2026-11-21T100000Z", "game_day": "quarterly",
        "title": "The quarterly rehearsal of the support assistant", "target": "lab",
        "environment": "lab",
        "people": People(leads="ana", paged=("dana",), approves=("erin",)),
        "preconditions": ("no incident is open", "the second provider has quota"),
        "confirmed_by": "ana", "requested_by": "schedule quarterly",
        "digest": "3fa9c2" + "0" * 58, "slot_at": START, "started_at": START,
        "ended_at": START + timedelta(hours=1), "verdict": Verdict.FAILED,
        "reason": "3 of 5 drills passed; 1 did not run: stopped by its rule after failed",
        "drills": (
            make_outcome("provider-outage", "The primary provider goes dark", people=PAGED),
            make_outcome("quota-exhausted", "The primary's quota is used up", number=2),
            make_outcome("silent-model-update", "Another model behind the same name", number=3),
            make_outcome(
                "corpus-edit", "A document is edited", number=4, verdict=Verdict.FAILED,
                sentence="availability 91.0 % of 600 (objective 99.5 %)",
                checks=(failed, unknown), errors=54,
            ),
            make_outcome(
                "verifier-down", "The verifier is gone", number=5, verdict=None, run_id=None,
                sentence="", approved_by="", started_at=None, ended_at=None, checks=(),
                requests=0, errors=0,
            ),
        ),
        "notes": ("the slot of 2026-08-21 was missed: no worker was up",),
        **changes,
    }  # fmt: skip
    return GameDayResult(**fields)


def make_coverage():
    """Of three scenarios one is ready, one failed and one was never tried."""
    scenarios = (
        Readiness(scenario=Scenario(kind="connection_refused", on="provider/primary"),
                  state="ready", score=0.93, drill="provider-outage", last_run="Q4-1", age_days=9),
        Readiness(scenario=Scenario(kind="corpus_edit", on="component/corpus"), state="failed",
                  drill="corpus-edit", last_run="Q4-4", age_days=9),
        Readiness(scenario=Scenario(kind="latency", on="provider/primary"), state="never"),
    )  # fmt: skip
    return Coverage(
        target="lab", environment="lab", scenarios=scenarios,
        never_places=("provider/secondary", "tool/orders"), never_kinds=("latency",),
    )  # fmt: skip


def make_finding(number=1, due=date(2026, 11, 1), **changes):
    fields = {
        "id": f"Q3-{number}", "run": "Q3", "drill": "provider-outage", "target": "lab",
        "environment": "lab", "check": "fallback", "what": "fallback: nobody took over for 10 s",
        "owner": "ana", "due": due, "opened_at": START, "opened_by": "ana", **changes,
    }  # fmt: skip
    return Finding(**fields)
