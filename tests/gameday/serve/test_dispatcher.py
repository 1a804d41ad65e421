"""Each alert starts at most one run, whatever is told twice, out of order, or dies in between."""

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.errors import FileError, StartError
from gameday.domain.sender import Occurrence
from gameday.domain.serving import Serving
from gameday.serve.dispatcher import Dispatcher
from gameday.serve.inbox import Arrival, Inbox
from tests.gameday.serve.told import AT, ago

ALERTS = ("one", "two", "three")


def serving(**settings):
    """An entry for each alert, so that none is kept back for another's sake."""
    entries = [
        {"when": {"alertname": alert}, "drill": f"drill-{alert}", "environment": "lab", **settings}
        for alert in ALERTS
    ]
    senders = {"a": {"kind": "alertmanager", "secret": "env:X"}}
    return Serving.model_validate({"serve": "team", "senders": senders, "start": entries})


class Runs:
    """Whoever runs drills, as far as a dispatcher can tell."""

    def __init__(self):
        self.started = {}  # by id: the drill
        self.starts = 0
        self.ended = []
        self.away = ""
        self.answer_is_lost = False
        self.cannot = ""
        self.asked_by = "alert:team/a"

    async def known(self, run_id):
        self._reach()
        return run_id in self.started

    async def start(self, trigger, run_id, asked_by):
        self._reach()
        assert asked_by == self.asked_by
        if self.cannot:
            raise FileError(self.cannot)
        if run_id not in self.started:
            self.starts += 1
            self.started[run_id] = trigger.drill
        if self.answer_is_lost:
            raise StartError("no answer")

    async def end(self, run_id, asked_by):
        self._reach()
        self.ended.append(run_id)
        return "told to end"

    def _reach(self):
        if self.away:
            raise StartError(self.away)


class Bench:
    """An inbox, a dispatcher over it, and a clock that the test moves."""

    def __init__(self, folder, made=None):
        self.inbox = Inbox(Path(folder) / "inbox.db")
        self.runs = Runs()
        self.said = []
        self.at = AT
        self.serving = made or serving()
        self.restart()

    def restart(self):
        self.dispatcher = Dispatcher(
            self.serving, self.inbox, self.runs, self.said.append, lambda: self.at
        )

    def tell(self, name, *, firing=True, began_at=AT, key=None):
        told = Occurrence(
            key=key or name, firing=firing, began_at=began_at, labels={"alertname": name}
        )
        self.inbox.keep([Arrival("a", told, self.at)])

    @property
    def outcomes(self):
        return [one.outcome for one in self.inbox.last(99)]


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.inbox.close()


async def test_an_alert_starts_its_drill_once(bench):
    for _ in range(3):
        bench.tell("one")
        assert await bench.dispatcher.drain()
    assert list(bench.runs.started.values()) == ["drill-one"]
    (run_id,) = bench.runs.started
    assert bench.outcomes == [f"started drill-one in lab as run {run_id}"]
    assert bench.said == [f"a  firing  one: started drill-one in lab as run {run_id}"]


async def test_what_no_entry_matches_starts_nothing(bench):
    bench.tell("other")
    assert await bench.dispatcher.drain()
    assert bench.outcomes == ["no entry matches it"]
    assert not bench.runs.started


async def test_what_is_over_before_anything_started_starts_nothing(bench):
    bench.tell("one", firing=False)
    assert await bench.dispatcher.drain()
    bench.tell("one")
    assert await bench.dispatcher.drain()
    assert bench.outcomes == [
        "over; nothing was started for it",
        "it was over before anything was started",
    ]
    assert not bench.runs.started


@pytest.mark.parametrize(("late_s", "starts"), [(900, 1), (901, 0)])
async def test_no_drill_comes_late(bench, late_s, starts):
    bench.tell("one", began_at=ago(late_s))
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == starts
    if not starts:
        assert "it began 901 s ago, over start_within of 900 s" in bench.outcomes[0]


@pytest.mark.parametrize(("after_s", "starts"), [(3599, 1), (3600, 2)])
async def test_an_entry_starts_again_only_after_a_while(bench, after_s, starts):
    bench.tell("one", key="first")
    assert await bench.dispatcher.drain()
    bench.at = AT + timedelta(seconds=after_s)
    bench.restart()
    bench.tell("one", key="second", began_at=bench.at)
    bench.tell("two", began_at=bench.at)  # of another entry
    assert await bench.dispatcher.drain()
    assert list(bench.runs.started.values()).count("drill-one") == starts
    assert list(bench.runs.started.values()).count("drill-two") == 1


async def test_a_storm_of_alerts_is_one_drill(bench):
    for number in range(250):
        bench.tell("one", key=str(number))
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1
    assert all(bench.outcomes)


