"""What a client tells of a rate is held against it once the client is warm."""

import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench import cores
from bench.cores import Cores
from bench.load.bench import QUICK, Bench
from bench.load.clients.gameday import Gameday, Report
from bench.load.running import ClientFailedError, Command
from bench.load.scenarios.rates import _told, _trial
from gameday.domain.sample import Outcome, Sample
from gameday.domain.samples import Samples

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RATE = 100


def sample(seq, latency_ms, outcome=Outcome.OK):
    return Sample(
        seq=seq,
        case="one",
        intended_at=NOW,
        finished_at=NOW,
        send_lag_ms=0.25,
        latency_ms=latency_ms,
        outcome=outcome,
    )


@pytest.fixture
def told(tmp_path):
    """What is made of the samples of a load that was warm after half a second."""

    def of(samples, scheduled=200):
        class Reporting(Gameday):
            def report(self, *_):
                return Report(scheduled, Samples.of(samples))

        bench = Bench(
            sizes=replace(QUICK, warm_s=0.5),
            where=Cores(frozenset(), frozenset()),
            folder=tmp_path,
            peers=(),
            has_nginx=False,
            say=print,
            gameday=Reporting(),
        )
        return _told(bench, bench.gameday, RATE, tmp_path, "")

    return of


def test_its_start_does_not_count(told):
    cold = [sample(seq, 90.0) for seq in range(50)]
    assert told([*cold, *(sample(seq, 2.0) for seq in range(50, 200))]) == (2.0, 0.25)


def test_two_late_ones_in_a_hundred_count(told):
    late = [sample(seq, 90.0 if seq % 50 == 0 else 2.0) for seq in range(200)]
    assert told(late)[0] == 90.0


def test_a_request_that_is_missing_or_not_answered_is_no_honest_rate(told):
    all_but_one = [sample(seq, 2.0) for seq in range(199)]
    assert told(all_but_one)[0] == float("inf")
    assert told([*all_but_one, sample(199, 2.0, Outcome.UNSENT)])[0] == float("inf")
    assert told([*all_but_one, sample(198, 2.0)])[0] == float("inf"), "one twice, another never"


GIVES_UP = "import time; time.sleep(1); raise SystemExit('too many open files')"


class Busy:
    """A server that is always asked something."""

    port = 1

    def __init__(self):
        self._count = 0

    def requests(self):
        self._count += 1
        return self._count


class GivesUp:
    name = "peer"
    keeps_rates = True

    def paced(self, port, rate_per_s, lasts_s, folder):
        return Command(self.name, [sys.executable, "-c", GIVES_UP])


class GameDayGivesUp(GivesUp, Gameday):
    name = "gameday"


@pytest.fixture
def heard():
    return []


@pytest.fixture
def bench(tmp_path, heard):
    return Bench(
        sizes=replace(QUICK, warm_s=0.05, window_s=0.1),
        where=cores.choose(),
        folder=tmp_path,
        peers=(),
        has_nginx=False,
        say=heard.append,
        gameday=Gameday(),
    )


def test_a_peer_that_gives_up_under_a_rate_has_not_kept_it(bench, heard):
    assert _trial(bench, Busy(), GivesUp(), 6_000) is None
    assert heard == ["  peer 6,000/s: peer failed: too many open files, not kept"]


def test_the_generator_may_not_give_up(bench):
    with pytest.raises(ClientFailedError, match="too many open files"):
        _trial(bench, Busy(), GameDayGivesUp(), 6_000)
