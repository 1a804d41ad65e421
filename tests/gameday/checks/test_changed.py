"""The check `changed`: noticed in time, too late, not at all, and nobody can tell."""

import random
from dataclasses import replace

import pytest
from pydantic import ValidationError

from gameday.checks.changed import Changed
from gameday.domain.betting import answers_to_alarm
from gameday.domain.drill import UntilDetected
from gameday.domain.reference import Reference
from gameday.domain.sketch import sketch_of
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    baseline,
    faulted,
    planned,
    seen,
    without,
)
from tests.gameday.domain.test_reference import ABOUT

CHECK = Changed(within_requests=120)
OLD = ("It takes 14 days.", "A refund takes two weeks.", "Within 14 days.", "Two weeks it takes.")
NEW = ("I cannot say.", "That depends.", "Ask our team.")


def says(texts, seed=1, **fields):
    draw = random.Random(seed)
    drawn = [sketch_of(draw.choice(texts)) for _ in range(2_000)]
    return lambda i: BY_PRIMARY | {"sketch": drawn[i]} | fields


def run(texts, n=600, **fields):
    return seen(baseline(says(OLD)), faulted(says(texts, seed=2, **fields), n=n))


def test_noticed_in_time():
    finding = CHECK.judge(run(NEW))
    assert finding.held is Held.YES
    assert finding.reason.startswith("the answers are no longer those of before: evidence ")
    assert "at most a 1 % chance of a false alarm, " in finding.reason
    assert finding.reason.endswith(" s (objective 120 requests)")


def test_not_noticed_where_nothing_changed():
    finding = CHECK.judge(run(OLD))
    assert finding.held is Held.NO
    assert finding.reason.startswith("not noticed (objective 120 requests): evidence ")
    assert "an alarm is 100 to 1" in finding.reason


def noticed_after():
    return int(CHECK.judge(run(NEW)).reason.split(" after ")[1].split(" requests")[0])


@pytest.mark.parametrize(("more", "held"), [(0, "yes"), (-1, "no")])
def test_both_sides_of_the_requests(more, held):
    finding = Changed(within_requests=noticed_after() + more).judge(run(NEW))
    assert finding.held == held
    assert ("too late" in finding.reason) is (held == "no")


@pytest.mark.parametrize(("more_s", "held"), [(0.01, "yes"), (-0.01, "no")])
def test_both_sides_of_the_time(more_s, held):
    reason = Changed(within="6s").judge(run(NEW)).reason
    after_s = float(reason.rsplit(" s (objective", 1)[0].rsplit(" ", 1)[1])
    # The figure is rounded to a tenth of a second; the answer ended 0.2 s after it was asked for.
    exact_s = (noticed_after() - 1) / 20 + 0.2
    assert after_s == pytest.approx(exact_s, abs=0.051)
    assert Changed(within=f"{exact_s + more_s:.3f}s").judge(run(NEW)).held == held


def test_a_cache_that_repeats_earlier_answers_is_named():
    once = says(("Only this was ever said.",))
    finding = CHECK.judge(seen(baseline(once), faulted(once)))
    assert finding.held is Held.NO
    assert finding.reason.endswith(
        "; 100% of the answers begin word for word like earlier ones, and 100% of the baseline's "
        "did: a response cache hides a change"
    )


def test_answers_that_differ_by_nature_are_no_cache():
    every = tuple(f"{n} is said by nobody else" for n in range(500))
    finding = CHECK.judge(seen(baseline(says(every)), faulted(says(every, seed=2))))
    assert "cache" not in finding.reason


def test_failures_are_no_change():
    finding = CHECK.judge(seen(baseline(says(OLD)), faulted(lambda _: FAILED)))
    assert finding.held is Held.UNKNOWN
    assert "after 0 answers" in finding.reason


@pytest.mark.parametrize("unsketched", ["baseline", "faulted"])
def test_without_sketches_nobody_can_tell(unsketched):
    made = {"baseline": baseline(says(OLD)), "faulted": faulted(says(NEW))}
    make = {"baseline": baseline, "faulted": faulted}[unsketched]
    made[unsketched] = make(says(OLD, sketch=""))
    assert CHECK.judge(seen(*made.values())).held is Held.UNKNOWN


@pytest.mark.parametrize(("n", "held"), [(119, Held.UNKNOWN), (120, Held.NO)])
def test_a_window_that_ended_before_the_objective_cannot_say_no(n, held):
    assert CHECK.judge(run(OLD, n=n)).held is held


