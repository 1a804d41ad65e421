"""What a request really took, and how far a report is from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.load.truth import Freeze, Served, errors, of_freeze, of_schedule, quantiles

RATE = 200
COUNT = 2_400


def frozen_server(freeze, starts_s, rate=RATE, count=COUNT):
    """The log of a server that answers at once, but for a freeze, to a client on time."""
    served = {}
    for place in range(count):
        due_s = place / rate
        waits = freeze.begins_s <= due_s < freeze.ends_s
        now_s = starts_s + (freeze.ends_s if waits else due_s)
        served[place] = Served(str(place), read_s=now_s, answered_s=now_s)
    return served


@given(begins_s=st.floats(0.1, 8), lasts_s=st.floats(0.01, 3), starts_s=st.floats(0, 1e6))
def test_a_servers_log_and_the_freeze_alone_tell_the_same(begins_s, lasts_s, starts_s):
    freeze = Freeze(begins_s, begins_s + lasts_s)
    by_place = of_schedule(frozen_server(freeze, starts_s, rate=20, count=240), 20)
    met = of_freeze(freeze, 20, 240)
    assert max(abs(by_place[place] - met[place]) for place in range(240)) < 1e-3


def test_a_freeze_of_a_second_at_200_a_second():
    """A twelfth of the requests wait, evenly up to a second: the last 5 % 400 ms, 1 % 880."""
    found = quantiles(of_freeze(Freeze(5.0, 6.0), RATE, COUNT))
    assert found == pytest.approx({"p50": 0.0, "p95": 405.0, "p99": 885.0}, abs=5.1)


def test_a_client_that_begins_late_has_only_begun_late():
    early = of_schedule(frozen_server(Freeze(5, 6), starts_s=10.0), RATE)
    late = of_schedule(frozen_server(Freeze(5, 6), starts_s=13.0), RATE)
    assert early == pytest.approx(late, abs=1e-6)


def test_who_sends_one_request_late_has_made_a_user_wait():
    served = frozen_server(Freeze(0, 0), starts_s=0.0, count=100)
    served[50] = Served("50", read_s=50 / RATE + 0.3, answered_s=50 / RATE + 0.3)
    latencies_ms = of_schedule(served, RATE)
    assert latencies_ms[50] == pytest.approx(300)
    assert latencies_ms[49] == latencies_ms[51] == pytest.approx(0, abs=1e-6)


def test_the_truth_of_what_was_not_served_is_not_made_up():
    served = frozen_server(Freeze(0, 0), starts_s=0.0, count=100)
    del served[7]
    assert 7 not in of_schedule(served, RATE)


def test_a_report_that_tells_the_truth_is_not_off():
    truth = {"p50": 0.2, "p95": 400.0, "p99": 880.0}
    assert errors(truth, truth) == {"p50_error_ms": 0.0, "p95_error": 0.0, "p99_error": 0.0}


def test_too_little_is_below_nothing_and_too_much_above():
    truth = {"p50": 0.0, "p95": 400.0, "p99": 880.0}
    found = errors({"p50": 3.0, "p95": 500.0, "p99": 22.0}, truth)
    assert found == pytest.approx({"p50_error_ms": 3.0, "p95_error": 0.25, "p99_error": -0.975})
