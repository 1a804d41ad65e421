"""The check `cost_per_success`: failed requests cost too, and unpriced answers are unknown."""

import pytest

from gameday.checks.cost_per_success import CostPerSuccess
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    TARGET,
    baseline,
    faulted,
    planned,
    seen,
    without,
)

CHECK = CostPerSuccess(at_most="1.5x baseline")


@pytest.mark.parametrize(("cost_usd", "held"), [(0.0015, "yes"), (0.00151, "no")])
def test_both_sides_of_the_factor(cost_usd, held):
    finding = CHECK.judge(seen(faulted(lambda _: BY_SECONDARY | {"cost_usd": cost_usd})))
    assert finding.held == held
    assert finding.reason.startswith(f"{cost_usd / 0.001:.2f}x baseline (at most 1.5x): $1.5")


def test_failed_requests_count_as_cost_without_success():
    run = seen(faulted(lambda i: FAILED if i % 2 else BY_SECONDARY))
    finding = CHECK.judge(run)
    assert finding.held is Held.NO
    assert finding.reason.startswith("2.00x")


def test_a_price_of_nothing_is_a_price():
    finding = CHECK.judge(seen(faulted(lambda _: BY_SECONDARY | {"cost_usd": 0.0})))
    assert finding.held is Held.YES
    assert finding.reason.startswith("0.00x")


@pytest.mark.parametrize("model", ["petrel", None])
def test_an_answer_of_an_unpriced_model_is_unknown(model):
    odd = BY_SECONDARY | {"model": model, "cost_usd": 0.0}
    finding = CHECK.judge(seen(faulted(lambda i: odd if i == 7 else BY_SECONDARY)))
    assert finding.held is Held.UNKNOWN
    assert (model or "unnamed") in finding.reason


@pytest.mark.parametrize(
    "run",
    [
        seen(faulted(lambda _: FAILED)),
        seen(baseline(lambda _: FAILED)),
        seen(baseline(lambda _: BY_PRIMARY | {"cost_usd": 0.0})),
        without(seen(), "baseline"),
        without(seen(), "faulted"),
    ],
    ids=["nothing good during", "nothing good before", "free before", "no baseline", "no faulted"],
)
def test_unknown(run):
    assert CHECK.judge(run).held is Held.UNKNOWN


def test_the_plan_needs_prices():
    assert CHECK.cannot_decide(planned()) == ""
    free = planned()
    object.__setattr__(free, "target", TARGET.model_copy(update={"prices": {}}))
    assert CHECK.cannot_decide(free) == "the target file has no `prices:`"
