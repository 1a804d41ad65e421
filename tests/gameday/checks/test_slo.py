"""The check `slo`: shares and percentiles, from both sides of the objective."""

import pytest
from pydantic import ValidationError

from gameday.checks.slo import Slo
from gameday.domain.drill import Requests, Until
from gameday.domain.slo import Slos
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


@pytest.mark.parametrize(("failed", "held", "share"), [(3, "yes", "99.5"), (4, "no", "99.3")])
def test_availability(failed, held, share):
    run = seen(faulted(lambda i: FAILED if i < failed else BY_SECONDARY))
    finding = Slo(name="availability").judge(run)
    assert finding.held == held
    assert finding.reason == f"{share} % of 600 (objective 99.5 %)"


@pytest.mark.parametrize(("slow", "held", "shown"), [(30, "yes", "200"), (31, "no", "1,001")])
def test_latency_is_nearest_rank(slow, held, shown):
    run = seen(faulted(lambda i: BY_SECONDARY | {"latency_ms": 1001.0 if i < slow else 200.0}))
    finding = Slo(name="latency_p95").judge(run)
    assert finding.held == held
    assert finding.reason == f"{shown} ms (objective 1,000 ms, n=600)"


def test_a_latency_at_the_objective_holds():
    run = seen(faulted(lambda _: BY_SECONDARY | {"latency_ms": 1000.0}))
    assert Slo(name="latency_p95").judge(run).held is Held.YES


@pytest.mark.parametrize(("ttft_ms", "held"), [(700.0, "yes"), (701.0, "no")])
def test_time_to_first_token(ttft_ms, held):
    run = seen(faulted(lambda _: BY_SECONDARY | {"ttft_ms": ttft_ms}))
    assert Slo(name="ttft_p95").judge(run).held == held


def test_time_to_first_token_of_answers_that_were_not_streamed_is_unknown():
    run = seen(faulted(lambda _: BY_SECONDARY | {"ttft_ms": None}))
    assert Slo(name="ttft_p95").judge(run).held is Held.UNKNOWN


@pytest.mark.parametrize(("n", "held"), [(199, Held.UNKNOWN), (200, Held.YES)])
@pytest.mark.parametrize("name", ["availability", "latency_p95"])
def test_too_few_requests_are_unknown(name, n, held):
    finding = Slo(name=name).judge(seen(faulted(n=n)))
    assert finding.held is held
    if held is Held.UNKNOWN:
        assert "199" in finding.reason
        assert "200 are needed" in finding.reason


def test_a_percentile_of_the_few_that_were_answered_is_unknown():
    run = seen(faulted(lambda i: BY_SECONDARY if i < 199 else FAILED))
    assert Slo(name="latency_p95").judge(run).held is Held.UNKNOWN


def test_another_window():
    slow = baseline(lambda _: BY_PRIMARY | {"latency_ms": 2000.0})
    finding = Slo(name="latency_p95", window="baseline").judge(seen(slow))
    assert finding.held is Held.NO
    assert finding.reason.startswith("2,000 ms in the baseline window (objective 1,000 ms")
    assert Slo(name="latency_p95").judge(seen(slow)).held is Held.YES


def test_unknown_without_window_or_objective():
    check = Slo(name="availability")
    assert check.judge(without(seen(), "faulted")).held is Held.UNKNOWN
    other = Slo(name="latency_p50")
    assert other.judge(seen()).held is Held.UNKNOWN
    assert other.cannot_decide(planned()) == "the target states no objective latency_p50"


def test_the_plan_says_how_long_the_window_must_be():
    check = Slo(name="latency_p95")
    assert check.cannot_decide(planned(faulted=11.0)) == ""
    assert check.cannot_decide(planned(faulted=10.9)) == (
        "latency_p95 needs 200 requests beside those in flight at its edges, so 11 s at 20/s; "
        "the faulted window has 218 requests"
    )
    assert check.cannot_decide(planned(faulted=Requests(requests=220))) == ""
    assert check.cannot_decide(planned(faulted=Requests(requests=219))) != ""
    until = Until(until="all_good", at_most="90s")
    assert Slo(name="latency_p95", window="recovered").cannot_decide(planned(recovered=until)) != ""


@pytest.mark.parametrize(
    ("at_most", "held"), [("$0.00099", "no"), ("$0.001", "yes"), ("$0.01", "yes")]
)
def test_a_cost_for_each_success_is_an_objective_like_another(at_most, held):
    slos = Slos.model_validate({"cost_per_success": {"at_most": at_most}})
    costed = TARGET.model_copy(update={"slos": slos})
    check = Slo(name="cost_per_success")
    finding = check.judge(seen(target=costed))
    assert finding.held == held
    assert f"(at most {at_most}): 600 of 600 good answers passed" in finding.reason
    assert check.cannot_decide(planned(target=costed)) == ""
    unpriced = costed.model_copy(update={"prices": {}})
    assert check.judge(seen(target=unpriced)).held is Held.UNKNOWN
    assert check.cannot_decide(planned(target=unpriced)) == "the target file has no `prices:`"


@pytest.mark.parametrize(
    ("slos", "said"),
    [
        ({"cost_per_success": {"at_most": "2s"}}, r"takes at_most: \$0.002"),
        ({"latency_p95": {"at_most": "$2"}}, r"takes at_most: \$0.002, and it alone"),
        ({"cost_per_success": {"at_least": 0.9}}, "a time takes at_most"),
        ({"cost_per_success": {"at_most": "$"}}, "expected US dollars such as"),
    ],
)
def test_money_belongs_to_the_cost_alone(slos, said):
    with pytest.raises(ValidationError, match=said):
        Slos.model_validate(slos)


def test_a_window_that_the_drill_does_not_have_is_told():
    check = Slo.model_validate({"name": "availability", "window": "peak"})
    assert check.cannot_decide(planned()) == "this drill has no window peak"
