"""What a run has cost, and what the usual alerts would have made of it."""

from datetime import timedelta

import pytest

from gameday.domain.reading import Reading
from gameday.domain.record import Moment
from gameday.domain.slo import Slo, Slos
from gameday.reporting.budget import make_budgets
from gameday.reporting.judging import by_objective, judge_run
from tests.gameday.reporting.runs import (
    MadeRun,
    aborted_run,
    at,
    by_nobody,
    by_primary,
    failing_run,
    impatient_run,
    make_fault,
    make_record,
    make_samples,
    passing_run,
    run_without_samples,
)
from tests.gameday.reporting.stand_ins import MAKERS


def budgets_of(run: MadeRun):
    judged = judge_run(run.record, run.samples, run.logs, MAKERS)
    return {made.slo: made for made in make_budgets(run.record, judged, run.samples)}


def outage(dark_s: float, availability: float = 0.995) -> MadeRun:
    """Nobody answers for so long; good traffic before and after."""
    ended_s = 20 + dark_s + 12
    samples = make_samples(
        lambda draw, due_s: (by_nobody if 20 <= due_s < 20 + dark_s else by_primary)(draw, due_s),
        ended_s,
    )
    restore = Moment(requested_at=at(20 + dark_s), confirmed_at=at(20 + dark_s + 0.01))
    record = make_record(
        inject=Moment(requested_at=at(20) - timedelta(milliseconds=3), confirmed_at=at(20)),
        restore=restore,
        ended_at=at(ended_s),
        faults=(make_fault(cleared_at=restore.confirmed_at),),
    )
    target = record.request.target.model_copy(
        update={"slos": Slos(availability=Slo(at_least=availability))}
    )
    request = record.request.model_copy(update={"target": target})
    return MadeRun(record.model_copy(update={"request": request}), samples)


def test_each_objective_of_the_target_has_its_budget():
    budgets = budgets_of(passing_run())
    assert list(budgets) == ["availability", "latency_p95"]
    assert budgets["availability"].objective == 0.995
    assert budgets["latency_p95"].objective == 0.95
    assert [(a.factor, a.short_s, a.long_s) for a in budgets["availability"].alerts] == [
        (14.4, 300, 3600),
        (6.0, 1800, 21600),
        (3.0, 7200, 86400),
        (1.0, 21600, 259200),
    ]


def test_a_short_total_outage_does_not_page_and_the_report_says_how_long_it_takes():
    made = budgets_of(failing_run())["availability"]
    bad = sum(not sample.good for sample in failing_run().samples)
    assert (made.bad, made.total) == (bad, 840)
    # 203 bad of the 30-day budget of 0.5 % at 20 requests a second.
    assert made.budget_spent == pytest.approx(bad / (20 * 2_592_000 * 0.005))
    page = made.alerts[0]
    assert page.fired_after_s is None
    # 14.4x of an hour at 200x is 259 s; not quite every request that could meet it was bad.
    assert 259.2 <= page.needed_s < 266
    assert "would not have paged" in page.sentence
    assert "the fault would have to last 4.4 min" in page.sentence


def test_one_that_lasts_pages_when_arithmetic_says():
    page = budgets_of(outage(60, 0.999))["availability"].alerts[0]
    assert page.fired_after_s == pytest.approx(52, abs=1.5)
    assert page.sentence.startswith("would have paged 5")
    assert "after the fault came: the burn reached 20" in page.sentence
    assert budgets_of(outage(50, 0.999))["availability"].alerts[0].fired_after_s is None


def test_an_objective_that_no_outage_can_trip_is_named():
    page, _, ticket, _ = budgets_of(outage(30, 0.9))["availability"].alerts
    assert page.sentence == (
        "would not have paged: it never can; with an objective of 90 % a total outage burns 10x, "
        "and more than 14.4x is needed"
    )
    assert page.needed_s is None
    assert ticket.needed_s == pytest.approx(3 * 86_400 / 10, rel=0.02)
    assert ticket.sentence.startswith("would not have opened a ticket: the burn reached")


def test_answers_that_are_slow_burn_the_budget_of_a_latency_objective():
    run = passing_run()
    slow = tuple(s.changed(latency_ms=1500.0) if 25 <= s.seq / 20 < 45 else s for s in run.samples)
    made = budgets_of(MadeRun(run.record, slow, run.served_log))["latency_p95"]
    assert made.bad == 400
    # Two thirds of the fault's time, and 5 % are allowed.
    assert made.burn_rate_at_fault == pytest.approx(400 / 601 / 0.05, rel=0.02)
    assert "however long it lasted" in made.alerts[0].sentence


def test_clients_that_hung_up_as_they_were_told_are_no_one_s_failure():
    run = impatient_run()
    made = budgets_of(run)["availability"]
    assert made.total == sum(not sample.left for sample in run.samples)


def test_without_a_sample_nothing_is_claimed():
    made = budgets_of(run_without_samples())["availability"]
    assert {alert.sentence for alert in made.alerts} == {
        "not known: no request was recorded that could tell"
    }


def test_a_run_that_broke_nothing_has_no_budget_to_tell_of():
    assert budgets_of(aborted_run()) == {}


def counter(part: str, window: str, start_s: float, seconds: int, per_s: float) -> Reading:
    began = at(start_s).timestamp()
    return Reading(
        slo="answered",
        window=window,
        part=part,
        source="sum(x)",
        place="http://127.0.0.1:1",
        asked_at=at(start_s + seconds),
        start_s=began,
        end_s=began + seconds,
        points=tuple((began + s, 1000 + per_s * s) for s in range(seconds + 1)),
    )


def test_what_others_measured_has_its_budget_too():
    """60 s in which nobody else was answered either, of 100 real requests a second."""
    run, query = outage(60, 0.999), {"query": "sum(x)", "prometheus": "http://127.0.0.1:1"}
    answered = {"at_least": 0.999, "ratio": {"good": query, "total": query}}
    target = run.record.request.target
    changed = target.model_copy(update={"slos": Slos.model_validate({"answered": answered})})
    request = run.record.request.model_copy(update={"target": changed})
    run = run.with_record(request=request)
    readings = [
        counter(part, window, start_s, seconds, per_s)
        for window, start_s, seconds, good_per_s in (
            ("baseline", 0, 20, 100),
            ("faulted", 20, 60, 0),
        )
        for part, per_s in (("good", good_per_s), ("total", 100))
    ]
    judged = judge_run(run.record, run.samples, run.logs, MAKERS)
    (made,) = make_budgets(run.record, judged, run.samples, by_objective(readings))
    assert (made.slo, made.bad, made.total) == ("answered", 6000, 8000)
    assert made.burn_rate_at_fault == pytest.approx(1000)
    # The run's own traffic is a little less than that of its windows: its last seconds had none.
    assert made.alerts[0].fired_after_s == pytest.approx(52, abs=8)
    assert list(make_budgets(run.record, judged, run.samples, by_objective(readings[:3]))) == []
