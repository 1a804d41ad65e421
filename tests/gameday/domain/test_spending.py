"""What requests cost: retries, cut streams and late answers included, between honest bounds."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.gate import Call
from gameday.domain.price import Price
from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.spending import Bounds, Ledger
from gameday.domain.window import Window

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
# 100 tokens in and 10 out cost $0.0003 at the one and $0.0006 at the other.
PRICES = {
    "heron": Price(input_usd_per_mtok=1, output_usd_per_mtok=20),
    "marlin": Price(input_usd_per_mtok=2, output_usd_per_mtok=40),
}
BY = {"primary": ("heron", 0.0003), "secondary": ("marlin", 0.0006)}
IN = {"primary": 0.0001, "secondary": 0.0002}


def tried(provider, outcome=Outcome.OK):
    return Attempt(provider=provider, outcome=outcome, elapsed_ms=1.0)


def answered(seq, provider="primary", before=(), **fields):
    """A good answer by `provider`, after other attempts."""
    model, cost_usd = BY[provider]
    usual = {
        "served_by": provider,
        "model": model,
        "attempts": (*before, tried(provider)),
        "tokens_in": 100,
        "tokens_out": 10,
        "cost_usd": cost_usd,
        "passed": True,
    }
    return made(seq, Outcome.OK, **{**usual, **fields})


def made(seq, outcome, **fields):
    at = START + timedelta(seconds=seq)
    usual = {"case": "a", "send_lag_ms": 0.0, "latency_ms": 100.0, "request_id": f"r{seq}"}
    whole = {**usual, **fields}
    return Sample(seq=seq, intended_at=at, finished_at=at, outcome=outcome, **whole)


def ledger(samples, calls=None, *elsewhere):
    """The books of one window, and of another in which each provider has answered once."""
    known = [answered(900), answered(901, "secondary"), *elsewhere]
    windows = {
        "baseline": Window("baseline", START, START, tuple(known)),
        "faulted": Window("faulted", START, START, tuple(samples)),
    }
    return Ledger(windows, PRICES, calls or {})


def spent(samples, calls=None):
    return ledger(samples, calls).of("faulted")


def close(bounds, least, most):
    return bounds == (pytest.approx(least), most if most == inf else pytest.approx(most))


def test_answers_cost_what_their_usage_says():
    found = spent([answered(1), answered(2, "secondary"), answered(3, passed=False)])
    assert close(found.usd, 0.0012, 0.0012)
    assert found.wasted == (0.0, 0.0)
    assert (found.good, found.passed, found.undecided) == (3, 2, 0)
    assert close(found.per_success, 0.0006, 0.0006)


@pytest.mark.parametrize(
    ("outcome", "least", "most"),
    [
        (Outcome.REFUSED, 0.0, 0.0),
        (Outcome.HTTP_ERROR, 0.0, 0.0),
        (Outcome.TIMEOUT, 0.0, 0.0003),
        (Outcome.RESET, 0.0, 0.0003),
        (Outcome.MALFORMED, 0.0, 0.0003),
        (Outcome.CUT, 0.0001, 0.0003),
        (Outcome.OK, 0.0003, 0.0003),  # a whole answer, and then another one was asked for
    ],
)
def test_a_retry_costs_what_the_attempt_before_it_cost(outcome, least, most):
    found = spent([answered(1, "secondary", before=(tried("primary", outcome),))])
    assert close(found.wasted, least, most)
    assert close(found.usd, 0.0006 + least, 0.0006 + most)


def test_a_request_without_an_answer_costs_all_its_attempts():
    failed = made(
        1,
        Outcome.CUT,
        attempts=(tried("primary", Outcome.HTTP_ERROR), tried("secondary", Outcome.CUT)),
    )
    found = spent([failed, answered(2)])
    assert close(found.usd, 0.0003 + 0.0002, 0.0003 + 0.0006)
    assert close(found.per_success, 0.0005, 0.0009)


def test_the_gates_calls_count_retries_that_nobody_tells_of():
    """The header tells of one attempt; the gate saw three, two of them whole."""
    silent = answered(1, attempts=())
    at = {"started_at": START, "request_id": "r1", "provider": "p"}
    calls = {
        "primary": (
            Call(**at, status=200, whole=True),
            Call(**at, status=500),
            Call(**at, status=200, whole=True),
        ),
        "secondary": (Call(**at, status=200, whole=False), Call(**at)),
    }
    found = spent([silent], calls)
    assert close(found.wasted, 0.0003 + 0.0002, 0.0003 + 0.0006 + 0.0006)
    assert found.attempts_told


def test_others_calls_are_not_the_drills():
    calls = {
        "primary": (
            Call(provider="p", started_at=START, request_id="r1", status=200, whole=True),
            Call(provider="p", started_at=START, request_id="x", status=200, whole=True),
        )
    }
    assert spent([answered(1)], calls).wasted == (0.0, 0.0)


def test_where_nobody_tells_of_attempts_the_cost_is_a_lower_bound():
    assert spent([answered(1)]).attempts_told
    assert not spent([answered(1, attempts=())]).attempts_told


def test_a_provider_that_never_answered_costs_nobody_knows_what():
    before = (tried("third", Outcome.CUT),)
    found = spent([answered(1, before=before)])
    assert close(found.usd, 0.0003, inf)
    assert found.unseen == {"third"}
    refused = spent([answered(1, before=(tried("third", Outcome.REFUSED),))])
    assert refused.unseen == frozenset()
    assert close(refused.usd, 0.0003, 0.0003)


def test_an_answer_without_a_price_is_named():
    found = spent([answered(1, model="petrel", cost_usd=0.0), answered(2, model=None)])
    assert found.unpriced == {"petrel", "an unnamed model"}


def test_answers_that_may_have_passed_widen_the_cost_of_each():
    found = spent([answered(1), answered(2, passed=None), answered(3, passed=False)])
    assert close(found.per_success, 0.00045, 0.0009)
    assert close(spent([answered(1, passed=None)]).per_success, 0.0003, inf)
    assert spent([answered(1, passed=False)]).per_success is None


def test_costs_are_told_by_label():
    samples = [
        answered(1, feature="search", tenant="acme"),
        answered(2, "secondary", feature="search"),
        answered(3, feature="chat", before=(tried("secondary"),)),
        made(4, Outcome.REFUSED, feature="chat", attempts=(tried("primary", Outcome.REFUSED),)),
    ]
    books = ledger(samples)
    by_feature = books.by_label("feature", "faulted")
    assert list(by_feature) == ["chat", "search"]
    assert close(by_feature["search"].usd, 0.0009, 0.0009)
    assert close(by_feature["chat"].usd, 0.0009, 0.0009)
    assert (by_feature["chat"].good, by_feature["chat"].passed) == (1, 1)
    assert set(books.by_label("tenant", "faulted")) == {"", "acme"}


providers = st.sampled_from(["primary", "secondary"])
attempts = st.builds(tried, providers, st.sampled_from(list(Outcome)[:6]))
FREE = {Outcome.REFUSED, Outcome.HTTP_ERROR}


@given(st.lists(st.tuples(st.lists(attempts, max_size=3), st.none() | providers), min_size=1))
def test_the_sums_are_those_of_every_attempt_by_itself(requests):
    samples, least, most = [], 0.0, 0.0
    for seq, (before, provider) in enumerate(requests):
        if provider is None:
            samples.append(made(seq, Outcome.RESET, attempts=tuple(before)))
        else:
            samples.append(answered(seq, provider, before=tuple(before)))
            least += BY[provider][1]
            most += BY[provider][1]
        for attempt in before:
            whole, read = BY[attempt.provider][1], IN[attempt.provider]
            if attempt.outcome not in FREE:
                most += whole
                least += {Outcome.OK: whole, Outcome.CUT: read}.get(attempt.outcome, 0.0)
    assert close(spent(samples).usd, least, most)


def test_bounds_add_up_and_nothing_times_the_unknown_is_nothing():
    assert Bounds(1, 2).plus(Bounds(3, inf)) == (4, inf)
    assert Bounds(1, inf).times(0) == (0, 0)
    assert Bounds(1, 2).times(3) == (3, 6)