@pytest.mark.parametrize("resolved", ["note", "end"])
async def test_the_end_of_an_alert_is_noted_or_ends_its_run(tmp_path, resolved):
    bench = Bench(tmp_path, serving(resolved=resolved))
    bench.tell("one")
    assert await bench.dispatcher.drain()
    bench.tell("one", firing=False)
    bench.tell("one", firing=False)
    assert await bench.dispatcher.drain()
    (run_id,) = bench.runs.started
    assert bench.runs.ended == ([run_id] if resolved == "end" else [])
    says = "told to end" if resolved == "end" else "goes on by itself"
    assert says in bench.outcomes[1]
    bench.inbox.close()


async def test_a_drill_that_cannot_be_started_is_told_once_and_holds_nobody_up(bench):
    bench.runs.cannot = "drill.yaml:3:1  unknown key 'fault'"
    bench.tell("one")
    assert await bench.dispatcher.drain()
    bench.runs.cannot = ""
    bench.tell("two")
    assert await bench.dispatcher.drain()
    why = "drill.yaml:3:1  unknown key 'fault'"
    assert bench.outcomes[0] == f"drill-one in lab cannot be started: {why}"
    assert list(bench.runs.started.values()) == ["drill-two"]


async def test_what_nobody_can_start_now_waits_and_is_told_once(bench):
    bench.runs.away = "Temporal does not answer"
    bench.tell("one")
    for _ in range(3):
        assert not await bench.dispatcher.drain()
    assert bench.said == ["nothing can be started: Temporal does not answer; what comes is kept"]
    bench.runs.away = ""
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1


async def test_what_waited_too_long_for_temporal_is_not_started(bench):
    bench.runs.away = "Temporal does not answer"
    bench.tell("one")
    assert not await bench.dispatcher.drain()
    bench.runs.away, bench.at = "", AT + timedelta(hours=5)
    assert await bench.dispatcher.drain()
    assert not bench.runs.started
    assert "start_within" in bench.outcomes[0]


async def test_a_start_whose_answer_was_lost_is_known_again_even_late(bench):
    bench.runs.answer_is_lost = True
    bench.tell("one")
    assert not await bench.dispatcher.drain()
    bench.runs.answer_is_lost, bench.at = False, AT + timedelta(hours=5)
    bench.restart()
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1
    assert bench.outcomes[0].startswith("started drill-one in lab as run ")
    assert bench.inbox.last_start("drill-one in lab") is not None


@pytest.mark.parametrize("fails", ["waiting", "intend", "started", "done", "find"])
async def test_a_disk_that_says_no_for_a_while_ends_nothing_and_starts_nothing_twice(
    bench, monkeypatch, fails
):
    def full(*_, **__):
        raise StartError("the disk is full")

    bench.tell("one")
    with monkeypatch.context() as patched:
        patched.setattr(bench.inbox, fails, full)
        assert not await bench.dispatcher.drain()
    assert bench.said[-1] == "nothing can be started: the disk is full; what comes is kept"
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1


async def test_it_goes_on_by_itself_when_something_arrives(bench):
    running = asyncio.create_task(bench.dispatcher.run())
    await asyncio.sleep(0.05)
    bench.tell("one")
    bench.dispatcher.wake()
    for _ in range(500):
        if bench.runs.started:
            break
        await asyncio.sleep(0.02)
    running.cancel()
    assert bench.runs.starts == 1


ACTS = st.one_of(
    st.tuples(st.sampled_from(["firing", "resolved"]), st.sampled_from(ALERTS)),
    st.sampled_from([("drain", ""), ("away", ""), ("lost", ""), ("restart", "")]),
)


@given(st.lists(ACTS, max_size=30))
def test_however_deliveries_come_each_alert_is_at_most_one_run(acts):
    asyncio.run(_delivered(acts))


async def _delivered(acts):
    with TemporaryDirectory() as folder:
        bench = Bench(folder, serving(resolved="end"))
        told = []
        for act, alert in acts:
            if act in {"firing", "resolved"}:
                bench.tell(alert, firing=act == "firing")
                told.append((act, alert))
                continue
            if act == "restart":
                bench.restart()
            bench.runs.away = "away" if act == "away" else ""
            bench.runs.answer_is_lost = act == "lost"
            await bench.dispatcher.drain()
        bench.runs.away, bench.runs.answer_is_lost = "", False
        assert await bench.dispatcher.drain()
        _hold(bench, told)
        bench.inbox.close()


def _hold(bench, told):
    started = list(bench.runs.started.values())
    assert bench.runs.starts == len(started) == len(set(started))
    for alert in ALERTS:
        ran = f"drill-{alert}" in started
        begun, over = ("firing", alert) in told, ("resolved", alert) in told
        if not begun or (over and told.index(("resolved", alert)) < told.index(("firing", alert))):
            assert not ran
        elif not over:
            assert ran
    over = {alert for act, alert in told if act == "resolved"}
    must_end = [one for one, drill in bench.runs.started.items() if drill[6:] in over]
    assert sorted(set(bench.runs.ended)) == sorted(must_end)
    assert all(bench.outcomes)
