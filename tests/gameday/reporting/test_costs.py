"""What the windows of a run cost, of all and by label: in the result and in both reports."""

from dataclasses import replace

import pytest

from gameday.domain.price import Price
from gameday.domain.result import CostResult
from gameday.reporting.costs import make_costs
from gameday.reporting.judging import judge_run
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import MadeRun, passing_run
from tests.gameday.reporting.stand_ins import MAKERS

PRICES = {
    "answers-2026-08": Price(input_usd_per_mtok=1, output_usd_per_mtok=1),
    "reply-small-2": Price(input_usd_per_mtok=1, output_usd_per_mtok=1),
}


def priced(run: MadeRun, prices=PRICES) -> MadeRun:
    target = run.record.request.target.model_copy(update={"prices": prices})
    request = run.record.request.model_copy(update={"target": target})
    return replace(run, record=run.record.model_copy(update={"request": request}))


def costs_of(run: MadeRun) -> list[CostResult]:
    judged = judge_run(run.record, run.samples, run.logs, MAKERS)
    return list(make_costs(run.record, judged, {}))


def test_each_window_has_its_cost():
    made = costs_of(priced(passing_run()))
    assert [(cost.window, cost.label) for cost in made] == [
        ("baseline", ""), ("faulted", ""), ("recovered", ""),
    ]  # fmt: skip
    faulted = made[1]
    assert faulted.usd_min == faulted.usd_max == pytest.approx(0.00026 * faulted.good)
    assert faulted.per_success_usd_min == pytest.approx(faulted.usd_min / faulted.passed)
    assert faulted.passed < faulted.good
    assert (faulted.wasted_usd_min, faulted.wasted_usd_max) == (0.0, 0.0)
    assert faulted.undecided == 0


def test_features_and_tenants_are_told_apart_and_add_up():
    run = priced(passing_run())
    labelled = tuple(
        replace(sample, feature="search" if sample.seq % 3 else "chat", tenant="acme")
        for sample in run.samples
    )
    made = costs_of(replace(run, samples=labelled))
    by_feature = {cost.value: cost for cost in made if (cost.window, cost.label) == _FEATURES}
    assert set(by_feature) == {"chat", "search"}
    whole = next(cost for cost in made if (cost.window, cost.label) == ("faulted", ""))
    assert sum(cost.usd_min for cost in by_feature.values()) == pytest.approx(whole.usd_min)
    assert sum(cost.passed for cost in by_feature.values()) == whole.passed
    assert [cost.value for cost in made if cost.label == "tenant"] == ["acme"] * 3


_FEATURES = ("faulted", "feature")


def test_without_prices_nothing_is_said():
    assert costs_of(priced(passing_run(), {})) == []


def test_a_model_without_a_price_is_named():
    (baseline, faulted, _) = costs_of(
        priced(passing_run(), {"reply-small-2": PRICES["reply-small-2"]})
    )
    assert baseline.unpriced == ("answers-2026-08",)
    assert faulted.unpriced == ()


def test_both_reports_and_the_result_say_it(tmp_path):
    run = priced(passing_run())
    folder = run.store(tmp_path)
    result = write_reports(folder, run.record, run.samples, MAKERS)
    assert len(result.costs) == 3
    for text in (folder.markdown_file.read_text(), folder.html_file.read_text()):
        assert "What it cost" in text
        assert "For each answer that passed" in text
