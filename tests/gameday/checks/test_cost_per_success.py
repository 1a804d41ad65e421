"""The check `cost_per_success`: failed requests cost too, and unpriced answers are unknown."""

import pytest
from pydantic import ValidationError

from gameday.checks.cost_per_success import CostPerSuccess
from gameday.domain.sample import Attempt, Outcome
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    TARGET,
    baseline,
    faulted,
    planned,
    recovered,
    responded,
    seen,
    without,
)

CHECK = CostPerSuccess(at_most="1.5x baseline")


@pytest.mark.parametrize(("cost_usd", "held"), [(0.0015, "yes"), (0.00151, "no")])
def test_both_sides_of_the_factor(cost_usd, held):
    finding = CHECK.judge(seen(faulted(lambda _: BY_SECONDARY | {"cost_usd": cost_usd})))
    assert finding.held == held
    assert finding.reason.startswith(f"{cost_usd / 0.001:.2f}x baseline (at most 1.5x): $1.5")


@pytest.mark.parametrize(("cost_usd", "held"), [(0.0012, "yes"), (0.00121, "no")])
def test_another_window_can_be_judged(cost_usd, held):
    """What the fault cost while it was there is not what the answers cost after the response."""
    check = CostPerSuccess.model_validate({"at_most": "1.2x baseline", "in": "responded"})
    dear = faulted(lambda _: BY_PRIMARY | {"cost_usd": 0.002})
    run = seen(dear, responded(lambda _: BY_PRIMARY | {"cost_usd": cost_usd}))
    assert check.judge(run).held == held
    assert CostPerSuccess(at_most="1.2x baseline").judge(run).held == "no"
    without_one = check.judge(seen(dear))
    assert without_one.held == "unknown"
    assert "in the window responded" in without_one.reason


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


TOKENS = {"tokens_in": 500, "tokens_out": 500}  # at $1 a million each, $0.001 in all
CUT = Attempt(provider="primary", outcome=Outcome.CUT, elapsed_ms=100)
RETRIED = BY_SECONDARY | TOKENS | {"attempts": (CUT, BY_SECONDARY["attempts"][1])}


def retried(**fields):
    """Every answer of the faulted window after a stream of the primary that was cut."""
    usual = [one(lambda _: BY_PRIMARY | TOKENS) for one in (baseline, recovered)]
    return seen(*usual, faulted(lambda _: RETRIED | fields), calls={})


@pytest.mark.parametrize(
    ("at_most", "held"), [("1.4x", "no"), ("1.5x", "unknown"), ("1.9x", "unknown"), ("2x", "yes")]
)
def test_a_cut_stream_before_the_answer_costs_its_input_and_some_of_its_output(at_most, held):
    """$0.001 for the answer, and $0.0005 to $0.001 for what was cut."""
    finding = CostPerSuccess(at_most=at_most).judge(retried())
    assert finding.held == held
    assert finding.reason.startswith("1.50 to 2.00x baseline")
    assert "of it $0.3 to $0.6 for attempts that no client got an answer by" in finding.reason
    if held == "unknown":
        assert "how much of what was wasted the providers bill is not known" in finding.reason


def test_what_arrived_and_did_not_pass_is_no_success():
    half = seen(faulted(lambda i: BY_SECONDARY | {"passed": i % 2 == 0}))
    finding = CHECK.judge(half)
    assert finding.held is Held.NO
    assert finding.reason.startswith("2.00x")
    assert "300 of 600 good answers passed" in finding.reason


@pytest.mark.parametrize(
    ("unknown_of_600", "at_most", "held"),
    [(300, "1.5x", "unknown"), (300, "2x", "yes"), (150, "1.5x", "yes")],
)
def test_answers_that_could_not_be_told_matter_where_they_could_turn_it(
    unknown_of_600, at_most, held
):
    run = seen(faulted(lambda i: BY_SECONDARY | {"passed": None if i < unknown_of_600 else True}))
    finding = CostPerSuccess(at_most=at_most).judge(run)
    assert finding.held == held
    if held == "unknown":
        assert finding.reason.endswith(f"whether {unknown_of_600} answers passed is not known")


@pytest.mark.parametrize(
    ("at_most", "held"), [("$0.00099", "no"), ("$0.001", "yes"), ("$0.0015", "yes")]
)
def test_a_bound_in_dollars(at_most, held):
    finding = CostPerSuccess.model_validate({"at_most": at_most}).judge(seen())
    assert finding.held == held
    assert f"for each answer that passed (at most {at_most})" in finding.reason
    assert "600 of 600 good answers passed; $0.6" in finding.reason


def test_a_bound_in_dollars_needs_no_baseline():
    check = CostPerSuccess.model_validate({"at_most": "$0.001"})
    assert check.judge(without(seen(), "baseline")).held is Held.YES
    assert check.judge(without(seen(), "faulted")).held is Held.UNKNOWN


def test_a_provider_whose_answers_nobody_has_seen_keeps_the_cost_open():
    third = Attempt(provider="third", outcome=Outcome.CUT, elapsed_ms=1)
    run = retried(attempts=(third, BY_SECONDARY["attempts"][1]))
    finding = CostPerSuccess.model_validate({"at_most": "$0.002"}).judge(run)
    assert finding.held is Held.UNKNOWN
    assert "$0.0010 or more for each answer that passed" in finding.reason
    assert finding.reason.endswith(
        "what attempts at third cost is not known: no answer of theirs has a price"
    )


def test_retries_that_nobody_tells_of_are_said_to_be_missing():
    run = seen(faulted(lambda _: BY_SECONDARY | {"attempts": ()}), calls={})
    assert "at least: nobody tells of retries" in CHECK.judge(run).reason


@pytest.mark.parametrize("bound", [{}, {"at_most": "1.5x", "usd_at_most": "$1"}])
def test_one_bound_is_needed(bound):
    with pytest.raises(ValidationError, match="expected at_most: a factor"):
        CostPerSuccess.model_validate(bound)


@pytest.mark.parametrize("text", ["$0", "$-1", "0.002", "$", "1.5", "$0.1x"])
def test_what_is_no_bound_is_refused(text):
    with pytest.raises(ValidationError):
        CostPerSuccess.model_validate({"at_most": text})