def test_a_control_group_that_changed_too_blames_no_fault():
    both = {
        "baseline": baseline(says(OLD, group="control")),
        "faulted": faulted(says(NEW, group="control")),
    }
    finding = CHECK.judge(seen(baseline(says(OLD)), faulted(says(NEW)), control=both))
    assert finding.held is Held.UNKNOWN
    assert finding.reason.startswith("the answers of the control group, which no fault touched")
    calm = both | {"faulted": faulted(says(OLD, seed=3, group="control"))}
    assert CHECK.judge(seen(baseline(says(OLD)), faulted(says(NEW)), control=calm)).held == "yes"


@pytest.mark.parametrize("name", ["baseline", "faulted"])
def test_unknown_without_a_window(name):
    assert CHECK.judge(without(seen(), name)).held is Held.UNKNOWN


@pytest.mark.parametrize("bounds", [{}, {"within_requests": 9, "within": "2s"}])
def test_one_bound_is_wanted(bounds):
    with pytest.raises(ValidationError, match="exactly one of within_requests and within"):
        Changed(**bounds)


def test_the_plan_needs_an_unused_recorded_answer_for_each_new_one():
    """120 requests over 120 cases are one new answer a case: two recorded ones each."""
    assert CHECK.cannot_decide(planned(baseline=13.0, faulted=7.0)) == ""
    assert CHECK.cannot_decide(planned(baseline=12.9)).startswith(
        "each answer is compared with an unused one of the baseline, 2 to each of 120 cases, "
        "which needs 240 requests"
    )
    more = Changed(within="12.5s")  # 250 requests: three new answers a case
    assert "4 to each of 120 cases" in more.cannot_decide(planned(baseline=20.0))


def test_the_plan_needs_the_requests_that_are_to_be_looked_at():
    assert CHECK.cannot_decide(planned(faulted=6.9)).startswith(
        "to look at 120 requests needs 120 requests beside those in flight"
    )


def test_a_window_that_lasts_until_it_is_noticed_has_them_while_it_is_not():
    until = UntilDetected(until="detected", at_most="7s")
    assert CHECK.cannot_decide(planned(baseline=13.0, faulted=until)) == ""
    shorter = UntilDetected(until="detected", at_most="6.9s")
    assert "the faulted window has 138 requests" in CHECK.cannot_decide(planned(faulted=shorter))


def test_each_user_uses_the_record_by_itself():
    """1,200 requests over 120 cases are ten new answers a case, and two of each of five users."""
    within = {"within_requests": 1200}
    assert "needs" in Changed(**within).cannot_decide(planned(baseline=30.0))
    alone = Changed(**within, sticky_by="user")
    assert "needs" in alone.cannot_decide(planned(baseline=30.0))  # a load without users
    five = replace(planned(baseline=30.0), users=5)
    assert alone.cannot_decide(five) == ""
    assert "3 to each of 120 cases" in alone.cannot_decide(replace(planned(baseline=10.0), users=5))


def test_the_plan_refuses_an_objective_in_which_nothing_can_be_noticed():
    needed = answers_to_alarm(0.01)
    assert Changed(within_requests=needed).cannot_decide(planned()) == ""
    assert Changed(within_requests=needed - 1).cannot_decide(planned()) == (
        f"{needed - 1} requests are too few to notice any change: {needed} are needed at alpha 0.01"
    )


def test_it_asks_for_sketches():
    assert CHECK.sketch_pieces() == 10


def test_a_secondary_that_words_it_differently_is_a_change():
    assert CHECK.judge(seen(faulted(lambda _: BY_SECONDARY))).held is Held.YES


def test_a_recorded_reference_is_compared_with_instead_of_the_baseline():
    check = Changed(within_requests=120, reference="recorded")
    recorded = Reference.of(baseline(says(OLD)).samples, ABOUT)
    both_new = (baseline(says(NEW, seed=4)), faulted(says(NEW)))
    assert check.judge(seen(*both_new, reference=recorded)).held is Held.YES
    assert CHECK.judge(seen(*both_new, reference=recorded)).held is Held.NO
    as_recorded = (baseline(says(NEW, seed=4)), faulted(says(OLD, seed=5)))
    assert check.judge(seen(*as_recorded, reference=recorded)).held is Held.NO
    nothing = check.judge(seen(*both_new))
    assert nothing.held is Held.UNKNOWN
    assert nothing.reason == "the run has no recorded reference to compare with"


def test_the_plan_needs_no_long_baseline_for_a_recorded_reference():
    check = Changed(within_requests=120, reference="recorded")
    assert check.cannot_decide(planned(baseline=1.0)) == ""
