"""Each abort condition, from both sides of its bound and of its time."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.abort import AbortCondition
from gameday.domain.sample import Outcome, Sample
from gameday.probes.guards import Guards

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def sample(seq, at_s, *, good=True, **fields):
    usual = {
        "case": "c",
        "intended_at": at(at_s),
        "finished_at": at(at_s),
        "send_lag_ms": 0.0,
        "latency_ms": 100.0,
        "ttft_ms": 50.0,
        "outcome": Outcome.OK if good else Outcome.TIMEOUT,
        "served_by": "primary" if good else None,
        "quality": 1.0 if good else None,
        "passed": True if good else None,
        "cost_usd": 0.001,
    }
    return Sample(seq=seq, **{**usual, **fields})


def second_of(second, make, per_s=10):
    """The requests of one second, spread over it; `make` says what is special about each."""
    return [sample(per_s * second + i, second + i / per_s, **make(i)) for i in range(per_s)]


def looks(condition, seconds, *, floor=START):
    """What each look says, one at the end of every second of requests."""
    guards = Guards([AbortCondition.model_validate(condition)], floor)
    said = []
    for second, requests in enumerate(seconds):
        guards.take(requests)
        tripped = guards.tripped(at(second + 0.95))
        said.append(tripped.sentence if tripped else "")
    return said


def lasting(condition, make, count=5):
    return looks(condition, [second_of(second, make) for second in range(count)])


def bad(share):
    return lambda i: {"good": i >= share * 10}


ERRORS = {"metric": "error_rate", "above": 0.5, "for": "3s"}


def test_a_guard_trips_after_its_time_and_says_the_numbers():
    said = lasting(ERRORS, bad(0.8))
    assert said[:3] == ["", "", ""]
    assert said[3] == "error_rate was 0.8, over 0.5, for 3 s (last 10 requests)"


def test_it_says_which_condition_it_was():
    guards = Guards([AbortCondition.model_validate({"no_data": "2s"})], START)
    assert guards.tripped(at(3)).guard == "no_data for 2 s"


def test_one_good_second_starts_a_guards_time_anew():
    seconds = [second_of(n, bad(share)) for n, share in enumerate([0.8, 0.8, 0, 0.8, 0.8, 0.8])]
    assert not any(looks(ERRORS, seconds))


def served(*, by_secondary):
    return lambda i: {"served_by": "secondary" if i < by_secondary else "primary"}


SHARE = {"metric": "served_share", "of": "secondary", "for": "2s"}
# condition, what trips it, what lies on its bound
SIDES = [
    ({"metric": "error_rate", "above": 0.5, "for": "2s"}, bad(0.6), bad(0.5)),
    (
        {"metric": "latency_ms_p95", "above": 200, "for": "2s"},
        lambda _: {"latency_ms": 201.0},
        lambda _: {"latency_ms": 200.0},
    ),
    (
        {"metric": "ttft_ms_p95", "above": 80, "for": "2s"},
        lambda _: {"ttft_ms": 81.0},
        lambda _: {"ttft_ms": 80.0},
    ),
    (
        {"metric": "quality", "below": 0.75, "for": "2s"},
        lambda _: {"quality": 0.74},
        lambda _: {"quality": 0.75},
    ),
    ({"metric": "quality", "below": 0.75, "for": "2s"}, bad(0.3), bad(0.2)),
    (
        {"metric": "cost_per_success_usd", "above": 0.0019, "for": "2s"},
        bad(0.5),
        bad(0.4),
    ),
    (SHARE | {"below": 0.5}, served(by_secondary=4), served(by_secondary=5)),
    (SHARE | {"above": 0.5}, served(by_secondary=6), served(by_secondary=5)),
    (
        {"metric": "sent_per_s", "below": 9, "for": "2s"},
        lambda i: {"outcome": Outcome.UNSENT if i < 2 else Outcome.OK},
        lambda i: {"outcome": Outcome.UNSENT if i < 1 else Outcome.OK},
    ),
    (
        {"metric": "cost_usd", "above": 0.05},
        lambda _: {"cost_usd": 0.00101},
        lambda _: {"cost_usd": 0.001},
    ),
]


@pytest.mark.parametrize(
    ("condition", "beyond", "within"), SIDES, ids=[str(condition) for condition, *_ in SIDES]
)
def test_beyond_its_bound_it_trips_and_on_it_it_does_not(condition, beyond, within):
    said = lasting(condition, beyond)
    assert said[-1]
    assert any(character.isdigit() for character in said[-1])
    assert said[0] == ""
    assert not any(lasting(condition, within))


def test_a_rate_is_counted_as_requests_end_and_needs_its_whole_time():
    said = lasting({"metric": "sent_per_s", "above": 9, "for": "2s"}, lambda _: {}, count=4)
    assert said[:2] == ["", ""]
    assert said[2] == "20 requests ended in 2 s, 10/s, over 9/s"


def test_money_counts_from_the_first_request_of_the_run():
    before = second_of(0, lambda _: {"cost_usd": 0.1})
    budget = {"metric": "cost_usd", "above": 1.0}
    said = looks(budget, [before, second_of(1, lambda _: {})], floor=at(1))
    assert said == ["", "the run has cost $1.01, over $1"]


@pytest.mark.parametrize(("silent_s", "trips"), [(1.9, False), (2.0, True), (2.1, True)])
def test_silence_is_counted_from_the_last_request_that_ended(silent_s, trips):
    guards = Guards([AbortCondition.model_validate({"no_data": "2s"})], START)
    guards.take([sample(0, 5.0)])
    tripped = guards.tripped(at(5.0 + silent_s))
    assert bool(tripped) is trips
    if trips:
        assert tripped.sentence == f"no request ended for {silent_s:.1f} s (no_data 2 s)"


def test_a_load_that_never_says_anything_is_silent_from_the_floor_on():
    guards = Guards([AbortCondition.model_validate({"no_data": "2s"})], START)
    assert guards.tripped(at(1.9)) is None
    assert guards.tripped(at(2.0)) is not None


def test_too_few_answers_neither_trip_nor_calm_a_guard():
    guards = Guards([AbortCondition.model_validate(ERRORS)], START)
    few = [sample(i, 0.1 * i, good=False) for i in range(4)]
    guards.take(few)
    assert guards.tripped(at(3.9)) is None
    seconds = [second_of(0, bad(0.8)), second_of(1, bad(0.8)), [], [], [], second_of(5, bad(0.9))]
    said = looks(ERRORS, seconds)
    assert said[5] != ""


def test_a_slow_load_is_judged_over_the_guards_whole_time():
    slow = {"metric": "error_rate", "above": 0.5, "for": "10s"}
    seconds = [[sample(n, n, good=False)] for n in range(30)]
    said = looks(slow, seconds)
    assert next(n for n, one in enumerate(said) if one) == 14  # five requests, then ten seconds
    assert not any(looks(slow, [[sample(n, n, good=n % 2 == 0)] for n in range(30)]))


def test_no_good_answer_gives_no_cost_of_one():
    costly = {"metric": "cost_per_success_usd", "above": 0.0001, "for": "1s"}
    assert not any(lasting(costly, bad(1.0)))


def test_a_client_that_left_is_in_no_figure_but_the_rate():
    gone = {"outcome": Outcome.LEFT, "quality": None, "served_by": None}
    leaving = [second_of(n, lambda i: gone if i < 4 else {}) for n in range(5)]
    assert not any(looks({"metric": "error_rate", "above": 0.0, "for": "1s"}, leaving))
    assert not any(looks({"metric": "sent_per_s", "below": 10, "for": "1s"}, leaving))


def test_what_is_kept_does_not_grow_with_the_window():
    guards = Guards([AbortCondition.model_validate(ERRORS)], START)
    for second in range(100):
        guards.take(second_of(second, lambda _: {}, per_s=50))
        guards.tripped(at(second + 0.99))
    assert len(guards._recent) <= 4 * 50


def test_the_control_group_costs_money_and_is_in_no_other_figure():
    control = [sample(n, 0.1, good=False).changed(group="control", cost_usd=1.0) for n in range(20)]
    guards = Guards([AbortCondition.model_validate(ERRORS)], START)
    for second in range(10):
        guards.take([one.changed(finished_at=at(second)) for one in control])
        assert guards.tripped(at(second + 0.9)) is None
    spent = Guards([AbortCondition.model_validate({"metric": "cost_usd", "above": 10})], START)
    spent.take(control)
    assert spent.tripped(at(1)) is not None


def test_an_answer_that_was_not_scored_counts_neither_way():
    low = {"metric": "quality", "below": 0.75, "for": "2s"}
    dear = {"metric": "cost_per_success_usd", "above": 0.0019, "for": "2s"}
    unscored = {"quality": None, "passed": None, "cost_usd": 1.0}
    assert not any(lasting(low, lambda _: unscored))
    assert not any(lasting(dear, lambda _: unscored))
    assert lasting(dear, lambda _: {"cost_usd": 1.0})[-1]
